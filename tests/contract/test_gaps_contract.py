"""What the ledger gives of a stretch of time."""

from datetime import timedelta

import pytest

from optionchain.mongo.tick_ledger import TickLedger
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK

FAILED = {"outcome": "failed", "reason": "timeout", "detail": "long", "expiries": [{"a": 1}]}


@pytest.fixture
def filled(ledger: TickLedger) -> TickLedger:
    """Ticks of NIFTY before, in and after a stretch of three, and one of another symbol."""
    for number in (-1, 0, 2, 3):
        ledger.claim("NIFTY", TICK + number * INTERVAL, "me", TICK)
    ledger.record("NIFTY", TICK, FAILED)
    ledger.record("M&M", TICK + INTERVAL, {"outcome": "stored"})
    return ledger


def test_stretch_holds_its_start_and_not_its_end(filled: TickLedger) -> None:
    found = filled.between("NIFTY", TICK, TICK + 3 * INTERVAL)
    assert {row["tick"] for row in found} == {TICK, TICK + 2 * INTERVAL}


def test_tick_comes_with_outcome_and_reason_and_nothing_else(filled: TickLedger) -> None:
    (row,) = filled.between("NIFTY", TICK, TICK + INTERVAL)
    assert row == {"tick": TICK, "outcome": "failed", "reason": "timeout"}


def test_tick_without_an_outcome_has_no_such_key(filled: TickLedger) -> None:
    (row,) = filled.between("NIFTY", TICK + 2 * INTERVAL, TICK + 3 * INTERVAL)
    assert row == {"tick": TICK + 2 * INTERVAL}


def test_symbol_without_ticks_has_none(filled: TickLedger) -> None:
    assert filled.between("IDEA", TICK, TICK + timedelta(days=1)) == []


def test_stretch_is_found_by_the_index_of_symbol_and_tick(indexed_database: AnyDatabase) -> None:
    """On the real server alone: mongomock explains nothing."""
    query = {"symbol": "NIFTY", "tick": {"$gte": TICK, "$lt": TICK + INTERVAL}}
    plan = indexed_database["ticks"].find(query).explain()["queryPlanner"]["winningPlan"]
    assert "COLLSCAN" not in str(plan)
    assert "symbol_1_tick_-1" in str(plan)
