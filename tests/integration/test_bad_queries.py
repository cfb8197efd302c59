"""Bad queries: 4xx that name the field and what is allowed, at once, and no error in the log."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from httpx2 import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.database import Database
from starlette.testclient import TestClient

from chain_api.pagination.cursors import cursor_of
from local.mongod import Mongod
from optionchain.mongo.client import Document
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.api import Clock, client, logged, problem
from tests.support.commands import watched
from tests.support.snapshots import INTERVAL, TICK, snapshot

NIFTY = "/option-chain/NIFTY"
FILTER = "/option-chain/filter"
QUICK = 1.0  # seconds, on a machine with other work to do
JSON = {"content-type": "application/json"}
ONE = "strike=24000"
LISTS = (
    *(f"{NIFTY}/snapshots?", f"{NIFTY}/history?{ONE}&", f"{NIFTY}/analytics/history?"),
    f"{NIFTY}/changes?from=15:00&",
)
ROUTES = (f"{NIFTY}?", *LISTS)


@pytest.fixture(scope="module")
def database(mongod: Mongod) -> Iterator[Database[Document]]:
    with watched(mongod, "bad_queries") as (database, _):
        chains = [snapshot(tick=TICK - number * INTERVAL) for number in range(4)]
        chains.append(snapshot(symbol="M&M", underlying=None))
        chains.append(snapshot(symbol="M&M", underlying=None, tick=TICK - INTERVAL))
        store = SnapshotWriter(database)
        for each in chains:
            store.commit(Commit(each))
        yield database


@pytest.fixture(scope="module")
def api(database: Database[Document]) -> TestClient:
    return client(database, Clock())


@pytest.fixture(scope="module")
def cursor(api: TestClient) -> str:
    text: str = api.get(f"{NIFTY}/snapshots?limit=1").json()["next"]
    return text.partition("cursor=")[2]


def asked(api: TestClient, path: str, **options: Any) -> Response:  # noqa: ANN401
    """Return the answer, which must come at once and without an error in the log."""
    started = time.perf_counter()
    with logged() as records:
        response = api.request(options.pop("method", "GET"), path, **options)
    assert time.perf_counter() - started < QUICK
    assert {record.levelname for record in records} <= {"INFO"}, records
    return response


def refused(
    api: TestClient,
    path: str,
    field: str,
    allowed: str = "",
    **options: Any,  # noqa: ANN401
) -> None:
    body = problem(asked(api, path, **options), 422, "invalid-request")
    assert body["field"] == field, body["detail"]
    assert body["detail"].startswith(f"{field}: ")
    assert allowed in body["detail"]


def filtered(api: TestClient, content: str, field: str, allowed: str = "") -> None:
    refused(api, FILTER, field, allowed, method="POST", content=content, headers=JSON)


# ── moments and ranges ───────────────────────────────────────────────────────────────────────

NO_MOMENTS = [
    *("2026-02-30", "2026-13-01", "0000-00-00", "1999-12-31", "25:00", "10:60", "yesterday"),
    *("", "NaN", "1781776505", "2026-06-19T10:15:05%2B99:99", "%00", "%F0%9F%98%80", "%24now"),
    *("9" * 5_000, "10:15:05%0A", "2026-06-19/2026-06-20"),
]


@pytest.mark.parametrize("text", NO_MOMENTS)
def test_what_is_no_moment_is_refused(text: str, api: TestClient) -> None:
    allowed = "a time of today such as 10:15"
    refused(api, f"{NIFTY}?as_of={text}", "as_of", allowed)
    refused(api, f"{NIFTY}/strikes?as_of={text}", "as_of", allowed)
    refused(api, f"{NIFTY}/snapshots?from={text}", "from", allowed)
    refused(api, f"{NIFTY}/history?{ONE}&to={text}", "to", allowed)


@pytest.mark.parametrize("text", ["2026-06-20", "2999-12-31", "15:04", "2026-06-19T15:04:00"])
def test_what_is_still_to_come_is_refused(text: str, api: TestClient) -> None:
    allowed = "must not be in the future; it is 2026-06-19T15:02:32 IST"
    refused(api, f"{NIFTY}?as_of={text}", "as_of", allowed)
    refused(api, f"{NIFTY}/expiry-dates?as_of={text}", "as_of", allowed)
    for path in LISTS:
        refused(api, f"{path}to={text}", "to", allowed)
    filtered(api, json.dumps({"symbol": "NIFTY", "as_of": text}), "as_of", allowed)


@pytest.mark.parametrize("path", LISTS[:3])
@pytest.mark.parametrize(
    ("start", "end", "allowed"),
    [
        ("15:02:30", "15:02:20", "must not be after to"),
        ("2026-06-19", "2026-06-18", ""),
        ("15:03:00", "", "must not be after to"),
        ("2000-01-01", "2026-06-19", "must be at most 31 days before to"),
        ("2000-01-01", "", "must be at most 31 days before to"),
        ("2999-01-01", "", "must not be after to"),
    ],
)
def test_a_range_must_run_forward_and_not_for_years(
    start: str, end: str, allowed: str, path: str, api: TestClient
) -> None:
    response = asked(api, f"{path}from={start}" + (f"&to={end}" if end else ""))
    if allowed:
        body = problem(response, 422, "invalid-request")
        assert body["field"] == "from"
        assert allowed in body["detail"]
    else:
        assert problem(response, 404, "nothing-yet")["field"] == "to"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (f"{NIFTY}?as_of=2026-06-01", "as_of"),
        (f"{NIFTY}/strikes?as_of=10:00", "as_of"),
        (f"{NIFTY}/snapshots?to=10:00", "to"),
        (f"{NIFTY}/history?{ONE}&to=2026-06-01", "to"),
        (f"{NIFTY}/changes?from=10:00", "from"),
        (f"{NIFTY}/changes?from=10:00&to=11:00", "to"),
    ],
)
def test_a_moment_before_everything_recorded_is_not_found(
    path: str, field: str, api: TestClient
) -> None:
    body = problem(asked(api, path), 404, "nothing-yet")
    assert (body["field"], body["first_snapshot"]) == (field, "2026-06-19T09:32:10Z")


def test_changes_need_the_first_of_their_moments(api: TestClient) -> None:
    refused(api, f"{NIFTY}/changes", "from", "must name the first of the two moments")


# ── numbers, names, empty values ─────────────────────────────────────────────────────────────

NO_LIMITS = ["0", "-1", "10001", "1.5", "1e3x", "ten", "", "NaN", "9" * 5_000, "%00", "null"]
NO_STRIKES = ["NaN", "inf", "-inf", "-1", "1e10", "1e999", "", "24000CE", "9" * 5_000, "%00", "[1]"]


@pytest.mark.parametrize("text", NO_LIMITS)
@pytest.mark.parametrize("path", LISTS)
def test_a_limit_is_a_whole_number_within_bounds(path: str, text: str, api: TestClient) -> None:
    refused(api, f"{path}limit={text}", "limit")


@pytest.mark.parametrize("text", NO_STRIKES)
@pytest.mark.parametrize(
    "field", ["strike_min", "strike_max", "min_open_interest", "min_volume", "strikes_around_atm"]
)
def test_a_bound_is_a_finite_number(field: str, text: str, api: TestClient) -> None:
    if (field, text) in (("min_open_interest", "1e10"), ("min_volume", "1e10")):
        return  # there may be as many
    refused(api, f"{NIFTY}?{field}={text}", field)


@pytest.mark.parametrize("text", NO_STRIKES)
def test_a_strike_is_a_finite_number(text: str, api: TestClient) -> None:
    refused(api, f"{NIFTY}/history?strike={text}", "strike")


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ("columns=last_prize", "columns", "open_interest"),
        ("columns=", "columns", "open_interest"),
        ("columns=last_price,", "columns", "open_interest"),
        ("columns=_id", "columns", "open_interest"),
        ("columns=last_price%00", "columns", "open_interest"),
        ("columns=last_price,delta", "columns", "greeks=true"),
        ("columns=iv&greeks=false", "columns", "greeks=true"),
        ("columns=iv_&greeks=true", "columns", "iv_reason"),
        ("greeks=", "greeks", "true or false"),
        ("greeks=1", "greeks", "true or false"),
        ("greeks=yes", "greeks", "true or false"),
        ("greeks=true&greeks=true", "greeks", "must be given once"),
        ("option_type=", "option_type", "'CE' or 'PE'"),
        ("option_type=ce%00", "option_type", "'CE' or 'PE'"),
        ("expiry=", "expiry", "nearest, next, all"),
        ("expiry=2026-06-31", "expiry", "nearest, next, all"),
        ("expiry=$ne", "expiry", "nearest, next, all"),
        ("layout=", "layout", "'rows'"),
        ("layout=wide", "layout", "'rows'"),
        ("format=", "format", "'csv'"),
        ("format=xml", "format", "'csv'"),
        ("strike_min=2&strike_max=1", "strike_min", "must not be above strike_max (1.0)"),
        ("strike_min[$gt]=", "strike_min[$gt]", ""),
        ("$where=1", "$where", ""),
        ("limit=1", "limit", ""),
        ("as_of[]=10:15", "as_of[]", ""),
        ("=1", "", ""),
        ("Expiry=all", "Expiry", ""),
        ("expiry=all&expiry=nearest", "expiry", "must be given once"),
        ("as_of=10:15&as_of=10:15", "as_of", "must be given once"),
    ],
)
def test_a_parameter_of_a_chain_is_checked(
    query: str, field: str, allowed: str, api: TestClient
) -> None:
    body = problem(asked(api, f"{NIFTY}?{query}"), 422, "invalid-request")
    assert body["field"] in (field, "query")
    assert allowed in body["detail"]


@pytest.mark.parametrize(
    "path",
    [
        *(*ROUTES, f"{NIFTY}/strikes?", f"{NIFTY}/expiry-dates?"),
        *(f"{NIFTY}/analytics{below}?" for below in ("", "/smile", "/open-interest")),
    ],
)
def test_no_route_passes_over_a_parameter_or_takes_one_twice(path: str, api: TestClient) -> None:
    refused(api, f"{path}nosuch=1", "nosuch")
    refused(api, f"{path}nosuch[$gt]=", "nosuch[$gt]")
    twice = "as_of=15:00" if "history" not in path and path.endswith("?") else "limit=5"
    if "snapshots" in path:
        twice = "limit=5"
    refused(api, f"{path}{twice}&{twice}", twice.partition("=")[0], "must be given once")


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ("", "strike", "name one contract by identifier"),
        ("option_type=CE", "strike", "name one contract by identifier"),
        ("identifier=", "identifier", "at least 1 character"),
        (f"identifier={'N' * 81}", "identifier", "at most 80 characters"),
        ("identifier=NIFTY", "identifier", "must be of NIFTY and like NIFTY_CE_25000_30-Jan-2025"),
        ("identifier=M%26M_CE_24000_23-Jun-2026", "identifier", "must be of NIFTY"),
        ("identifier=NIFTY_XX_24000_23-Jun-2026", "identifier", "must be of NIFTY"),
        ("identifier=NIFTY_CE_24000_31-Jun-2026", "identifier", "must be of NIFTY"),
        ("identifier=NIFTY_CE_inf_23-Jun-2026", "identifier", "must be of NIFTY"),
        ("identifier=$ne", "identifier", "must be of NIFTY"),
        ("identifier=NIFTY_CE_24000_23-Jun-2026&option_type=CE", "option_type", "leave it out"),
        ("identifier=NIFTY_CE_24000_23-Jun-2026&expiry=next", "expiry", "leave it out"),
        ("identifier=NIFTY_CE_24000_23-Jun-2026&strike=24000", "strike", "name one contract"),
        ("strike=24000&strikes_around_atm=1", "strikes_around_atm", "name one contract"),
        ("strike=24000&strike_min=1", "strike_min", "name one contract"),
        ("strike=24000&expiry=all", "expiry", "nearest, next"),
        ("strike=24000&interval=0s", "interval", ""),
        ("strike=24000&interval=", "interval", ""),
        ("strike=24000&interval=99999h", "interval", ""),
        ("strike=24000&interval=1m&columns=last_price", "columns", "candles have their own"),
    ],
)
def test_a_parameter_of_a_history_is_checked(
    query: str, field: str, allowed: str, api: TestClient
) -> None:
    refused(api, f"{NIFTY}/history?{query}", field, allowed)


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ("metric=", "metric", "straddle_price"),
        ("metric=pcr", "metric", "pcr_oi, pcr_volume"),
        ("metric=pcr_oi,", "metric", "pcr_oi"),
        ("metric=largest_oi", "metric", "pcr_oi"),
        ("metric=$where", "metric", "pcr_oi"),
        ("metric=analytics.pcr_oi", "metric", "pcr_oi"),
        ("expiry=all", "expiry", "nearest, next"),
        ("interval=0s", "interval", ""),
        ("interval=99999h", "interval", ""),
        ("interval=1s", "interval", "from 5s to 24h"),
        ("strike=24000", "strike", ""),
        ("metric=pcr_oi&metric=max_pain", "metric", "must be given once"),
    ],
)
def test_a_parameter_of_a_history_of_analytics_is_checked(
    query: str, field: str, allowed: str, api: TestClient
) -> None:
    refused(api, f"{NIFTY}/analytics/history?{query}", field, allowed)


@pytest.mark.parametrize("below", ["", "/smile", "/open-interest"])
@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ("expiry=all", "expiry", "nearest, next"),
        ("format=xml", "format", "'csv'"),
        ("as_of=yesterday", "as_of", "a time of today"),
        ("as_of=2999-12-31", "as_of", "must not be in the future"),
        ("metric=pcr_oi", "metric", ""),
        ("columns=iv", "columns", ""),
    ],
)
def test_a_parameter_of_analytics_is_checked(
    query: str, field: str, allowed: str, below: str, api: TestClient
) -> None:
    refused(api, f"{NIFTY}/analytics{below}?{query}", field, allowed)


@pytest.mark.parametrize(
    "path",
    [
        "/option-chain/M%26M?strikes_around_atm=1",
        "/option-chain/M%26M/history?strikes_around_atm=1",
        "/option-chain/M%26M/changes?from=15:02:22&strikes_around_atm=1",
    ],
)
def test_without_an_underlying_value_nothing_is_at_the_money(path: str, api: TestClient) -> None:
    refused(api, path, "strikes_around_atm", "sent no underlying value")
    filtered(api, '{"symbol": "M&M", "strikes_around_atm": 1}', "strikes_around_atm", "underlying")


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/option-chain/NOSUCH{}", "unknown-symbol"),
        ("/option-chain/NIFT{}", "unknown-symbol"),
        ("/option-chain/NIFTY{}&expiry=2026-12-31", "unknown-expiry"),
        ("/option-chain/NIFTY{}&expiry=next", "unknown-expiry"),
    ],
)
@pytest.mark.parametrize(
    "below",
    [
        *("?", f"/history?{ONE}", "/snapshots?", "/changes?from=15:00", "/analytics?"),
        *("/analytics/history?", "/analytics/smile?", "/analytics/open-interest?"),
    ],
)
def test_what_is_not_recorded_is_not_found(
    path: str, below: str, slug: str, api: TestClient
) -> None:
    body = problem(asked(api, path.format(below)), 404, slug)
    assert body["known_symbols" if slug == "unknown-symbol" else "known_expiries"]


@pytest.mark.parametrize("query", ["strike=1", "identifier=NIFTY_CE_1_23-Jun-2026"])
def test_a_contract_that_is_not_recorded_is_not_found(query: str, api: TestClient) -> None:
    body = problem(asked(api, f"{NIFTY}/history?{query}"), 404, "unknown-contract")
    assert body["field"] == query.partition("=")[0]
    assert body["known_strikes"] == [24000.0, 24050.0]


# ── cursors ──────────────────────────────────────────────────────────────────────────────────


def other_json(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_cursor_that_is_damaged_or_from_elsewhere_is_refused(
    api: TestClient, cursor: str
) -> None:
    assert asked(api, f"{NIFTY}/snapshots?cursor={cursor}").status_code == 200
    other: tuple[Any, ...] = (None, [], {}, {"given": {}}, {"times": [1, 2, 3]})
    bad = [
        *(
            "",
            "x",
            "null",
            "%00",
            "%FF",
            "\u00e9",
            "\U0001f600",
            "../../etc/passwd",
            "$ne",
            "=" * 9,
        ),
        *(cursor[:-1], cursor[1:], cursor + "A", cursor + "=", cursor[::-1], cursor * 2),
        *(cursor.swapcase(), "A" * 60_000, "A" * 2_001, quote("=" * 1_999)),
        *map(other_json, other),
    ]
    for text in bad:
        refused(api, f"{NIFTY}/snapshots?cursor={text}", "cursor")
        refused(api, f"{FILTER}?cursor={text}", "cursor", method="POST")
    for path in (
        "/option-chain/M%26M/snapshots?",
        f"{NIFTY}/history?",
        f"{NIFTY}/analytics/history?",
        f"{NIFTY}/changes?from=15:00&",
    ):
        refused(api, f"{path}cursor={cursor}", "cursor")
    refused(api, f"{FILTER}?cursor={cursor}", "cursor", method="POST")


# ── the filter ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "field"),
    [
        *((text, "body") for text in ("", "null", "[]", "[[]]", '"NIFTY"', "17", "{", "\x00")),
        ("{}", "symbol"),
        ('{"symbol": {"$gt": ""}}', "symbol"),
        ('{"symbol": ["NIFTY"]}', "symbol"),
        ('{"symbol": "NIFTY", "option_type": {"$gt": ""}}', "option_type"),
        ('{"symbol": "NIFTY", "strike_price_min": {"$gt": ""}}', "strike_price_min"),
        ('{"symbol": "NIFTY", "expiry_date": {"$ne": null}}', "expiry_date"),
        ('{"symbol": "NIFTY", "as_of": {"$gt": ""}}', "as_of"),
        ('{"symbol": "NIFTY", "as_of": [2026]}', "as_of"),
        ('{"symbol": "NIFTY", "as_of": 20260619}', "as_of"),
        ('{"symbol": "NIFTY", "columns": "last_price"}', "columns"),
        ('{"symbol": "NIFTY", "columns": []}', "columns"),
        ('{"symbol": "NIFTY", "columns": ["$where"]}', "columns"),
        ('{"symbol": "NIFTY", "limit": {"$gt": 0}}', "limit"),
        ('{"symbol": "NIFTY", "strikes_around_atm": 1.5}', "strikes_around_atm"),
        ('{"symbol": "NIFTY", "min_volume": -1}', "min_volume"),
        ('{"symbol": "NIFTY", "min_open_interest": NaN}', "min_open_interest"),
        ('{"symbol": "NIFTY", "format": "xml"}', "format"),
        ('{"symbol": "NIFTY", "$where": "1"}', "$where"),
    ],
)
def test_a_body_of_a_filter_is_checked(content: str, field: str, api: TestClient) -> None:
    body = problem(
        asked(api, FILTER, method="POST", content=content, headers=JSON), 422, "invalid-request"
    )
    assert body["field"] == field


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "", "x"])
def test_a_body_of_another_type_is_refused(kind: str, api: TestClient) -> None:
    options: dict[str, Any] = {"method": "POST", "content": '{"symbol": "NIFTY"}'}
    refused(api, FILTER, "body", headers={"content-type": kind}, **options)


def test_a_filter_takes_no_parameter_but_a_cursor(api: TestClient) -> None:
    body = '{"symbol": "NIFTY"}'
    for name in ("symbol", "limit", "nosuch", "$where"):
        path = f"{FILTER}?{name}=1"
        refused(api, path, name, method="POST", content=body, headers=JSON)


# ── answers too large ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("query", ["", "?layout=rows", "?format=csv"])
def test_an_answer_too_large_is_refused_with_the_way_to_ask_for_less(
    query: str, api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chain_api.caching.http_cache.MOST_BYTES", 200)
    for _ in range(2):
        body = problem(asked(api, f"{NIFTY}{query}"), 413, "answer-too-large")
        assert body["allowed_bytes"] == 200 < body["bytes"]
        assert "`next` links" in body["detail"]


@pytest.mark.parametrize("path", [f"{NIFTY}/snapshots", f"{NIFTY}/history?{ONE}"])
def test_a_list_too_large_is_to_be_had_in_pages(
    path: str, api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    join = "&" if "?" in path else "?"
    whole = len(asked(api, path).content)
    monkeypatch.setattr("chain_api.caching.http_cache.MOST_BYTES", whole)
    assert "limit" in problem(asked(api, path), 413, "answer-too-large")["detail"]
    assert asked(api, f"{path}{join}limit=1").status_code == 200


# ── anything at all ──────────────────────────────────────────────────────────────────────────

NAMES = [
    *("expiry", "as_of", "columns", "layout", "format", "option_type", "strike_min", "strike_max"),
    *("strikes_around_atm", "min_open_interest", "min_volume", "from", "to", "limit", "cursor"),
    *("strike", "identifier", "interval", "from_", "$where", "expiry[$gt]", "", "date", "offset"),
    *("greeks", "metric"),
]
VALUES = [
    *("", "0", "-1", "1", "2", "24000", "24000.0", "1e308", "-0.0", "NaN", "inf", "9" * 400),
    *("nearest", "next", "all", "CE", "PE", "csv", "ndjson", "json", "rows", "columns", "sides"),
    *("2026-06-19", "2026-06-18", "15:02", "15:02:20", "15:02:15", "2026-06-23", "23-Jun-2026"),
    *("2026-02-30", "2999-12-31", "0001-01-01", "2026-06-19T15:02:20", "10:15", "00:00", "24:00"),
    *("2026-06-19T23:59:59-23:59", "2000-01-01T00:00:00+23:59", "1m", "5s", "1d", "24h", "7s"),
    *("last_price", "identifier,last_price", "fetched_at", "type", "NIFTY_CE_24000_23-Jun-2026"),
    *("NIFTY_PE_24050_23-JUN-2026", "{'$gt': ''}", "$ne", "\x00", "\ud7ff", "\U0001f600", "'\"\\"),
    *("pcr_oi", "delta,iv"),
    *("true", "null", "undefined", " ", "%", "../..", "A" * 300, "e30", "e30="),
]
PATHS = [
    *("", "/strikes", "/expiry-dates", "/snapshots", "/history", "/changes", "/gaps"),
    *("/analytics", "/analytics/history", "/analytics/smile", "/analytics/open-interest"),
]
PAIRS = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=8))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    symbol=st.sampled_from(["NIFTY", "nifty", "M%26M", "NOSUCH", "%00", "$ne"]),
    below=st.sampled_from(PATHS),
    pairs=st.lists(PAIRS, max_size=4),
    accept=st.sampled_from(["*/*", "text/csv", "application/x-ndjson;q=0.1", ";;q", "\x7f"]),
)
def test_no_query_whatever_is_a_failure_of_the_service(
    symbol: str, below: str, pairs: list[tuple[str, str]], accept: str, api: TestClient
) -> None:
    query = urlencode(pairs, errors="replace")
    response = asked(api, f"/option-chain/{symbol}{below}?{query}", headers={"accept": accept})
    assert response.status_code in (200, 404, 413, 422), response.text
    if response.status_code != 200:
        problem(response, response.status_code, response.json()["type"].rpartition(":")[2])


# Such as are mostly taken, so that more than the checks is reached.
GOOD = {
    "expiry": ["nearest", "all", "23-Jun-2026"],
    "as_of": ["15:02:20", "2026-06-19", "2026-06-19T15:02:12"],
    "from": ["15:02:12", "2026-06-19", "2026-06-01"],
    "to": ["15:02:20", "2026-06-19T09:32:20Z", "2026-06-19"],
    "limit": ["1", "2", "10000"],
    "columns": ["last_price", "identifier,fetched_at,type"],
    "option_type": ["CE", "PE"],
    "strike": ["24000", "24050.0", "-0.0", "0"],
    "strike_min": ["0", "24050"],
    "strike_max": ["24000", "1e9"],
    "strikes_around_atm": ["0", "1", "500"],
    "interval": ["5s", "1m", "1h", "1d"],
    "format": ["csv", "ndjson", "json"],
    "layout": ["rows", "columns"],
    "min_volume": ["0", "1e12"],
    "greeks": ["true", "false"],
    "metric": ["pcr_oi", "underlying_value,forward"],
}


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    data=st.data(),
    below=st.sampled_from(["", "/snapshots", "/history", "/changes", "/analytics/history"]),
)
def test_no_query_of_good_values_is_a_failure_of_the_service(
    data: st.DataObject, below: str, api: TestClient
) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(GOOD)), unique=True, max_size=5))
    query = {name: data.draw(st.sampled_from(GOOD[name])) for name in names}
    if below == "/history" and not {"strike", "strike_min", "strike_max"} & set(names):
        query["strike"] = "24000"
    response = asked(api, f"{NIFTY}{below}?{urlencode(query)}")
    assert response.status_code in (200, 404, 422), response.text


GIVEN = {"given": {}, "expiry": "23-Jun-2026", "times": [1, 2, 3], "position": [0, 1]}


@pytest.mark.parametrize(
    "changed",
    [
        {"given": None},
        {"given": {"limit": "0"}},
        {"given": {"strike_min": "x"}},
        {"expiry": "30-Feb-2026"},
        {"times": [1, 2]},
        {"times": [1, 2, 10**18]},
        {"times": [-1, 2, 3]},
        {"position": None},
        {"position": []},
        {"position": ["x", {}]},
        {"position": [-1, 2**62]},
        {"position": [1, 2, 3, 4]},
    ],
)
@pytest.mark.parametrize("resource", ["snapshots", "history", "changes", "analytics/history"])
def test_a_cursor_with_a_right_checksum_is_validated_all_the_same(
    api: TestClient, resource: str, changed: dict[str, Any]
) -> None:
    given = GIVEN | {"position": [0]} if resource.startswith("analytics") else GIVEN
    cursor = cursor_of(f"{resource} NIFTY", given | changed)
    response = api.get(f"/option-chain/NIFTY/{resource}", params={"cursor": cursor})
    assert problem(response, 422, "invalid-request")["field"] == "cursor"
    whole = cursor_of("filter", GIVEN | changed)
    response = api.post(f"/option-chain/filter?cursor={whole}")
    assert problem(response, 422, "invalid-request")["field"] == "cursor"
