"""A chain's Greeks are derived from each stored contract and its header, in every format."""

import csv
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from chain_api import schemas
from chain_api.calculations import leg_greeks
from chain_api.parameters.columns import CHAIN_COLUMNS, COLUMNS, GREEK_COLUMNS
from chain_fetch.nse.body_parser import parse
from local.mongod import Mongod
from local.nse_simulator.market import SimulatedMarket
from optionchain.analytics import IvChoice, buildup, greeks, price_now, terms_in
from optionchain.mongo.snapshot_writer import SnapshotWriter
from tests.support.api import CHAIN, client, commit, read
from tests.support.bodies import Json
from tests.support.commands import Watched, watched
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import TICK

BEFORE = TICK - timedelta(hours=2)
AT_BEFORE = {"as_of": "13:02:30"}
GREEKS = ("delta", "gamma", "theta", "vega", "rho")
LEGS, WITHIN = 206, 1.0  # milliseconds


@pytest.fixture(scope="module")
def parts(mongod: Mongod) -> Iterator[Watched]:
    """Whole chains of two expiries at two moments, as the simulated market has them."""
    with watched(mongod, "chain_greeks") as (database, commands):
        market = SimulatedMarket(clock=lambda: TICK)
        for tick in (BEFORE, TICK):
            for expiry in market.expiries("NIFTY", tick)[:2]:
                body = orjson.dumps(market.chain("NIFTY", expiry, tick))
                commit(database, parse(body, "NIFTY", tick), rate=5.5)
        yield database, commands


@pytest.fixture(scope="module")
def database(parts: Watched) -> AnyDatabase:
    return parts[0]


@pytest.fixture(scope="module")
def api(database: AnyDatabase) -> TestClient:
    return client(database)


def ask(api: TestClient, **query: object) -> Json:
    return read(api, CHAIN, **query)


def expected(database: AnyDatabase, leg: Json, iv_source: IvChoice) -> Json:
    """Return what the core derives from a contract and the terms of its header."""
    key = {"symbol": leg["symbol"], "expiry_date": leg["expiry_date"]}
    moments = database["snapshots"].find(key)
    (header,) = [
        row for row in moments if f"{row['fetched_at']:%Y-%m-%dT%H:%M:%SZ}" == leg["fetched_at"]
    ]
    names = ("bid_price", "ask_price", "last_price", "total_traded_volume")
    price = price_now(*(leg[name] for name in names))
    sent = leg["implied_volatility"]
    terms = terms_in(header["analytics"])._replace(iv_source=iv_source)
    found = greeks(leg["type"], leg["strike_price"], sent, price, terms)
    class_ = buildup(leg["change"], leg["change_in_oi"], leg["total_traded_volume"])
    return dict(zip(GREEK_COLUMNS, (*found, class_, leg["change_in_oi"], None), strict=True))


def by_identifier(answer: Json) -> dict[str, Json]:
    return {leg["identifier"]: leg for leg in answer["calls"] + answer["puts"]}


@pytest.mark.parametrize("moment", [{}, AT_BEFORE])
@pytest.mark.parametrize("expiry", ["nearest", "next", "all"])
@pytest.mark.parametrize("iv_source", ["price", "exchange"])
def test_each_contract_has_what_the_core_derives_of_it(
    iv_source: IvChoice, expiry: str, moment: Json, api: TestClient, database: AnyDatabase
) -> None:
    given = moment | ({} if iv_source == "price" else {"iv_source": iv_source})
    legs = by_identifier(ask(api, greeks="true", expiry=expiry, **given))
    assert len(legs) > 100
    for leg in legs.values():
        assert list(leg) == list(CHAIN_COLUMNS)
        assert {name: leg[name] for name in GREEK_COLUMNS} == expected(database, leg, iv_source)
    derived = [leg for leg in legs.values() if leg["delta"] is not None]
    assert len(derived) > len(legs) / 2


def test_the_exchange_s_volatility_is_a_choice(api: TestClient) -> None:
    answer = ask(api, greeks="true", iv_source="exchange")
    price = ask(api, greeks="true", iv_source="price")
    assert price == ask(api, greeks="true")
    assert (answer["model"].pop("iv_source"), price["model"].pop("iv_source")) == (
        *("exchange", "price"),
    )
    assert answer["model"] == price["model"]
    for leg in by_identifier(answer).values():
        assert (leg["iv_source"] == "exchange") == (leg["implied_volatility"] is not None)
        assert leg["implied_volatility"] in (None, leg["iv"])
    assert by_identifier(answer) != by_identifier(price)


def test_what_is_null_has_its_reason(api: TestClient) -> None:
    legs = by_identifier(ask(api, greeks="true", expiry="all")).values()
    for leg in legs:
        missing = {name for name in GREEKS if leg[name] is None}
        assert missing == (set(GREEKS) if leg["iv_reason"] else set())
        assert (leg["iv"] is None) == (leg["iv_source"] is None)
    assert {leg["iv_source"] for leg in legs} >= {"mid", "last"}


def test_each_expiry_and_chain_of_one_has_a_model(api: TestClient, database: AnyDatabase) -> None:
    one, every = ask(api, greeks="true"), ask(api, greeks="true", expiry="all")
    assert one["model"] == one["expiries"][0]["model"]
    assert every["model"] is None
    near, far = (row["model"] for row in every["expiries"])
    assert near == one["model"]
    assert far["days_to_expiry"] - near["days_to_expiry"] == pytest.approx(7.0)
    header = SnapshotWriter(database).latest_header("NIFTY")
    assert header is not None
    for name in ("forward", "forward_source", "rate", "days_to_expiry", "iv_source"):
        assert one["model"][name] == header["analytics"][name]


@pytest.mark.parametrize("layout", ["sides", "rows", "columns"])
@pytest.mark.parametrize("names", ["", "delta,strike_price,iv", "type,identifier,buildup"])
def test_greeks_are_the_same_in_every_form(layout: str, names: str, api: TestClient) -> None:
    given: Json = {"greeks": "true", "layout": layout} | ({"columns": names} if names else {})
    columns = names.split(",") if names else list(CHAIN_COLUMNS)
    legs = by_identifier(ask(api, greeks="true"))
    wanted = sorted(json.dumps([leg[name] for name in columns]) for leg in legs.values())
    assert sorted(json.dumps(row) for row in values(ask(api, **given), layout, columns)) == wanted
    if layout != "rows":
        response = api.get(CHAIN, params=given | {"format": "ndjson"})
        rows = [json.loads(line) for line in response.text.splitlines()]
        assert all(list(row) == columns for row in rows)
        assert sorted(json.dumps(list(row.values())) for row in rows) == wanted
        response = api.get(CHAIN, params=given | {"format": "csv"})
        assert next(csv.reader(StringIO(response.text))) == columns
        assert len(response.text.splitlines()) == len(rows) + 1


def values(answer: Json, layout: str, names: list[str]) -> Iterator[list[Any]]:
    """Yield the values of each contract, in whatever layout."""
    if layout == "columns":
        assert list(answer["columns"]) == names
        yield from map(list, zip(*answer["columns"].values(), strict=True))
    elif layout == "rows":
        for row in answer["rows"]:
            yield from ([leg[name] for name in names] for leg in (row["call"], row["put"]) if leg)
    else:
        for leg in answer["calls"] + answer["puts"]:
            assert list(leg) == names
            yield list(leg.values())


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_rows_as_tables_have_the_greeks_of_either_side(form: str, api: TestClient) -> None:
    given = {"greeks": "true", "layout": "rows", "columns": "delta,iv", "format": form}
    text = api.get(CHAIN, params=given).text
    first = text.splitlines()[0]
    names = ["call_delta", "call_iv", "expiry_date", "strike_price", "put_delta", "put_iv"]
    assert (first.split(",") if form == "csv" else list(json.loads(first))) == names


@pytest.mark.parametrize(
    "conditions",
    [
        {"strikes_around_atm": 2},
        {"option_type": "PE"},
        {"strike_min": 24_000, "strike_max": 24_300},
        {"min_open_interest": 5_000},
        {"expiry": "all", "strikes_around_atm": 1},
    ],
)
def test_a_selection_has_the_numbers_of_the_whole_chain(conditions: Json, api: TestClient) -> None:
    whole = by_identifier(ask(api, greeks="true", expiry="all"))
    some = by_identifier(ask(api, greeks="true", **conditions))
    assert 0 < len(some) < len(whole)
    assert all(whole[name] == leg for name, leg in some.items())


def test_a_chain_without_greeks_has_the_same_numbers(api: TestClient) -> None:
    plain, priced = ask(api), ask(api, greeks="true")
    assert ask(api, greeks="false") == plain
    assert "model" not in plain
    assert all(list(leg) == list(COLUMNS) for leg in plain["calls"])
    for leg in priced["calls"] + priced["puts"]:
        for name in GREEK_COLUMNS:
            del leg[name]
    del priced["model"]
    for row in priced["expiries"]:
        del row["model"]
    assert priced == plain


def test_answers_are_as_they_are_documented(api: TestClient) -> None:
    models: dict[str, type[schemas.Model]] = {
        "sides": schemas.Chain,
        "rows": schemas.ChainRows,
        "columns": schemas.ChainColumns,
    }
    for layout, model in models.items():
        answer = ask(api, greeks="true", layout=layout)
        model.model_validate(answer)
        assert list(answer) == list(model.model_fields)


def test_columns_read_no_field_too_many(parts: Watched, api: TestClient) -> None:
    with parts[1].kept() as sent:
        ask(api, greeks="true", columns="delta", strike_min=1)
    (read,) = [each for each in sent if each.get("find") == "option_chain"]
    assert "delta" not in read["projection"]
    assert len(read["projection"]) <= 12 < len(COLUMNS)


def quickest_ms(work: Callable[[], object]) -> float:
    """Return the processor time of the quickest of several goes, in milliseconds."""
    took = []
    for _ in range(40):
        started = time.thread_time()
        work()
        took.append((time.thread_time() - started) * 1e3)
    return min(took)


def test_greeks_cost_little_beyond_the_library_s_own_time(database: AnyDatabase) -> None:
    store = SnapshotWriter(database)
    header = store.latest_header("NIFTY")
    assert header is not None
    terms = terms_in(header["analytics"])
    legs = (store.contracts(header) * 2)[:LEGS]
    names = ("type", "strike_price", "implied_volatility")
    sent = [[leg[name] for name in names] for leg in legs]  # type: ignore[literal-required]
    prices = [
        price_now(leg["bid_price"], leg["ask_price"], leg["last_price"], leg["total_traded_volume"])
        for leg in legs
    ]
    derive: Any = greeks
    priced = list(zip(sent, prices, strict=True))
    bare = quickest_ms(lambda: [derive(*each, price, terms) for each, price in priced])
    ours = quickest_ms(lambda: leg_greeks.add_to(legs, {header["expiry_date"]: terms}))
    assert ours - bare < WITHIN, (ours, bare)
