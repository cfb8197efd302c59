"""The routes of analytics answer what the headers keep, as it was at any moment."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from itertools import product
from typing import Any, cast

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from chain_api import schemas
from chain_api.parameters.columns import FIGURES, METRICS, OF_HEADER
from chain_api.rendering.analytics import FLAT_COLUMNS
from local.mongod import Mongod
from local.openapi.example_session import NOW, RATE, record
from optionchain.analytics import RUPEE_FIGURES, AnalyticsDocument, analytics_of, in_rupees
from optionchain.mongo.client import Document
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.stored_snapshot import facts_in, snapshot_of
from optionchain.settings import Settings
from tests.support.api import Clock, client, read
from tests.support.bodies import Json
from tests.support.commands import Watched, watched
from tests.support.histories import as_json
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL

NIFTY = "/option-chain/NIFTY"
ANALYTICS, SMILE = f"{NIFTY}/analytics", f"{NIFTY}/analytics/smile"
PROFILE = f"{NIFTY}/analytics/open-interest"
ROUTES = (ANALYTICS, SMILE, PROFILE)
HEAD = ("symbol", "expiry_date", "underlying_value", "timestamp", "last_seen_at")
STATE = ("gap", "settled", "frozen", "frozen_since", "lot_size", "lot_size_reason")
PROVENANCE = ("exchange_timestamp", "source", "derived", "dated_by")
FRESHNESS = (*HEAD, *PROVENANCE, "age_seconds", *STATE)
EXPIRIES = ("nearest", "next", "23-Jun-2026", "2026-06-30")
MOMENTS = ("2026-06-18", "09:20", "09:59:59", "10:00:03", "10:14", "15:02:02", "15:02:30")
MODEL = ("forward", "forward_source", "rate", "days_to_expiry", "payoff_fixed", "iv_source")


@pytest.fixture(scope="module")
def parts(mongod: Mongod) -> Iterator[Watched]:
    """A small recording of two symbols and two expiries."""
    with watched(mongod, "analytics") as (database, commands):
        record(database)
        yield database, commands


@pytest.fixture(scope="module")
def database(parts: Watched) -> AnyDatabase:
    return parts[0]


@pytest.fixture(scope="module")
def api(database: AnyDatabase) -> TestClient:
    return client(database, NOW)


OLDER: dict[str, Json] = {
    "none": {"$unset": {"analytics": True}},
    "of the exchange's volatilities": {
        "$unset": {"analytics.iv_source": True},
        "$set": {"analytics.atm_iv": 99.0, "analytics.forward": 1.0, "analytics.rate": 1.0},
    },
}


@pytest.fixture(params=list(OLDER.values()), ids=list(OLDER))
def old(parts: Watched, request: pytest.FixtureRequest) -> Iterator[AnyDatabase]:
    """The same recording with the analytics that older recorders wrote, or without any."""
    headers = parts[0]["snapshots"]
    kept = list(headers.find({}))
    headers.update_many({}, request.param)
    yield parts[0]
    for header in kept:
        headers.replace_one({"_id": header["_id"]}, header)


def header_of(database: AnyDatabase, answer: Json) -> Document:
    """Return the header that an answer is of."""
    names = ("symbol", "expiry_date")
    at = datetime.fromisoformat(answer["timestamp"])
    found = database["snapshots"].find_one(
        {name: answer[name] for name in names} | {"fetched_at": at}
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    "of",
    [
        *(f"NIFTY/analytics?expiry={expiry}" for expiry in EXPIRIES),
        *(f"m%26m/analytics?expiry={expiry}" for expiry in ("nearest", "28-Jul-2026")),
    ],
)
def test_summary_is_what_the_header_keeps(of: str, api: TestClient, database: AnyDatabase) -> None:
    answer = read(api, f"/option-chain/{of}")
    header = header_of(database, answer)
    assert answer.pop("legs_missing") == header["legs_missing"]
    kept = as_json(header["analytics"])
    assert answer["model"] == {"name": kept.pop("model")} | {name: kept.pop(name) for name in MODEL}
    rupees = in_rupees(header, header["analytics"])
    assert {name: answer.pop(name) for name in RUPEE_FIGURES} == pytest.approx(rupees.numbers)
    assert {name: answer["reasons"].pop(name) for name in rupees.reasons} == rupees.reasons
    assert {name: answer[name] for name in answer if name not in (*FRESHNESS, "model")} == kept


def test_every_number_that_is_null_has_its_reason_and_no_other_has(api: TestClient) -> None:
    nulls = 0
    for moment in MOMENTS:
        for expiry in EXPIRIES:
            answer = read(api, ANALYTICS, as_of=moment, expiry=expiry)
            missing = {name for name in (*FIGURES, *RUPEE_FIGURES) if answer[name] is None}
            assert missing == set(answer["reasons"])
            missing -= set(RUPEE_FIGURES)
            nulls += len(missing)
    assert nulls, "the recording is cut: not all of it can be derived"


def test_names_of_figures_are_those_of_the_documents() -> None:
    """A client can ask for every figure that the core derives, and for no other."""
    kept = set(AnalyticsDocument.__annotations__)
    beside = {"model", *MODEL, "reference_source", "largest_oi", "fastest_oi", "buildup", "reasons"}
    assert set(FIGURES) == kept - beside
    assert set(METRICS) == {*FIGURES, *RUPEE_FIGURES, "forward", *OF_HEADER}


def test_a_moment_of_the_past_is_that_of_the_chain(api: TestClient) -> None:
    """It has the same snapshot, confirmation, age and gap."""
    for moment in MOMENTS:
        chain = read(api, NIFTY, as_of=moment)
        for path in ROUTES:
            answer = read(api, path, as_of=moment)
            assert {name: answer[name] for name in FRESHNESS} == {
                name: chain[name] for name in FRESHNESS
            }, (path, moment)


@pytest.mark.parametrize("path", ROUTES)
def test_http_headers_have_the_freshness_too(path: str, api: TestClient) -> None:
    response = api.get(path, params={"as_of": "10:14"})
    answer = response.json()
    assert response.headers["x-timestamp"] == answer["timestamp"] == "2026-06-19T04:30:00Z"
    assert response.headers["x-last-seen-at"] == answer["last_seen_at"] == "2026-06-19T04:30:05Z"
    assert (response.headers["x-age-seconds"], answer["age_seconds"]) == ("835", 835.0)
    assert (response.headers["x-gap"], answer["gap"]) == ("true", True)
    assert response.headers["cache-control"].startswith("private, max-age=")


@pytest.mark.parametrize("expiry", ["nearest", "next"])
def test_answers_are_as_they_are_documented(expiry: str, api: TestClient) -> None:
    models: list[type[schemas.Model]]
    models = [schemas.Analytics, schemas.Smile, schemas.OpenInterestProfile]
    for (path, model), moment in product(zip(ROUTES, models, strict=True), MOMENTS):
        answer = read(api, path, expiry=expiry, as_of=moment)
        model.model_validate(answer)
        assert list(answer) == list(model.model_fields)


def test_snapshot_of_an_older_recorder_has_the_same(api: TestClient, old: AnyDatabase) -> None:
    """The API derives them from the contracts, at the rate of the settings."""
    assert old["snapshots"].count_documents({"analytics.iv_source": {"$exists": True}}) == 0
    deriving = client(old, NOW, Settings(risk_free_rate=RATE))
    for path in (*ROUTES, f"{NIFTY}?greeks=true", f"{ANALYTICS}?format=csv"):
        for expiry in ("nearest", "next"):
            derived = deriving.get(path, params={"expiry": expiry})
            kept = api.get(path, params={"expiry": expiry, "as_of": "2026-06-19T15:02:37"})
            assert derived.status_code == 200
            assert derived.content == kept.content, (path, expiry)


def test_what_is_derived_anew_has_the_rate_in_force_in_its_tag_too(old: AnyDatabase) -> None:
    one, two = (client(old, NOW, Settings(risk_free_rate=rate)) for rate in (5.5, 7.0))
    for path in (ANALYTICS, SMILE, f"{NIFTY}?greeks=true"):
        tag = one.get(path).headers["etag"]
        response = two.get(path, headers={"if-none-match": tag})
        assert response.status_code == 200
        assert response.json()["model"]["rate"] == 7.0
        assert one.get(path).json()["model"]["rate"] == 5.5


def test_what_is_kept_has_the_rate_of_its_time(database: AnyDatabase, api: TestClient) -> None:
    other = client(database, NOW, Settings(risk_free_rate=7.0))
    for path in (ANALYTICS, SMILE, f"{NIFTY}?greeks=true"):
        assert other.get(path).json() == api.get(path).json()


def test_what_is_derived_anew_is_derived_once(old: AnyDatabase, parts: Watched) -> None:
    api = client(old, NOW)
    api.get(f"{NIFTY}/expiry-dates")  # the list of holidays is read once an hour
    for path, contracts in ((f"{ANALYTICS}?as_of=10:00:05", 1), (f"{ANALYTICS}?as_of=10:00:06", 0)):
        with parts[1].kept() as sent:
            read(api, path)
        assert [each.get("find") for each in sent].count("option_chain") == contracts


@pytest.mark.parametrize("path", [ANALYTICS, f"{ANALYTICS}?format=csv"])
def test_a_summary_is_one_read_of_one_header_always(path: str, parts: Watched) -> None:
    # A tick later, so that no poll asks the ledger whether this tick is complete.
    api = client(parts[0], Clock(NOW + INTERVAL))
    api.get(f"{NIFTY}/expiry-dates")  # the list of holidays is read once an hour
    for _ in range(3):
        with parts[1].kept() as sent:
            response = api.get(path)
        assert response.status_code == 200
        assert [(each.get("find"), each.get("limit")) for each in sent] == [("snapshots", 1)]


@pytest.mark.parametrize("path", [SMILE, PROFILE])
def test_arrays_read_a_header_and_a_few_fields_of_its_contracts(path: str, parts: Watched) -> None:
    api = client(parts[0], NOW)
    api.get(f"{NIFTY}/expiry-dates")
    with parts[1].kept() as sent:
        read(api, path)
    header, contracts = sent
    assert (header["find"], contracts["find"]) == ("snapshots", "option_chain")
    assert len(contracts["projection"]) <= 10


def legs(api: TestClient, **query: object) -> dict[tuple[str, float], Json]:
    chain = read(api, NIFTY, greeks="true", **query)
    return {(leg["type"], leg["strike_price"]): leg for leg in chain["calls"] + chain["puts"]}


@pytest.mark.parametrize("expiry", ["nearest", "next"])
def test_a_smile_is_solved_and_has_what_the_exchange_sent_beside_it(
    expiry: str, api: TestClient
) -> None:
    of, smile = legs(api, expiry=expiry), read(api, SMILE, expiry=expiry)
    for word, side in (("call", "CE"), ("put", "PE")):
        assert set(smile[f"{word}_iv_source"]) <= {"mid", "last", None}
        for name in ("implied_volatility", "iv_as_of"):
            sent = [of.get((side, strike), {}).get(name) for strike in smile["strike_prices"]]
            assert smile[f"{word}_{name}"] == sent
        assert any(smile[f"{word}_implied_volatility"])


def test_a_smile_says_how_old_the_exchange_s_volatilities_are(
    database: AnyDatabase, api: TestClient
) -> None:
    contracts, stamp = database["option_chain"], NOW.replace(microsecond=0) - timedelta(minutes=8)
    contracts.update_many({"type": "CE"}, {"$set": {"iv_as_of": stamp}})
    try:
        smile = read(api, SMILE, as_of="15:02:36")
        table = api.get(SMILE, params={"as_of": "15:02:36", "format": "csv"}).text
    finally:
        contracts.update_many({"type": "CE"}, {"$set": {"iv_as_of": None}})
    text = f"{stamp:%Y-%m-%dT%H:%M:%SZ}"
    assert set(smile["call_iv_as_of"]) == {text, None}, "one strike has no call"
    assert set(smile["put_iv_as_of"]) == {None}
    assert text in table


@pytest.mark.parametrize("moment", ["15:02:37", "10:14"])
@pytest.mark.parametrize("expiry", ["nearest", "next"])
def test_the_exchange_s_volatilities_are_derived_at_the_rate_that_is_kept(
    expiry: str, moment: str, database: AnyDatabase
) -> None:
    api = client(database, NOW, Settings(risk_free_rate=RATE + 3))
    given = {"expiry": expiry, "as_of": moment}
    answer = read(api, ANALYTICS, iv_source="exchange", **given)
    header: Any = header_of(database, answer)
    reader = SnapshotReader(database)
    header = reader.latest_header("NIFTY", header["expiry"].date(), header["fetched_at"])
    contracts = reader.contracts(header)
    facts = facts_in(header, contracts)
    derived = analytics_of(snapshot_of(header, contracts), RATE, facts, "exchange")
    assert answer["model"]["iv_source"] == "exchange"
    assert {name: answer[name] for name in FIGURES} == {
        name: as_json(cast("Any", derived))[name] for name in FIGURES
    }
    assert answer["atm_iv"] != read(api, ANALYTICS, **given)["atm_iv"]
    of, smile = (
        legs(api, iv_source="exchange", **given),
        read(api, SMILE, iv_source="exchange", **given),
    )
    strikes = smile["strike_prices"]
    assert smile["call_iv"] == [of.get(("CE", strike), {}).get("iv") for strike in strikes]


@pytest.mark.parametrize("moment", ["15:02:37", "10:14", "2026-06-18"])
@pytest.mark.parametrize("expiry", ["nearest", "next"])
def test_arrays_say_what_the_chain_says(expiry: str, moment: str, api: TestClient) -> None:
    of = legs(api, expiry=expiry, as_of=moment)
    summary = read(api, ANALYTICS, expiry=expiry, as_of=moment)
    for path, names, shared in (
        (SMILE, ("iv", "iv_source"), ("model", "atm_strike")),
        (PROFILE, ("open_interest", "change_in_oi"), ("max_pain", "support", "resistance")),
    ):
        answer = read(api, path, expiry=expiry, as_of=moment)
        assert answer["strike_prices"] == sorted({strike for _, strike in of})
        for word, side in (("call", "CE"), ("put", "PE")):
            for name in names:
                said = [of.get((side, strike), {}).get(name) for strike in answer["strike_prices"]]
                assert answer[f"{word}_{name}"] == said
        assert {name: answer[name] for name in shared} == {name: summary[name] for name in shared}


def test_a_side_that_is_not_listed_is_null(api: TestClient) -> None:
    chain = read(api, NIFTY, layout="rows")
    absent = [row["strike_price"] for row in chain["rows"] if row["call"] is None]
    assert absent, "the recording has a strike without a call"
    for path, names in ((SMILE, ("call_iv", "call_iv_source")), (PROFILE, ("call_open_interest",))):
        answer = read(api, path)
        for strike in absent:
            rank = answer["strike_prices"].index(strike)
            assert [answer[name][rank] for name in names] == [None] * len(names)


def table(response: Response) -> list[dict[str, str]]:
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(response.text)))


def lines(response: Response) -> list[Json]:
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def number(text: str) -> float | str | bool | None:
    if text in ("false", "true"):
        return text == "true"
    try:
        return float(text) if text else None
    except ValueError:
        return text


def test_a_summary_as_a_table_is_one_flat_row(api: TestClient) -> None:
    answer = read(api, ANALYTICS)
    (row,) = table(api.get(ANALYTICS, headers={"accept": "text/csv"}))
    (line,) = lines(api.get(ANALYTICS, params={"format": "ndjson"}))
    assert tuple(row) == tuple(line) == FLAT_COLUMNS
    assert {name: number(text) for name, text in row.items()} == line
    for name in (*FIGURES, *HEAD[:4]):
        assert line[name] == answer[name]
    assert {name: line[name] for name in MODEL} | {"name": line["model"]} == answer["model"]
    for side in ("calls", "puts"):
        assert answer["buildup"][side] == {
            name: line[f"buildup_{side}_{name}"] for name in answer["buildup"][side]
        }
        for group, value in (("largest_oi", "open_interest"), ("fastest_oi", "change_in_oi")):
            ranked = answer[group][side] + [{}] * (3 - len(answer[group][side]))
            for rank, each in enumerate(ranked, start=1):
                for name in ("strike_price", value):
                    assert line[f"{group}_{side}_{rank}_{name}"] == each.get(name)


@pytest.mark.parametrize("path", [SMILE, PROFILE])
def test_arrays_as_a_table_are_a_row_a_strike(path: str, api: TestClient) -> None:
    answer = read(api, path)
    rows = table(api.get(path, params={"format": "csv"}))
    found = lines(api.get(path, params={"format": "ndjson"}))
    assert [{name: number(text) for name, text in row.items()} for row in rows] == found
    named = {name for name, value in answer.items() if isinstance(value, list)} - {"derived"}
    names = [name for name in answer if name in named]
    assert list(found[0]) == ["strike_price", *names[1:]]
    for name in names:
        column = "strike_price" if name == "strike_prices" else name
        assert [line[column] for line in found] == answer[name]


def test_a_new_snapshot_replaces_the_cached_answer(database: AnyDatabase) -> None:
    """Only the answer about the latest snapshot is cached."""
    clock = Clock(NOW - timedelta(seconds=10))
    api = client(database, clock)
    assert read(api, ANALYTICS, as_of="15:02:01") == read(api, ANALYTICS, as_of="15:02:01")
    first = read(api, ANALYTICS)
    assert first["timestamp"] == "2026-06-19T09:32:30Z"
    headers = database["snapshots"]
    header = headers.find_one(
        {"symbol": "NIFTY", "expiry_date": first["expiry_date"]}, sort=[("fetched_at", -1)]
    )
    assert header is not None
    newer = header | {"_id": None, "fetched_at": header["fetched_at"] + timedelta(seconds=5)}
    del newer["_id"]
    newer["analytics"] = header["analytics"] | {"pcr_oi": 9.75}
    headers.insert_one(newer)
    try:
        assert read(api, ANALYTICS)["pcr_oi"] == 9.75
    finally:
        headers.delete_one({"_id": newer["_id"]})
    assert read(api, ANALYTICS)["pcr_oi"] == first["pcr_oi"]
