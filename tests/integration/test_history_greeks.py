"""A history with Greeks has, at each tick, the numbers of the chain of that tick."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from starlette.testclient import TestClient

from chain_api.calculations.candles import CANDLE_COLUMNS
from chain_api.parameters.columns import GREEK_COLUMNS, HISTORY_COLUMNS
from chain_api.schemas.through_time import Candle, HistoryContract
from local.mongod import Mongod
from tests.support.api import CHAIN, all_records, answered, client, problem, read
from tests.support.archived_week import DAYS, FRIDAY, Week, at
from tests.support.bodies import Json
from tests.support.commands import Watched, watched

HISTORY = f"{CHAIN}/history"
EXPIRY = "23-Jun-2026"
WEEK = {"from_": DAYS[1].isoformat(), "to": FRIDAY.isoformat(), "expiry": EXPIRY}


@pytest.fixture(scope="module")
def parts(mongod: Mongod) -> Iterator[Watched]:
    """A week with frozen prices, a vendor, and headers of older recorders."""
    with watched(mongod, "history_greeks") as (database, commands):
        Week(database).record()
        yield database, commands


@pytest.fixture(scope="module")
def api(parts: Watched) -> TestClient:
    return client(parts[0], at(FRIDAY, "12:00:00") + timedelta(days=1))


def chain_leg(api: TestClient, record: Json, iv_source: str) -> Json:
    """Return the same contract in the chain of the record's tick."""
    moment = {"as_of": record["fetched_at"], "expiry": record["expiry_date"]}
    answer = read(api, CHAIN, greeks="true", iv_source=iv_source, **moment)
    (leg,) = [
        leg for leg in answer["calls"] + answer["puts"] if leg["identifier"] == record["identifier"]
    ]
    return {name: leg[name] for name in GREEK_COLUMNS}


@pytest.mark.parametrize(
    ("expiry", "sources"), [("16-Jun-2026", {"nse", "upstox"}), (EXPIRY, {"nse"})]
)
@pytest.mark.parametrize("iv_source", ["price", "exchange"])
def test_each_document_has_the_numbers_of_its_own_chain(
    iv_source: str, expiry: str, sources: set[str], api: TestClient
) -> None:
    given = WEEK | {"from_": DAYS[0].isoformat(), "expiry": expiry}
    given |= {"strikes_around_atm": "1", "limit": "50"}
    found = all_records(api, HISTORY, **given, greeks="true", iv_source=iv_source)
    assert len({record["fetched_at"] for record in found}) > 10
    for record in found:
        assert {*record} == {*HISTORY_COLUMNS, *GREEK_COLUMNS}
        derived = {name: record[name] for name in GREEK_COLUMNS}
        assert derived == chain_leg(api, record, iv_source), record["fetched_at"]
        HistoryContract.model_validate(record)
    assert {record["source"] for record in found} == sources
    assert sum(record["iv"] is not None for record in found) > len(found) / 2
    plain = all_records(api, HISTORY, **given)
    assert [{name: row[name] for name in HISTORY_COLUMNS} for row in found] == plain


@pytest.mark.parametrize("interval", ["1h", "1d"])
def test_a_candle_has_the_numbers_of_its_last_document(interval: str, api: TestClient) -> None:
    given = WEEK | {"strikes_around_atm": "1", "limit": "3"}
    documents = all_records(api, HISTORY, **given | {"limit": "500"}, greeks="true")
    found = all_records(api, HISTORY, **given, greeks="true", interval=interval)
    assert found
    for candle in found:
        assert list(candle) == [*CANDLE_COLUMNS, *GREEK_COLUMNS]
        Candle.model_validate(candle)
    own = [row for row in documents if interval == "1d" or row["fetched_at"][11:13] < "14"]
    position = 0
    for candle in found:
        position += candle["count"]
        last = own[position - 1]
        assert last["identifier"] == candle["identifier"]
        assert {name: candle[name] for name in GREEK_COLUMNS} == {
            name: last[name] for name in GREEK_COLUMNS
        }
    plain = all_records(api, HISTORY, **given, interval=interval)
    assert [{name: row[name] for name in CANDLE_COLUMNS} for row in found] == plain


def test_the_headers_of_a_page_are_read_once(parts: Watched, api: TestClient) -> None:
    with parts[1].kept() as sent:
        given = WEEK | {"identifier": f"NIFTY_CE_24350_{EXPIRY}"}
        del given["expiry"]
        assert len(read(api, HISTORY, **given, greeks="true")["records"]) > 10
    of_headers = [
        each
        for each in sent
        if each.get("find") == "snapshots" and "$in" in each["filter"].get("fetched_at", {})
    ]
    assert len(of_headers) == 1
    assert "analytics.forward" in of_headers[0]["projection"]


def test_columns_and_formats_are_those_of_a_chain(api: TestClient) -> None:
    names = "fetched_at,iv,delta,source"
    given = WEEK | {"strikes_around_atm": "0", "greeks": "true"}
    some = read(api, HISTORY, **given, columns=names)["records"]
    every = read(api, HISTORY, **given)["records"]
    assert some == [{name: row[name] for name in names.split(",")} for row in every]
    text = answered(api, HISTORY, **given, format="csv").text
    rows = list(csv.DictReader(StringIO(text)))
    assert list(rows[0]) == [*HISTORY_COLUMNS, *GREEK_COLUMNS]
    assert [row["iv"] for row in rows] == [
        "" if row["iv"] is None else str(row["iv"]) for row in every
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [("columns=iv,last_price", "columns"), ("iv_source=exchange", "iv_source")],
)
def test_what_is_derived_takes_greeks(query: str, field: str, api: TestClient) -> None:
    body = problem(api.get(f"{HISTORY}?strike=24350&{query}"), 422, "invalid-request")
    assert body["field"] == field
    assert "without greeks=true" in body["detail"]
