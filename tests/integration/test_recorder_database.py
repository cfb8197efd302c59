"""The terminal's view of the recorder's database, on the real mongod."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from local.run.recorder_database import RecorderDatabase
from optionchain.errors import StoreUnavailable
from optionchain.mongo.recorder_switch import NOBODY, RecorderSwitch
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.mongomock_database import AnyDatabase

STARTED = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return STARTED + timedelta(seconds=seconds)


@pytest.fixture
def ledger(database: AnyDatabase) -> TickLedger:
    return TickLedger(database)


@pytest.fixture
def view(mongo_settings: Settings) -> Iterator[RecorderDatabase]:
    with closing(RecorderDatabase(mongo_settings, STARTED)) as found:
        yield found


def complete(ledger: TickLedger, symbol: str, tick: float, completed: float) -> None:
    entry = {"outcome": "unchanged", "lateness_ms": 1.0, "legs": 2, "completed_at": at(completed)}
    ledger.record(symbol, at(tick), entry)


def read(view: RecorderDatabase, seconds: float) -> list[tuple[str, float]]:
    entries = view.completed_ticks(at(seconds))
    return [(entry["symbol"], (entry["tick"] - STARTED).total_seconds()) for entry in entries]


def test_each_tick_is_read_once_in_order(ledger: TickLedger, view: RecorderDatabase) -> None:
    for tick in (5, 0):
        for symbol in ("BANKNIFTY", "NIFTY"):
            complete(ledger, symbol, tick, 6)
    expected = [("NIFTY", 0), ("BANKNIFTY", 0), ("NIFTY", 5), ("BANKNIFTY", 5)]
    assert read(view, 6.1) == expected
    assert read(view, 6.6) == []


def test_a_tick_is_read_once_it_is_complete(ledger: TickLedger, view: RecorderDatabase) -> None:
    ledger.claim("NIFTY", at(0), "one", at(0))
    assert read(view, 1) == []
    complete(ledger, "NIFTY", 5, 6)
    assert read(view, 6.5) == [("NIFTY", 5)]
    complete(ledger, "NIFTY", 0, 7)
    assert read(view, 7.5) == [("NIFTY", 0)]
    complete(ledger, "NIFTY", 10, 13)  # the database was unreachable, so it is written late
    assert read(view, 60) == [("NIFTY", 10)]


def test_other_runs_and_symbols_are_not_read(ledger: TickLedger, view: RecorderDatabase) -> None:
    complete(ledger, "NIFTY", -5, -4)
    complete(ledger, "RELIANCE", 0, 1)
    assert read(view, 1.5) == []


def test_only_own_shifts_are_relieved(database: AnyDatabase, view: RecorderDatabase) -> None:
    register = ShiftRegister(database)
    register.take_over(["NIFTY"], "mine", at(0))
    register.take_over(["BANKNIFTY", "RELIANCE"], "another", at(0))
    view.relieve("mine", at(1))
    owners = {symbol: shift["owner"] for symbol, shift in register.owners().items()}
    assert owners == {"NIFTY": NOBODY, "BANKNIFTY": "another", "RELIANCE": "another"}


@pytest.mark.time_limits
def test_an_unreachable_database_is_store_unavailable() -> None:
    settings = Settings.from_env({"MONGODB_URI": "mongodb://127.0.0.1:1/?timeoutMS=100"})
    unreachable = RecorderDatabase(settings, STARTED)
    with closing(unreachable), pytest.raises(StoreUnavailable):
        unreachable.completed_ticks(at(1))


def test_the_switch_of_the_api_is_read(database: AnyDatabase, view: RecorderDatabase) -> None:
    assert view.is_enabled()
    for enabled in (False, True):
        RecorderSwitch(database).switch(["NIFTY"], at(0), enabled=enabled)
        assert view.is_enabled() is enabled
