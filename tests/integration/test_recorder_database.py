"""What the terminal reads of the ledger, on the real mongod."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.database import Database

from local.run.recorder_database import RecorderDatabase
from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import Document
from optionchain.mongo.recorder_switch import NOBODY, RecorderSwitch
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings

STARTED = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return STARTED + timedelta(seconds=seconds)


@pytest.fixture
def ledger(database: Database[Document]) -> TickLedger:
    return TickLedger(database)


@pytest.fixture
def recording(mongo_settings: Settings) -> Iterator[RecorderDatabase]:
    with closing(RecorderDatabase(mongo_settings, STARTED)) as recording:
        yield recording


def complete(ledger: TickLedger, symbol: str, tick: float, completed: float) -> None:
    entry = {"outcome": "unchanged", "lateness_ms": 1.0, "legs": 2, "completed_at": at(completed)}
    ledger.record(symbol, at(tick), entry)


def looked(recording: RecorderDatabase, seconds: float) -> list[tuple[str, float]]:
    entries = recording.completed_ticks(at(seconds))
    return [(entry["symbol"], (entry["tick"] - STARTED).total_seconds()) for entry in entries]


def test_each_tick_is_shown_once_in_order(ledger: TickLedger, recording: RecorderDatabase) -> None:
    for tick in (5, 0):
        for symbol in ("BANKNIFTY", "NIFTY"):
            complete(ledger, symbol, tick, 6)
    expected = [("NIFTY", 0), ("BANKNIFTY", 0), ("NIFTY", 5), ("BANKNIFTY", 5)]
    assert looked(recording, 6.1) == expected
    assert looked(recording, 6.6) == []


def test_a_tick_is_shown_when_it_is_completed(
    ledger: TickLedger, recording: RecorderDatabase
) -> None:
    ledger.claim("NIFTY", at(0), "one", at(0))
    assert looked(recording, 1) == []
    complete(ledger, "NIFTY", 5, 6)
    assert looked(recording, 6.5) == [("NIFTY", 5)]
    complete(ledger, "NIFTY", 0, 7)
    assert looked(recording, 7.5) == [("NIFTY", 0)]


def test_the_ticks_of_runs_before_are_not_shown(
    ledger: TickLedger, recording: RecorderDatabase
) -> None:
    complete(ledger, "NIFTY", -5, -4)
    assert looked(recording, 0.5) == []


def test_other_symbols_are_not_shown(ledger: TickLedger, recording: RecorderDatabase) -> None:
    complete(ledger, "RELIANCE", 0, 1)
    assert looked(recording, 1.5) == []


def test_what_was_written_after_an_outage_is_shown(
    ledger: TickLedger, recording: RecorderDatabase
) -> None:
    assert looked(recording, 1) == []
    complete(ledger, "NIFTY", 5, 8)  # while the database was away, so flushed later
    assert looked(recording, 60) == [("NIFTY", 5)]


def test_an_invocation_is_relieved_of_its_own_shifts_alone(
    database: Database[Document], recording: RecorderDatabase
) -> None:
    register = ShiftRegister(database)
    register.take_over(["NIFTY"], "mine", at(0))
    register.take_over(["BANKNIFTY", "RELIANCE"], "another", at(0))
    recording.relieve("mine", at(1))
    owners = {symbol: shift["owner"] for symbol, shift in register.owners().items()}
    assert owners == {"NIFTY": NOBODY, "BANKNIFTY": "another", "RELIANCE": "another"}


def test_a_database_that_is_away_is_said_to_be() -> None:
    settings = Settings.from_env({"MONGODB_URI": "mongodb://127.0.0.1:1/?timeoutMS=100"})
    with closing(RecorderDatabase(settings, STARTED)) as recording, pytest.raises(StoreUnavailable):
        recording.completed_ticks(at(1))


def test_it_tells_how_the_api_has_switched_the_recorder(
    database: Database[Document], recording: RecorderDatabase
) -> None:
    control = RecorderSwitch(database)
    assert recording.is_enabled()
    for enabled in (False, True):
        control.switch(["NIFTY"], at(0), enabled=enabled)
        assert recording.is_enabled() is enabled
