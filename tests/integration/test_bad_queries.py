"""A bad query is a 4xx that names the field and what is allowed, and no error in the log."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from local.mongod import Mongod
from tests.support.api import client, commit, logged, problem
from tests.support.bodies import Json
from tests.support.commands import watched
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot
from tests.support.work import done_with_seconds

NIFTY = "/option-chain/NIFTY"
FILTER = "/option-chain/filter"
QUICK = 1.0  # seconds of work
JSON = {"content-type": "application/json"}
ONE = "strike=24000"
LISTS = (
    *(f"{NIFTY}/snapshots?", f"{NIFTY}/history?{ONE}&", f"{NIFTY}/analytics/history?"),
    *(f"{NIFTY}/changes?from=15:00&", f"{NIFTY}/analytics/open-interest/history?"),
)
ANALYTICS = tuple(
    f"{NIFTY}/analytics{below}?" for below in ("", "/smile", "/open-interest", "/gamma-exposure")
)


@pytest.fixture(scope="module")
def database(mongod: Mongod) -> Iterator[AnyDatabase]:
    with watched(mongod, "bad_queries") as (database, _):
        chains = [snapshot(tick=TICK - number * INTERVAL) for number in range(4)]
        chains += (
            snapshot(symbol="M&M", underlying=None, tick=tick, bid_price=None, last_price=None)
            for tick in (TICK, TICK - INTERVAL)
        )
        commit(database, *chains)
        yield database


@pytest.fixture(scope="module")
def api(database: AnyDatabase) -> TestClient:
    return client(database)


def asked(api: TestClient, path: str, **options: Any) -> Response:  # noqa: ANN401
    """Return the answer, which must cost little work and no error in the log."""
    method = options.pop("method", "GET")
    with logged() as records:
        response, took = done_with_seconds(lambda: api.request(method, path, **options), QUICK)
    assert took < QUICK, path
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
    assert body["field"] == field, (path, body["detail"])
    assert body["detail"].startswith(f"{field}: "), path
    assert allowed in body["detail"], path


def filter_refused(api: TestClient, content: str, field: str, allowed: str = "") -> None:
    refused(api, FILTER, field, allowed, method="POST", content=content, headers=JSON)


@pytest.mark.parametrize("path", [f"{NIFTY}?greeks=true&", *ANALYTICS[:2]])
@pytest.mark.parametrize("text", ["", "mid", "EXCHANGED", "price,exchange", "%00"])
def test_what_is_no_source_of_volatilities_is_refused(
    text: str, path: str, api: TestClient
) -> None:
    refused(api, f"{path}iv_source={text}", "iv_source", "must be price or exchange")


@pytest.mark.parametrize("path", [f"{NIFTY}/strikes?", ANALYTICS[2], *LISTS])
def test_a_source_of_volatilities_is_refused_where_there_are_none(
    path: str, api: TestClient
) -> None:
    refused(api, f"{path}iv_source=price", "iv_source")


@pytest.mark.parametrize("query", ["iv_source=price", "greeks=false&iv_source=exchange"])
def test_a_chain_without_greeks_has_no_source_of_volatilities(query: str, api: TestClient) -> None:
    refused(api, f"{NIFTY}?{query}", "iv_source", "must not be given without greeks=true")


NO_MOMENTS = [
    *("2026-02-30", "2026-13-01", "0000-00-00", "1999-12-31", "25:00", "10:60", "yesterday"),
    *("", "NaN", "1781776505", "2026-06-19T10:15:05%2B99:99", "%00", "%F0%9F%98%80", "%24now"),
    *("9" * 5_000, "10:15:05%0A", "2026-06-19/2026-06-20"),
]


def test_what_is_no_moment_is_refused(api: TestClient) -> None:
    allowed = "a time of today such as 10:15"
    for text in NO_MOMENTS:
        refused(api, f"{NIFTY}?as_of={text}", "as_of", allowed)
        refused(api, f"{NIFTY}/strikes?as_of={text}", "as_of", allowed)
        refused(api, f"{NIFTY}/snapshots?from={text}", "from", allowed)
        refused(api, f"{NIFTY}/history?{ONE}&to={text}", "to", allowed)


@pytest.mark.parametrize("text", ["2026-06-20", "2999-12-31", "15:04", "2026-06-19T15:04:00"])
def test_a_moment_of_the_future_is_refused(text: str, api: TestClient) -> None:
    allowed = "must not be in the future; it is 2026-06-19 15:02:32 IST"
    refused(api, f"{NIFTY}?as_of={text}", "as_of", allowed)
    refused(api, f"{NIFTY}/expiry-dates?as_of={text}", "as_of", allowed)
    for path in LISTS:
        refused(api, f"{path}to={text}", "to", allowed)
    filter_refused(api, json.dumps({"symbol": "NIFTY", "as_of": text}), "as_of", allowed)


@pytest.mark.parametrize("path", LISTS[:3])
def test_a_range_must_run_forward_and_not_for_years(path: str, api: TestClient) -> None:
    for query, allowed in (
        ("from=15:02:30&to=15:02:20", "must not be after to"),
        ("from=15:03:00", "must not be after to"),
        ("from=2000-01-01&to=2026-06-19", "must be at most 31 days before to"),
        ("from=2000-01-01", "must be at most 31 days before to"),
        ("from=2999-01-01", "must not be after to"),
    ):
        refused(api, path + query, "from", allowed)
    response = asked(api, f"{path}from=2026-06-19&to=2026-06-18")
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
        *((f"{path}as_of=2026-06-01", "as_of") for path in ANALYTICS),
    ],
)
def test_a_moment_before_the_recording_is_not_found(path: str, field: str, api: TestClient) -> None:
    body = problem(asked(api, path), 404, "nothing-yet")
    assert (body["field"], body["first_snapshot"]) == (field, "2026-06-19T09:32:10Z")


NO_LIMITS = ["0", "-1", "10001", "1.5", "1e3x", "ten", "", "NaN", "9" * 5_000, "%00", "null"]
NO_STRIKES = ["NaN", "inf", "-inf", "-1", "1e10", "1e999", "", "24000CE", "9" * 5_000, "%00", "[1]"]


def test_a_limit_is_a_whole_number_within_bounds(api: TestClient) -> None:
    for path in LISTS:
        for text in NO_LIMITS:
            refused(api, f"{path}limit={text}", "limit")


def test_a_strike_and_a_bound_are_finite_numbers(api: TestClient) -> None:
    for text in NO_STRIKES:
        refused(api, f"{NIFTY}/history?strike={text}", "strike")
        for field in ("strike_min", "strike_max", "strikes_around_atm"):
            refused(api, f"{NIFTY}?{field}={text}", field)
        for field in ("min_open_interest", "min_volume"):
            if text != "1e10":  # there may be as many
                refused(api, f"{NIFTY}?{field}={text}", field)


# By route: the query, the field that is named, and what is said to be allowed.
REFUSED: dict[str, list[tuple[str, str, str]]] = {
    f"{NIFTY}?": [
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
        ("option_type=", "option_type", "must be CE or PE"),
        ("option_type=ce%00", "option_type", "must be CE or PE"),
        ("expiry=", "expiry", "nearest, next, all"),
        ("expiry=2026-06-31", "expiry", "nearest, next, all"),
        ("expiry=$ne", "expiry", "nearest, next, all"),
        ("layout=", "layout", "sides, rows or columns"),
        ("layout=wide", "layout", "sides, rows or columns"),
        ("format=", "format", "json, csv or ndjson"),
        ("format=xml", "format", "json, csv or ndjson"),
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
    f"{NIFTY}/history?": [
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
        (
            "strike=24000&interval=1m&columns=last_price",
            "columns",
            "candles have columns",
        ),
        ("strike=24000&columns=delta", "columns", ""),
        ("strike=24000&interval=1m&columns=delta", "columns", ""),
    ],
    f"{NIFTY}/analytics/history?": [
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
    f"{NIFTY}/changes?": [
        ("", "from", "must name the first of the two moments"),
        ("from=15:00&sort=", "sort", "open_interest_change"),
        ("from=15:00&sort=identifier", "sort", "open_interest_change"),
        ("from=15:00&sort=--last_price_to", "sort", "with - in front"),
        ("from=15m", "from", "-15m"),
    ],
    **{
        path: [
            # The exposure is of every expiry too.
            *([] if "gamma" in path else [("expiry=all", "expiry", "nearest, next")]),
            ("expiry=$ne", "expiry", "nearest, next"),
            ("format=xml", "format", "json, csv or ndjson"),
            ("as_of=yesterday", "as_of", "a time of today"),
            ("as_of=2999-12-31", "as_of", "must not be in the future"),
            ("metric=pcr_oi", "metric", ""),
            ("columns=iv", "columns", ""),
        ]
        for path in ANALYTICS
    },
}


@pytest.mark.parametrize("path", REFUSED)
def test_a_parameter_is_checked(path: str, api: TestClient) -> None:
    for query, field, allowed in REFUSED[path]:
        refused(api, path + query, field, allowed)


@pytest.mark.parametrize(
    "path", [f"{NIFTY}?", *LISTS, f"{NIFTY}/strikes?", f"{NIFTY}/expiry-dates?", *ANALYTICS]
)
def test_no_route_ignores_a_parameter_or_takes_one_twice(path: str, api: TestClient) -> None:
    refused(api, f"{path}nosuch=1", "nosuch")
    refused(api, f"{path}nosuch[$gt]=", "nosuch[$gt]")
    twice = "limit=5" if path in LISTS else "as_of=15:00"
    refused(api, f"{path}{twice}&{twice}", twice.partition("=")[0], "must be given once")


def test_without_an_underlying_value_and_quotes_nothing_is_at_the_money(api: TestClient) -> None:
    for below in ("?", "/history?", "/changes?from=15:02:22&"):
        path = f"/option-chain/M%26M{below}strikes_around_atm=1"
        refused(api, path, "strikes_around_atm", "no prices from which a forward follows")
    body = '{"symbol": "M&M", "strikes_around_atm": 1}'
    filter_refused(api, body, "strikes_around_atm", "underlying")


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/option-chain/NOSUCH{}", "unknown-symbol"),
        ("/option-chain/NIFT{}", "unknown-symbol"),
        ("/option-chain/NIFTY{}&expiry=2026-12-31", "unknown-expiry"),
        ("/option-chain/NIFTY{}&expiry=next", "unknown-expiry"),
    ],
)
def test_what_is_not_recorded_is_not_found(path: str, slug: str, api: TestClient) -> None:
    for route in (f"{NIFTY}?", *LISTS, *ANALYTICS):
        body = problem(asked(api, path.format(route.removeprefix(NIFTY))), 404, slug)
        assert body["known_symbols" if slug == "unknown-symbol" else "known_expiries"]


@pytest.mark.parametrize("query", ["strike=1", "identifier=NIFTY_CE_1_23-Jun-2026"])
def test_a_contract_that_is_not_recorded_is_not_found(query: str, api: TestClient) -> None:
    body = problem(asked(api, f"{NIFTY}/history?{query}"), 404, "unknown-contract")
    assert body["field"] == query.partition("=")[0]
    assert body["known_strikes"] == [24000.0, 24050.0]


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
    filter_refused(api, content, field)


def test_a_body_of_another_type_is_refused(api: TestClient) -> None:
    options: Json = {"method": "POST", "content": '{"symbol": "NIFTY"}'}
    for kind in ("text/plain", "application/xml", "multipart/form-data", "", "x"):
        refused(api, FILTER, "body", headers={"content-type": kind}, **options)


def test_a_filter_takes_no_parameter_but_a_cursor(api: TestClient) -> None:
    options: Json = {"method": "POST", "content": '{"symbol": "NIFTY"}'}
    for name in ("symbol", "limit", "nosuch", "$where"):
        refused(api, f"{FILTER}?{name}=1", name, headers=JSON, **options)


@pytest.mark.parametrize("query", ["", "?layout=rows", "?format=csv"])
def test_an_answer_too_large_is_refused_with_the_way_to_ask_for_less(
    query: str, api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chain_api.caching.http_cache.MOST_BYTES", 200)
    for _ in range(2):
        body = problem(asked(api, f"{NIFTY}{query}"), 413, "answer-too-large")
        assert body["allowed_bytes"] == 200 < body["bytes"]
        assert "`next` links" in body["detail"]


@pytest.mark.parametrize("path", [f"{NIFTY}/snapshots?", f"{NIFTY}/history?{ONE}&"])
def test_long_lists_have_pages(path: str, api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = len(asked(api, path).content)
    monkeypatch.setattr("chain_api.caching.http_cache.MOST_BYTES", whole)
    assert "limit" in problem(asked(api, path), 413, "answer-too-large")["detail"]
    assert asked(api, f"{path}limit=1").status_code == 200
