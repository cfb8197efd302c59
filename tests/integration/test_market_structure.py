"""Gamma exposure, term structure and surface say what the routes of a single chain say."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from chain_api import schemas
from local.mongod import Mongod
from local.openapi.example_session import NOW, record
from tests.support.api import Clock, answered, client, read
from tests.support.bodies import Json
from tests.support.commands import Watched, watched
from tests.support.snapshots import INTERVAL

NIFTY = "/option-chain/NIFTY"
ANALYTICS = f"{NIFTY}/analytics"
GAMMA = f"{ANALYTICS}/gamma-exposure"
TERMS, SURFACE = f"{ANALYTICS}/term-structure", f"{ANALYTICS}/surface"
MOMENTS = ("2026-06-18", "09:20", "10:14", "15:02:37")
SIDES = ("call", "put", "net")


@pytest.fixture(scope="module")
def parts(mongod: Mongod) -> Iterator[Watched]:
    """A small recording of two symbols and two expiries."""
    with watched(mongod, "market_structure") as (database, commands):
        record(database)
        yield database, commands


@pytest.fixture(scope="module")
def api(parts: Watched) -> TestClient:
    return client(parts[0], NOW)


def lines_of(api: TestClient, path: str, **query: str) -> list[list[str]]:
    text = answered(api, path, format="csv", **query).text
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("expiry", ["nearest", "next"])
def test_exposures_add_up_to_those_of_the_summary(
    api: TestClient, expiry: str, moment: str
) -> None:
    found = read(api, GAMMA, expiry=expiry, as_of=moment)
    summary = read(api, ANALYTICS, expiry=expiry, as_of=moment)
    for name in ("model", "reference_price", "reference_source", "unpriced_legs", "lot_size"):
        assert found[name] == summary[name]
    for side in SIDES:
        name = f"{side}_gamma_exposure"
        for each in (name, f"{name}_rupees"):
            told = summary[each] if found["totals"][each] is not None else None
            assert found["totals"][each] == pytest.approx(told)
            if told is not None:
                assert sum(value or 0.0 for value in found[each]) == pytest.approx(told)
            assert len(found[each]) == len(found["strike_prices"])
    prices, exposures = found["profile"]["prices"], found["profile"]["net_gamma_exposure"]
    if summary["net_gamma_exposure"] is None:
        assert not prices
        assert found["reasons"]["gamma_exposure"] == summary["reasons"]["net_gamma_exposure"]
        return
    middle = len(prices) // 2
    assert prices[middle] == found["reference_price"]
    assert exposures[middle] == pytest.approx(summary["net_gamma_exposure"])
    in_rupees = found["profile"]["net_gamma_exposure_rupees"][middle]
    assert in_rupees == pytest.approx(summary["net_gamma_exposure_rupees"])
    assert (found["flip_level"] is None) is ("flip_level" in found["reasons"])


def test_without_a_lot_size_exposures_are_of_a_lot_of_one_unit(parts: Watched) -> None:
    headers = parts[0]["snapshots"]
    kept = list(headers.find({}))
    change: Json = {"$set": {"lot_size_reason": "not_listed"}, "$unset": {"lot_size": True}}
    headers.update_many({}, change)
    try:
        found = read(client(parts[0], NOW), GAMMA)
    finally:
        for header in kept:
            headers.replace_one({"_id": header["_id"]}, header)
    assert found["totals"]["net_gamma_exposure"]
    assert found["totals"]["net_gamma_exposure_rupees"] is None
    assert set(found["net_gamma_exposure_rupees"]) == {None}
    assert set(found["profile"]["net_gamma_exposure_rupees"]) == {None}
    assert found["reasons"]["gamma_exposure_rupees"] == "not_listed"


def test_all_expiries_are_the_sum_of_each(api: TestClient) -> None:
    every = read(api, GAMMA, expiry="all")
    each = [read(api, GAMMA, expiry=expiry) for expiry in ("nearest", "next")]
    assert (every["expiry_date"], every["model"]) == (None, None)
    for name, total in every["totals"].items():
        assert total == pytest.approx(sum(one["totals"][name] for one in each)), name
    strikes = {strike for one in each for strike in one["strike_prices"]}
    assert every["strike_prices"] == sorted(strikes)
    for name in ("call_gamma_exposure", "net_gamma_exposure_rupees"):
        by_strike: dict[float, float] = {}
        for one in each:
            for strike, value in zip(one["strike_prices"], one[name], strict=True):
                by_strike[strike] = by_strike.get(strike, 0.0) + (value or 0.0)
        told = [value or 0.0 for value in every[name]]
        assert told == pytest.approx([by_strike[strike] for strike in every["strike_prices"]])


def test_volatilities_that_were_sent_give_other_exposures(api: TestClient) -> None:
    ours, theirs = (read(api, GAMMA, iv_source=each) for each in ("price", "exchange"))
    summary = read(api, ANALYTICS, iv_source="exchange")
    assert ours["totals"] != theirs["totals"]
    net = theirs["totals"]["net_gamma_exposure"]
    assert net == pytest.approx(summary["net_gamma_exposure"])


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_term_is_what_the_summary_of_its_expiry_says(api: TestClient, moment: str) -> None:
    found = read(api, TERMS, as_of=moment)
    dates = read(api, f"{NIFTY}/expiry-dates", as_of=moment)["expiry_dates"]
    assert [row["expiry_date"] for row in found["records"]] == dates
    for row in found["records"]:
        summary = read(api, ANALYTICS, expiry=row["expiry_date"], as_of=moment)
        beside = {"reasons", "call_open_interest", "put_open_interest"}
        for name in set(row) - beside:
            told = summary["model"] if name in summary["model"] else summary
            assert row[name] == told[name], name
        missing = {name for name, value in row.items() if value is None}
        assert missing - {"exchange_timestamp", "forward_source"} == set(row["reasons"])
        profile = read(api, f"{ANALYTICS}/open-interest", expiry=row["expiry_date"], as_of=moment)
        for side in ("call", "put"):
            held = sum(value or 0 for value in profile[f"{side}_open_interest"])
            assert row[f"{side}_open_interest"] == held


@pytest.mark.parametrize("iv_source", ["price", "exchange"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_surface_is_the_smiles_of_its_expiries(
    api: TestClient, moment: str, iv_source: str
) -> None:
    asked: dict[str, Any] = {"as_of": moment, "iv_source": iv_source}
    found = read(api, SURFACE, **asked)
    for row in found["records"]:
        smile = read(api, f"{ANALYTICS}/smile", expiry=row["expiry_date"], **asked)
        for name in ("model", "atm_strike", "strike_prices", "timestamp", "gap", "settled"):
            assert row[name] == smile[name]
        for name in ("call_iv", "put_iv"):
            assert row[name] == pytest.approx(smile[name])
        forward = row["model"]["forward"]
        for rank, strike in enumerate(row["strike_prices"]):
            side = "put" if strike < forward else "call"
            assert row["iv"][rank] == row[f"{side}_iv"][rank]
            assert row["moneyness_percent"][rank] == pytest.approx(100 * strike / forward)
        chain = read(api, NIFTY, expiry=row["expiry_date"], greeks="true", **asked)
        deltas = {
            leg["strike_price"]: leg["delta"]
            for leg in chain["calls"]
            if leg["iv_source"] in ("mid", "last")
        }
        for strike, delta in zip(row["strike_prices"], row["call_delta"], strict=True):
            if iv_source == "price":
                assert delta == deltas.get(strike)


@pytest.mark.parametrize(
    ("path", "model"),
    [
        (GAMMA, schemas.GammaExposure),
        (f"{GAMMA}?expiry=all", schemas.GammaExposure),
        (TERMS, schemas.TermStructure),
        (SURFACE, schemas.Surface),
    ],
)
def test_answers_are_as_they_are_documented(
    api: TestClient, path: str, model: type[schemas.Model]
) -> None:
    for moment in MOMENTS:
        answer = read(api, path, as_of=moment)
        model.model_validate(answer)
        assert list(answer) == list(model.model_fields)


def test_tables_have_the_same_numbers(api: TestClient) -> None:
    head, *rows = lines_of(api, GAMMA)
    gamma = read(api, GAMMA)
    assert [float(row[0]) for row in rows] == gamma["strike_prices"]
    net = [float(row[head.index("net_gamma_exposure")]) for row in rows]
    assert net == gamma["net_gamma_exposure"]
    head, *rows = lines_of(api, TERMS)
    terms = read(api, TERMS)["records"]
    assert [row[head.index("atm_iv")] for row in rows] == [str(row["atm_iv"]) for row in terms]
    head, *rows = lines_of(api, SURFACE)
    ivs = [value for row in read(api, SURFACE)["records"] for value in row["iv"]]
    told = [row[head.index("iv")] for row in rows]
    assert told == ["" if value is None else str(value) for value in ivs]


@pytest.mark.parametrize(
    ("path", "contracts"), [(GAMMA, 1), (f"{GAMMA}?expiry=all", 1), (SURFACE, 1), (TERMS, 0)]
)
def test_contracts_are_read_once_or_not_at_all(parts: Watched, path: str, contracts: int) -> None:
    # A tick later, so that no poll asks the ledger whether this tick is complete.
    api = client(parts[0], Clock(NOW + INTERVAL))
    api.get(f"{NIFTY}/expiry-dates")
    with parts[1].kept() as sent:
        read(api, path)
    asked = [each for each in sent if each.get("find") == "option_chain"]
    assert len(asked) == contracts
    assert len(sent) <= 4, "the listing, the headers of what is listed, the contracts"
    for each in asked:
        assert len(each["projection"]) <= 10
