"""Execution environments take turns, and each finds what the others did."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from chain_fetch.recording.budget.turns import Turns
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.reports.expiry_ages import ExpiryAges
from chain_fetch.recording.shifts.shift_memory import ShiftMemory
from optionchain.market import Market
from optionchain.mongo.header_reader import HeaderReader
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.bodies import EXPIRY
from tests.support.fakes import FakeExchange, FakeListings, ShakyDatabase
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.results import failed, good
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock
NEXT = EXPIRY + timedelta(days=7)
OPENS = datetime(2026, 6, 19, 3, 45, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def memory(database: ShakyDatabase) -> ShiftMemory:
    listing = Listing("NIFTY", (EXPIRY, NEXT), TICK - MINUTE, TICK - MINUTE)
    listed = ListedExpiries(
        FakeExchange({}, {}), FakeListings([listing]), lambda *_: None, lambda: TICK
    )
    ledger, headers = TickLedger(database), HeaderReader(database)
    return ShiftMemory(Turns(), ExpiryAges(), ledger, headers, [listed])


@pytest.fixture
def database() -> ShakyDatabase:
    return ShakyDatabase(memory_database())


def test_a_shift_learns_who_was_busy_and_which_expiries_were_seen(database: ShakyDatabase) -> None:
    ledger, here = TickLedger(database), memory(database)
    for ago, reason in ((20 * MINUTE, "busy"), (2 * MINUTE, "busy"), (MINUTE, "timeout")):
        ledger.record("NIFTY", TICK - ago, {"outcome": "failed", "reason": reason})
    ledger.record("IDEA", TICK - 20 * MINUTE, {"outcome": "skipped", "reason": "busy"})
    SnapshotWriter(database).commit(Commit(snapshot(tick=TICK - 3 * INTERVAL)))
    here.begin(["NIFTY", "IDEA"], TICK)
    assert here.turns.busy_at == {"NIFTY": TICK - 2 * MINUTE}
    assert here.turns.asked_at == {("NIFTY", EXPIRY): TICK - 3 * INTERVAL}
    # NEXT was never answered, and nothing is known of IDEA: their ages begin at the opening.
    ages = here.oldest(["NIFTY", "IDEA"], TICK, Market())
    assert ages == dict.fromkeys(["NIFTY", "IDEA"], (TICK - OPENS).total_seconds())
    assert here.oldest(["NIFTY"], OPENS - MINUTE, Market()) == {}


def test_without_the_database_what_is_known_holds(database: ShakyDatabase) -> None:
    here = memory(database)
    here.note(TICK, {"NIFTY": {"outcome": "skipped", "reason": "busy"}})
    database.away = True
    here.begin(["NIFTY"], TICK + INTERVAL)
    assert here.turns.busy_at == {"NIFTY": TICK}


def test_the_age_of_a_symbol_is_that_of_the_expiry_that_waits_longest() -> None:
    ages = ExpiryAges()
    both: Mapping[str, Sequence[date]] = {"NIFTY": [EXPIRY, NEXT]}
    since = TICK - MINUTE
    ages.note(TICK, {"NIFTY": [EXPIRY]}, [good()])
    assert ages.oldest(["NIFTY"], TICK, since) == {"NIFTY": 0.0}
    ages.note(TICK + INTERVAL, {"NIFTY": [EXPIRY]}, [failed()])
    assert ages.oldest(["NIFTY"], TICK + INTERVAL, since) == {"NIFTY": 5.0}
    ages.note(TICK + 2 * INTERVAL, both, [good()])  # the other one has just been listed
    assert ages.oldest(["NIFTY"], TICK + 2 * INTERVAL, since) == {"NIFTY": 0.0}
    ages.note(TICK + 3 * INTERVAL, both, [good()])
    assert ages.oldest(["NIFTY"], TICK + 3 * INTERVAL, since) == {"NIFTY": 5.0}
    ages.note(TICK + 4 * INTERVAL, {"NIFTY": [EXPIRY]}, [])  # it is not listed any more
    assert ages.oldest(["NIFTY"], TICK + 4 * INTERVAL, since) == {"NIFTY": 5.0}
