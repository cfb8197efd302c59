"""Answers that are kept: looks are shared, and the shelf is bounded."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from threading import Event, Lock
from typing import Any

import pytest
from fastapi import Request
from starlette.testclient import TestClient

from chain_api.caching import response_cache as keeper
from chain_api.caching.response_cache import Kept, Looks, Shelf
from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import Document
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.api import client, problem
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

HERE = ("NIFTY", "nearest")
THERE = ("M&M", "nearest")


# ── looks ────────────────────────────────────────────────────────────────────────────────────


class Looker:
    """A look that lasts until it may end; it finds its own number."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.begun = 0
        self.may_end = Event()
        self._error = error
        self._lock = Lock()

    def __call__(self) -> list[Any]:
        with self._lock:
            self.begun += 1
            number = self.begun
        assert self.may_end.wait(10)
        if self._error:
            raise self._error
        return [number]

    async def has_begun(self, times: int) -> None:
        async with asyncio.timeout(10):
            while self.begun < times:  # noqa: ASYNC110  (it is begun in a thread)
                await asyncio.sleep(0.001)


async def settle() -> None:
    """Let every task of the loop come as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


def run[T](work: Callable[[], Awaitable[T]]) -> T:
    """Run in a new event loop, as Mangum does for each request."""

    async def whole() -> T:
        return await work()

    return asyncio.run(whole())


def test_requests_that_come_while_one_looks_share_the_next_look() -> None:
    """A look that began before a request does not serve it: it may not see what is news by then."""

    async def work() -> None:
        looks, look = Looks(), Looker()
        first = asyncio.create_task(looks.share(HERE, look))
        await look.has_begun(1)
        later = [asyncio.create_task(looks.share(HERE, look)) for _ in range(50)]
        await settle()
        assert look.begun == 1
        look.may_end.set()
        assert await first == [1]
        assert await asyncio.gather(*later) == [[2]] * 50
        assert look.begun == 2

    run(work)


def test_requests_that_come_before_a_look_begins_share_it() -> None:
    async def work() -> None:
        looks, look = Looks(), Looker()
        look.may_end.set()
        assert await asyncio.gather(*(looks.share(HERE, look) for _ in range(50))) == [[1]] * 50

    run(work)


def test_each_question_is_looked_at_by_itself() -> None:
    async def work() -> None:
        looks, slow, quick = Looks(), Looker(), Looker()
        waiting = asyncio.create_task(looks.share(HERE, slow))
        await slow.has_begun(1)
        quick.may_end.set()
        assert await looks.share(THERE, quick) == [1]
        assert not waiting.done()
        slow.may_end.set()
        assert await waiting == [1]

    run(work)


def test_an_error_reaches_all_who_wait_and_the_next_look_begins_anew() -> None:
    async def work() -> None:
        looks, away, back = Looks(), Looker(error=StoreUnavailable("away")), Looker()
        waiting = [asyncio.create_task(looks.share(HERE, away)) for _ in range(5)]
        await away.has_begun(1)
        away.may_end.set()
        back.may_end.set()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(result) for result in results] == [StoreUnavailable] * 5
        assert away.begun == 1
        assert await looks.share(HERE, back) == [1]

    run(work)


@pytest.mark.parametrize("hangs_up", [0, 1, 4])
def test_one_who_hangs_up_does_not_end_the_look_of_the_others(hangs_up: int) -> None:
    async def work() -> None:
        looks, look = Looks(), Looker()
        waiting = [asyncio.create_task(looks.share(HERE, look)) for _ in range(5)]
        await look.has_begun(1)
        waiting.pop(hangs_up).cancel()
        await settle()
        look.may_end.set()
        assert await asyncio.gather(*waiting) == [[1]] * 4

    run(work)


def test_after_all_hung_up_the_next_is_served() -> None:
    async def work() -> None:
        looks, look = Looks(), Looker()
        for when in (0, 1):  # before the look began, and while it lasts
            waiting = asyncio.create_task(looks.share(HERE, look))
            await asyncio.sleep(0)
            if when:
                await look.has_begun(1)
            waiting.cancel()
            await settle()
        look.may_end.set()
        assert await asyncio.wait_for(looks.share(HERE, look), 5)

    run(work)


@pytest.mark.parametrize("inline", [True, False])
def test_requests_come_in_one_event_loop_after_the_other(inline: bool) -> None:
    """So does Mangum run them: what is left of one loop must not be waited for in the next."""
    looks, begun = Looks(inline=inline), 0

    def look() -> list[int]:
        nonlocal begun
        begun += 1
        time.sleep(0.01)
        return [begun]

    async def crowd() -> None:
        first = asyncio.create_task(looks.share(HERE, look))
        await asyncio.sleep(0.005)
        await asyncio.gather(first, looks.share(HERE, look), looks.share(HERE, look))

    for _ in range(3):
        run(crowd)
        assert run(lambda: looks.share(HERE, look)) == [begun]
    assert begun == (4 if inline else 3) * 3


# ── the shelf ────────────────────────────────────────────────────────────────────────────────


def request(query: bytes = b"", accept: str = "") -> Request:
    headers = [(b"accept", accept.encode())] if accept else []
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/option-chain/NIFTY",
            "query_string": query,
            "headers": headers,
        }
    )


def kept(size: int) -> Kept:
    view: Any = None
    return Kept(view, "v", b"x" * size)


def found(shelf: Shelf, wanted: Request) -> Kept | None:
    return shelf.find(wanted.scope, wanted.headers.get("accept", ""))


def test_what_is_kept_is_found_under_its_whole_request_line_alone() -> None:
    shelf, one = Shelf(), kept(1)
    shelf.keep(request(b"expiry=all", "text/csv"), one)
    assert found(shelf, request(b"expiry=all", "text/csv")) is one
    for other in (request(b"expiry=all"), request(b"", "text/csv"), request(b"expiry=al")):
        assert found(shelf, other) is None


def test_what_was_kept_last_is_what_is_found() -> None:
    shelf, older, newer = Shelf(), kept(1), kept(2)
    shelf.keep(request(), older)
    shelf.keep(request(), newer)
    assert found(shelf, request()) is newer


def test_the_shelf_holds_no_more_bytes_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_MOST_BYTES", 50_000)
    shelf = Shelf()
    for number in range(200):
        shelf.keep(request(b"n=%d" % number), kept(10_000))
    there = [number for number in range(200) if found(shelf, request(b"n=%d" % number))]
    assert there == [196, 197, 198, 199], "the last ones, as many as fit beside their own weight"


def test_what_is_asked_for_stays_and_what_is_not_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_MOST_BYTES", 50_000)
    shelf = Shelf()
    for number in range(50):
        shelf.keep(request(b"n=%d" % number), kept(10_000))
        assert found(shelf, request(b"n=0"))


def test_an_answer_larger_than_the_shelf_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_MOST_BYTES", 50_000)
    shelf = Shelf()
    shelf.keep(request(b"small"), kept(1))
    shelf.keep(request(b"large"), kept(50_000))
    assert found(shelf, request(b"large")) is None
    assert found(shelf, request(b"small"))


@pytest.mark.parametrize("wanted", [request(b"x" * 60_000), request(b"", "x" * 60_000)])
def test_an_answer_under_an_enormous_request_line_is_not_kept(wanted: Request) -> None:
    """The line is kept beside the answer: thousands of them would fill the memory unseen."""
    shelf = Shelf()
    shelf.keep(wanted, kept(1))
    assert found(shelf, wanted) is None


# ── what is served from it ───────────────────────────────────────────────────────────────────

CHAIN = "/option-chain/NIFTY"


@pytest.fixture
def shaky() -> ShakyDatabase:
    database = memory_database()
    SnapshotWriter(database).commit([Commit(snapshot())])
    return ShakyDatabase(database)


@pytest.fixture
def api(shaky: ShakyDatabase) -> TestClient:
    """The API with a chain on its shelf."""
    api = client(shaky)
    assert api.get(CHAIN).status_code == 200
    return api


@uses_mongomock
def test_what_is_kept_is_not_served_while_the_database_is_away(
    api: TestClient, shaky: ShakyDatabase
) -> None:
    """Nobody could tell whether it still holds."""
    tag = api.get(CHAIN).headers["etag"]
    shaky.away = True
    for headers in ({}, {"if-none-match": tag}):
        response = api.get(CHAIN, headers=headers)
        problem(response, 503, "database-unavailable")
        assert response.headers["retry-after"] == "5"
    shaky.away = False
    assert api.get(CHAIN).status_code == 200
    assert api.get(CHAIN, headers={"if-none-match": tag}).status_code == 304


@uses_mongomock
def test_what_has_vanished_is_not_served_from_the_shelf(
    api: TestClient, shaky: ShakyDatabase
) -> None:
    for name in ("snapshots", "option_chain"):
        shaky[name].delete_many({})
    problem(api.get(CHAIN), 404, "unknown-symbol")


@uses_mongomock
def test_an_answer_that_has_become_too_large_is_refused_from_the_shelf_as_without_it(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chain_api.caching.http_cache.MOST_BYTES", 100)
    for _ in range(2):
        problem(api.get(CHAIN), 413, "answer-too-large")


@uses_mongomock
def test_only_reading_is_answered_from_the_shelf(api: TestClient) -> None:
    for method in ("POST", "DELETE", "PUT"):
        problem(api.request(method, CHAIN), 405, "method-not-allowed")


@uses_mongomock
def test_of_two_accept_headers_the_same_counts_with_and_without_the_shelf(
    shaky: ShakyDatabase,
) -> None:
    api = client(shaky)
    headers = [("accept", "text/csv"), ("accept", "application/json")]
    kinds = {api.get(CHAIN, headers=headers).headers["content-type"] for _ in range(3)}
    api.get(CHAIN, headers={"accept": "application/json"})
    kinds |= {api.get(CHAIN, headers=headers).headers["content-type"]}
    assert len(kinds) == 1


@uses_mongomock
def test_news_are_served_at_once_and_kept_in_their_turn() -> None:
    memory = memory_database()
    store, api = SnapshotWriter(memory), client(memory)
    for number in range(-3, 2):
        store.commit([Commit(snapshot(tick=TICK + number * INTERVAL, last_price=number + 9.0))])
        answers: list[Document] = [api.get(CHAIN).json() for _ in range(2)]
        assert [answer["calls"][0]["last_price"] for answer in answers] == [number + 9.0] * 2
