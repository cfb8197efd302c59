"""The bodies of a tick are taken in together: what fails half way, and what comes late."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import date
from threading import Event

import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.ingestion import Ingestion
from chain_fetch.recording.intake import Intake
from chain_fetch.recording.plan import PlannedRequest
from chain_fetch.recording.request_result import RequestResult
from local.run.simulated_time import InlineExecutor
from optionchain.errors import StoreUnavailable
from optionchain.mongo.snapshot_writer import Confirmation, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.bodies import EXPIRY, chain_body, encoded
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK

pytestmark = uses_mongomock
NEXT = date(2026, 6, 30)


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
    stuck.parse = lambda: (go_on.wait(30), parse_stuck())[1]  # type: ignore[assignment]
    with ThreadPoolExecutor(2) as pool:
        unfinished = intake(writer, database, pool).take_in([stuck, done], time.monotonic() + 1)
        go_on.set()
    assert len(unfinished) == 1
    assert unfinished[0] is stuck
    assert done.outcome == "stored"


def test_each_body_has_its_share_of_the_time(writer: Writer, database: ShakyDatabase) -> None:
    here, bodies = intake(writer, database), came(0)
    started = time.perf_counter()
    taken(here, bodies)
    took = (time.perf_counter() - started) * 1e3
    assert 0 < sum(body.store_ms for body in bodies) <= took
