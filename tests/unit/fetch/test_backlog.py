"""Entries that wait for a database that is away."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from chain_fetch.recording.backlog import Backlog
from chain_fetch.recording.outcomes import TickOutcomes
from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import OPERATION_TIMEOUT_MS
from optionchain.mongo.tick_ledger import TickLedger
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
    backlog, slow = Backlog(), SlowLedger(database)
    for number in range(30):
        backlog.add("NIFTY", TICK + number * INTERVAL, dict(FAILED))
    parts = 0
    while len(backlog):
        before = len(backlog)
        backlog.flush(slow, seconds=0.1)
        assert 0 < before - len(backlog) <= 6
        parts += 1
    assert parts >= 5
    assert recorded(database) == [TICK + number * INTERVAL for number in range(30)]


def test_a_slow_database_gets_the_rest_of_a_tick_later(database: AnyDatabase) -> None:
    backlog = Backlog()
    slow = SlowLedger(database, seconds=OPERATION_TIMEOUT_MS / 1e3 / 2.5)
    outcomes = TickOutcomes(slow, backlog, lambda *_: None, lambda: TICK)
    outcomes.record(TICK, {f"S{number}": dict(FAILED) for number in range(20)})
    assert (len(recorded(database)), len(backlog)) == (3, 17)


class SlowLedger(TickLedger):
    """Takes its time for each entry."""

    def __init__(self, database: AnyDatabase, seconds: float = 0.02) -> None:
        super().__init__(database)
        self._seconds = seconds

    def record(
        self, symbol: str, tick: datetime, entry: Mapping[str, Any], owner: str | None = None
    ) -> None:
        time.sleep(self._seconds)
        super().record(symbol, tick, entry, owner)


def test_a_long_outage_keeps_its_newest_entries(database: AnyDatabase) -> None:
    backlog = Backlog()
    for number in range(50_001):
        backlog.add("NIFTY", TICK + number * INTERVAL, FAILED)
    assert len(backlog) == 50_000
    ledger = TickLedger(ShakyAfter(database, writes=1))
    with pytest.raises(StoreUnavailable):
        backlog.flush(ledger)
    assert recorded(database) == [TICK + INTERVAL]
    assert len(backlog) == 49_999


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
