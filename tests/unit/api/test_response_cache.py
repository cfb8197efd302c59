"""The response cache is bounded, and is never older than the database."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fastapi import Request
from starlette.testclient import TestClient

from chain_api.caching import response_cache
from chain_api.caching.http_cache import Content
from chain_api.caching.response_cache import CachedResponse, ResponseCache
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.api import CHAIN, Clock, client, database_with, problem
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock

SECOND = timedelta(seconds=1)

# ── the cache ────────────────────────────────────────────────────────────────────────────────


def request(query: bytes = b"", accept: str = "", path: str = CHAIN) -> Request:
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query}
    return Request(scope | {"headers": [(b"accept", accept.encode())] if accept else []})


def cached(size: int) -> CachedResponse:
    resource: Any = None
    return CachedResponse(resource, [], "v", Content(b"x" * size))


def found(cache: ResponseCache, wanted: Request) -> CachedResponse | None:
    return cache.find(wanted.scope, wanted.headers.get("accept", ""))


def numbered(number: int) -> Request:
    return request(b"n=%d" % number)


@pytest.fixture
def small_cache(monkeypatch: pytest.MonkeyPatch) -> ResponseCache:
    """A cache of at most 60,000 bytes."""
    monkeypatch.setattr(response_cache, "_MOST_BYTES", 60_000)
    return ResponseCache()


def test_a_response_is_found_under_its_whole_request_line_only() -> None:
    cache, one = ResponseCache(), cached(1)
    cache.store(request(b"expiry=all", "text/csv"), one)
    assert found(cache, request(b"expiry=all", "text/csv")) is one
    for other in (request(b"expiry=all"), request(b"", "text/csv"), request(b"expiry=al")):
        assert found(cache, other) is None


def test_the_cache_holds_no_more_bytes_than_it_may(small_cache: ResponseCache) -> None:
    for number in range(200):
        small_cache.store(numbered(number), cached(10_000))
    there = [number for number in range(200) if found(small_cache, numbered(number))]
    assert there == [197, 198, 199], "the last ones, as many as fit with their overhead"


def test_the_response_used_least_recently_is_removed_first(small_cache: ResponseCache) -> None:
    for number in range(50):
        small_cache.store(numbered(number), cached(10_000))
        assert found(small_cache, numbered(0))


def test_a_response_larger_than_the_cache_is_not_stored(small_cache: ResponseCache) -> None:
    small_cache.store(request(b"small"), cached(1))
    small_cache.store(request(b"large"), cached(60_000))
    assert found(small_cache, request(b"large")) is None
    assert found(small_cache, request(b"small"))


@pytest.mark.parametrize(
    "wanted", [request(b"x" * 60_000), request(b"", "x" * 60_000), request(path="/" + "x" * 60_000)]
)
def test_a_response_to_an_enormous_request_line_is_not_stored(wanted: Request) -> None:
    """The line is stored with the response: thousands of them would fill the memory."""
    cache = ResponseCache()
    cache.store(wanted, cached(1))
    assert found(cache, wanted) is None


# ── what is served from it ───────────────────────────────────────────────────────────────────


@pytest.fixture
def shaky() -> ShakyDatabase:
    return ShakyDatabase(database_with(snapshot()))


@pytest.fixture
def api(shaky: ShakyDatabase) -> TestClient:
    """The API with a chain in its cache."""
    api = client(shaky)
    assert api.get(CHAIN).status_code == 200
    return api


def test_nothing_is_served_while_the_database_is_away(
    api: TestClient, shaky: ShakyDatabase
) -> None:
    """Nobody could tell whether it is still true."""
    tag = api.get(CHAIN).headers["etag"]
    shaky.away = True
    for headers in ({}, {"if-none-match": tag}):
        response = api.get(CHAIN, headers=headers)
        problem(response, 503, "database-unavailable")
        assert response.headers["retry-after"] == "5"
    shaky.away = False
    assert api.get(CHAIN).status_code == 200
    assert api.get(CHAIN, headers={"if-none-match": tag}).status_code == 304


def test_too_large_response_is_refused(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chain_api.caching.http_cache.MOST_BYTES", 100)
    for _ in range(2):
        problem(api.get(CHAIN), 413, "answer-too-large")


def test_only_get_and_head_are_answered_from_the_cache(api: TestClient) -> None:
    for method in ("POST", "DELETE", "PUT"):
        problem(api.request(method, CHAIN), 405, "method-not-allowed")


def test_the_cache_does_not_change_which_accept_header_counts(shaky: ShakyDatabase) -> None:
    api = client(shaky)
    headers = [("accept", "text/csv"), ("accept", "application/json")]
    kinds = {api.get(CHAIN, headers=headers).headers["content-type"] for _ in range(3)}
    api.get(CHAIN, headers={"accept": "application/json"})
    kinds |= {api.get(CHAIN, headers=headers).headers["content-type"]}
    assert len(kinds) == 1


# ── within a complete tick ───────────────────────────────────────────────────────────────────

GOOD = {"outcome": "unchanged", "expiries": [{"outcome": "unchanged"}]}


def test_within_a_complete_tick_a_poll_needs_no_database(shaky: ShakyDatabase) -> None:
    TickLedger(shaky).record("NIFTY", TICK, GOOD)
    clock = Clock(TICK + 2 * SECOND)
    api = client(shaky, clock)
    first, renewed = api.get(CHAIN), api.get(CHAIN)
    shaky.away = True
    clock.now += 2 * SECOND
    later = api.get(CHAIN)
    assert first.json() == renewed.json()
    assert later.json() == first.json() | {
        "age_seconds": 4.0,
        "expiries": [first.json()["expiries"][0] | {"age_seconds": 4.0}],
    }
    assert later.headers["x-age-seconds"] == "4"
    assert later.headers["cache-control"] == "private, max-age=1"
    assert api.get(CHAIN, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    clock.now = TICK + INTERVAL
    problem(api.get(CHAIN), 503, "database-unavailable")


@pytest.mark.parametrize("entry", [
    None,  # not claimed
    {},  # open
    {"outcome": "failed", "reason": "timeout", "expiries": []},
    {"outcome": "skipped", "reason": "busy"},
    {"outcome": "stored", "expiries": [{"outcome": "stored"}, {"outcome": "failed"}]},
])  # fmt: skip
def test_within_any_other_tick_each_poll_reads_the_database(
    shaky: ShakyDatabase, entry: dict[str, Any] | None
) -> None:
    """A late answer of the exchange might still be stored."""
    if entry is not None:
        ledger = TickLedger(shaky)
        ledger.claim("NIFTY", TICK, "owner", TICK)
        if entry:
            ledger.record("NIFTY", TICK, entry)
    api = client(shaky, Clock(TICK + 2 * SECOND))
    assert [api.get(CHAIN).status_code for _ in range(3)] == [200] * 3
    SnapshotWriter(shaky).commit(Commit(snapshot(tick=TICK + SECOND, last_price=77.0)))
    assert api.get(CHAIN).json()["calls"][0]["last_price"] == 77.0


def test_a_complete_tick_of_another_symbol_does_not_count(shaky: ShakyDatabase) -> None:
    TickLedger(shaky).record("BANKNIFTY", TICK, GOOD)
    api = client(shaky, Clock(TICK + 2 * SECOND))
    assert api.get(CHAIN).status_code == api.get(CHAIN).status_code == 200
    shaky.away = True
    problem(api.get(CHAIN), 503, "database-unavailable")


def test_a_chain_that_was_read_before_the_ledger_entry_is_read_again(
    shaky: ShakyDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another expiry is stored, and the tick completed, between the two reads of one poll."""
    api = client(shaky, Clock(TICK + 2 * SECOND))
    every = f"{CHAIN}?expiry=all&columns=last_price"
    assert len(api.get(every).json()["expiries"]) == 1
    is_complete = TickLedger.is_complete

    def completed_meanwhile(ledger: TickLedger, symbol: str, tick: datetime) -> bool:
        SnapshotWriter(shaky).commit(Commit(snapshot(expiry=date(2026, 6, 30))))
        TickLedger(shaky).record("NIFTY", TICK, GOOD)
        return is_complete(ledger, symbol, tick)

    monkeypatch.setattr(TickLedger, "is_complete", completed_meanwhile)
    for _ in range(2):
        assert len(api.get(every).json()["expiries"]) == 2
