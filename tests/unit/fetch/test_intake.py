"""The bodies of a tick are taken in together: what fails half way, and what comes late."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.committing import grouped
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.intake import Intake
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.ticks.plan import PlannedRequest
from local.run.simulated_time import InlineExecutor
from optionchain.errors import StoreUnavailable
from optionchain.mongo.documents import contract_documents
from optionchain.mongo.snapshot_writer import Commit, Confirmation, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.bodies import EXPIRY, chain_body, encoded
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock
NEXT = date(2026, 6, 30)


class WatchedPool(ThreadPoolExecutor):
    """Threads whose work is counted until it has ended."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        self._futures: list[Future[Any]] = []

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future = super().submit(fn, *args, **kwargs)
        self._futures.append(future)
        return future

    @property
    def unfinished(self) -> int:
        return sum(not each.done() for each in self._futures)


class Writer(SnapshotWriter):
    """A writer whose confirmations fail while it is `away`."""

    away = False

    def confirm_all(self, confirmations: Sequence[Confirmation]) -> None:
        if self.away:
            raise StoreUnavailable("nobody answers")
        super().confirm_all(confirmations)


@pytest.fixture
def database() -> ShakyDatabase:
    return ShakyDatabase(memory_database())


@pytest.fixture
def writer(database: ShakyDatabase) -> Writer:
    return Writer(database)


def intake(writer: Writer, database: ShakyDatabase, pool: Executor | None = None) -> Intake:
    return Intake(Ingestion(writer, TickLedger(database), 5.5), pool or InlineExecutor())


def came(number: int, *expiries: date) -> list[RequestResult]:
    """What the requests of the n-th tick brought: the same bodies again and again."""
    tick, results = TICK + number * INTERVAL, []
    for expiry in expiries or (EXPIRY, NEXT):
        body = encoded(chain_body(expiry=expiry))
        result = RequestResult(PlannedRequest("NIFTY", expiry, required=True), tick=tick)
        result.parse = lambda body=body: parse(body, "NIFTY", tick)
        results.append(result)
    return results


def taken(intake: Intake, bodies: list[RequestResult], seconds: float = 60) -> list[str | None]:
    """Return what became of bodies: the outcome, or the reason of a failure."""
    assert intake.take_in(bodies, time.monotonic() + seconds) == []
    return [body.reason or body.outcome for body in bodies]


def test_what_is_not_confirmed_is_no_good_tick(writer: Writer, database: ShakyDatabase) -> None:
    """The ledger says `unchanged` only of what the header says as well."""
    here = intake(writer, database)
    assert taken(here, came(0)) == ["stored", "stored"]
    writer.away = True
    assert taken(here, came(1)) == ["database", "database"]
    writer.away = False
    assert taken(here, came(2)) == ["unchanged", "unchanged"]
    assert database["snapshots"].distinct("last_seen_at") == [TICK + 2 * INTERVAL]


def test_news_is_stored_although_the_rest_cannot_be_confirmed(
    writer: Writer, database: ShakyDatabase
) -> None:
    here = intake(writer, database)
    taken(here, came(0, EXPIRY))
    writer.away = True
    assert taken(here, came(1)) == ["database", "stored"]


def test_without_the_headers_nothing_is_judged(writer: Writer, database: ShakyDatabase) -> None:
    here = intake(writer, database)
    database.away = True
    assert taken(here, came(0)) == ["database", "database"]
    database.away = False
    assert database["option_chain"].count_documents({}) == 0


def test_after_the_end_of_its_time_nothing_is_begun(
    writer: Writer, database: ShakyDatabase
) -> None:
    assert taken(intake(writer, database), came(0), seconds=-1) == ["database", "database"]
    assert database["snapshots"].count_documents({}) == 0


def test_what_is_still_being_stored_is_not_waited_for(
    writer: Writer, database: ShakyDatabase
) -> None:
    """Its result is given back as one that must not be used; the others are as they are."""
    stuck, done = came(0)
    go_on = Event()
    parse_stuck: Callable[[], object] = stuck.parse  # type: ignore[assignment]
    stuck.parse = lambda: (go_on.wait(), parse_stuck())[1]  # type: ignore[assignment]
    with WatchedPool(2) as pool:
        # The time is over when all but one have ended, however long that takes.
        seconds = SimpleNamespace(
            monotonic=lambda: 60.0 if done.outcome and pool.unfinished == 1 else 0.0,
            perf_counter=time.perf_counter,
        )
        with patch("chain_fetch.recording.bodies.intake.time", seconds):
            unfinished = intake(writer, database, pool).take_in([stuck, done], 60.0)
        go_on.set()
    assert len(unfinished) == 1
    assert unfinished[0] is stuck
    assert done.outcome == "stored"


def test_of_news_that_is_committed_together_each_has_its_own_outcome(
    writer: Writer, database: ShakyDatabase
) -> None:
    """Another attempt has left contracts of one of them, with other numbers."""
    here, bodies = intake(writer, database), came(0)
    sent = parse(encoded(chain_body(expiry=NEXT)), "NIFTY", TICK)
    other = replace(sent, quotes=tuple(each._replace(ask_qty=1) for each in sent.quotes))
    database["option_chain"].create_index([("identifier", 1), ("fetched_at", 1)], unique=True)
    left: list[Any] = [*contract_documents(other)]
    database["option_chain"].insert_many(left)
    assert taken(here, bodies) == ["stored", "database"]
    assert [body.committed.inserted for body in bodies] == [len(other.quotes), 0]
    assert database["snapshots"].distinct("expiry_date") == ["23-Jun-2026"]


@given(st.lists(st.integers(1, 9)), st.integers(1, 20))
def test_news_is_committed_together_in_order_and_not_too_much_of_it(
    sizes: list[int], most: int
) -> None:
    quotes = snapshot([24_000.0 + number for number in range(5)]).quotes
    news = [
        (result, Commit(replace(snapshot(), quotes=quotes[:size])))
        for result, size in zip(came(0) * len(sizes), sizes, strict=False)
    ]
    groups = list(grouped(news, most))
    assert [each for group in groups for each in group] == news
    totals = [sum(len(commit.snapshot.quotes) for _, commit in group) for group in groups]
    assert all(
        total <= most or len(group) == 1 for group, total in zip(groups, totals, strict=True)
    )
    firsts = [len(group[0][1].snapshot.quotes) for group in groups]
    assert all(total + first > most for total, first in zip(totals[:-1], firsts[1:], strict=True))


def test_each_body_has_its_share_of_the_time(writer: Writer, database: ShakyDatabase) -> None:
    here, bodies = intake(writer, database), came(0)
    started = time.perf_counter()
    taken(here, bodies)
    took = (time.perf_counter() - started) * 1e3
    assert 0 < sum(body.store_ms for body in bodies) <= took
