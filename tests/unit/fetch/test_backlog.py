"""Entries that wait for a database that is away."""

from collections.abc import Sequence
from typing import Any

import pytest

from chain_fetch.recording.reports.backlog import Backlog
from chain_fetch.recording.reports.outcomes import TickOutcomes
from optionchain.errors import StoreUnavailable
from optionchain.mongo.tick_ledger import TickLedger, TickOutcome
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK

pytestmark = uses_mongomock
FAILED = {"outcome": "failed", "reason": "database"}


@pytest.fixture
def database() -> AnyDatabase:
    return memory_database()


def recorded(database: AnyDatabase) -> list[Any]:
    return [entry["tick"] for entry in database["ticks"].find(sort=[("_id", 1)])]


def test_entries_are_written_oldest_first_once_the_database_is_back(database: AnyDatabase) -> None:
    shaky, backlog = ShakyDatabase(database), Backlog()
    for number in range(3):
        backlog.add("NIFTY", TICK + number * INTERVAL, dict(FAILED))
    shaky.away = True
    with pytest.raises(StoreUnavailable):
        backlog.flush(TickLedger(shaky))
    assert (len(backlog), recorded(database)) == (3, [])
    shaky.away = False
    backlog.flush(TickLedger(shaky))
    assert recorded(database) == [TICK, TICK + INTERVAL, TICK + 2 * INTERVAL]
    assert len(backlog) == 0


def test_an_outcome_that_was_recorded_meanwhile_is_kept(database: AnyDatabase) -> None:
    """An overlapping invocation may have reached the database for the same tick."""
    ledger = TickLedger(database)
    database["ticks"].create_index([("symbol", 1), ("tick", -1)], unique=True)
    ledger.record("NIFTY", TICK, {"outcome": "stored"})
    backlog = Backlog()
    backlog.add("NIFTY", TICK, dict(FAILED))
    backlog.flush(ledger)
    assert [entry["outcome"] for entry in database["ticks"].find()] == ["stored"]
    assert len(backlog) == 0


def test_a_long_backlog_is_written_in_parts(database: AnyDatabase) -> None:
    """Ticks must go on meanwhile, and an invocation must end in time."""
    backlog, counting = Backlog(), CountingLedger(database)
    for number in range(1_200):
        backlog.add("NIFTY", TICK + number * INTERVAL, dict(FAILED))
    backlog.flush(counting, seconds=0)
    assert (len(backlog), counting.operations) == (1_200, 0)
    backlog.flush(counting)
    assert (len(backlog), counting.operations) == (0, 3)
    assert recorded(database) == [TICK + number * INTERVAL for number in range(1_200)]


def test_the_entries_of_a_tick_are_written_by_one_operation(database: AnyDatabase) -> None:
    counting, reported = CountingLedger(database), []
    outcomes = TickOutcomes(
        counting, Backlog(), lambda symbol, *_: reported.append(symbol), lambda: TICK
    )
    symbols = [f"S{number}" for number in range(50)]
    outcomes.record(TICK, {symbol: dict(FAILED) for symbol in symbols})
    assert (counting.operations, reported) == (1, symbols)
    assert {entry["completed_at"] for entry in database["ticks"].find()} == {TICK}


@pytest.mark.parametrize("known_to_be_away", [True, False])
def test_entries_that_cannot_be_written_join_the_backlog_once(
    database: AnyDatabase, known_to_be_away: bool
) -> None:
    shaky, backlog = ShakyDatabase(database), Backlog()
    shaky.away = True
    outcomes = TickOutcomes(TickLedger(shaky), backlog, lambda *_: None, lambda: TICK)
    entries = {f"S{number}": dict(FAILED) for number in range(20)}
    outcomes.record(TICK, entries, database_away=known_to_be_away)
    assert (len(backlog), recorded(database)) == (20, [])
    shaky.away = False
    outcomes.write_backlog(1.0)
    assert (len(backlog), recorded(database)) == (0, [TICK] * 20)


class CountingLedger(TickLedger):
    """Counts its writes."""

    operations = 0

    def write(self, outcomes: Sequence[TickOutcome]) -> None:
        self.operations += 1
        super().write(outcomes)


def test_a_long_outage_keeps_its_newest_entries(database: AnyDatabase) -> None:
    backlog = Backlog()
    for number in range(50_001):
        backlog.add("NIFTY", TICK + number * INTERVAL, FAILED)
    assert len(backlog) == 50_000
    ledger = TickLedger(ShakyAfter(database, writes=1))
    with pytest.raises(StoreUnavailable):
        backlog.flush(ledger)
    assert recorded(database) == [TICK + number * INTERVAL for number in range(1, 501)]
    assert len(backlog) == 49_500


class ShakyAfter(ShakyDatabase):
    """Goes away after a number of operations."""

    def __init__(self, database: AnyDatabase, writes: int) -> None:
        super().__init__(database)
        self._left = writes

    @property
    def away(self) -> bool:
        self._left -= 1
        return self._left < 0

    @away.setter
    def away(self, away: bool) -> None:
        """It decides for itself."""
