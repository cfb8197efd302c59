"""One switch: on until somebody stops it; a stop relieves whoever is on duty."""

import pytest

from optionchain.mongo.recorder_switch import CONTROL, NOBODY, RecorderSwitch, SwitchState
from optionchain.mongo.shift_register import ShiftRegister
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK

SYMBOLS = ("NIFTY", "M&M")


@pytest.fixture
def control(database: AnyDatabase) -> RecorderSwitch:
    database[CONTROL].delete_many({})
    return RecorderSwitch(database)


def test_it_is_on_until_somebody_stops_it(control: RecorderSwitch) -> None:
    assert control.enabled()
    assert control.read() == SwitchState(enabled=True, changed_at=None)


def test_it_stays_as_it_was_switched(control: RecorderSwitch, database: AnyDatabase) -> None:
    control.switch(SYMBOLS, TICK, enabled=False)
    assert not RecorderSwitch(database).enabled()
    control.switch(SYMBOLS, TICK + INTERVAL, enabled=True)
    assert RecorderSwitch(database).enabled()
    assert database[CONTROL].count_documents({}) == 1


def test_it_tells_since_when(control: RecorderSwitch) -> None:
    control.switch(SYMBOLS, TICK, enabled=False)
    control.switch(SYMBOLS, TICK + INTERVAL, enabled=False)
    assert control.read() == SwitchState(enabled=False, changed_at=TICK)


def test_starting_what_was_never_stopped_writes_nothing(
    control: RecorderSwitch, database: AnyDatabase
) -> None:
    control.switch(SYMBOLS, TICK, enabled=True)
    assert database[CONTROL].count_documents({}) == 0


def test_stop_relieves_every_owner_and_a_symbol_that_has_none(
    control: RecorderSwitch, register: ShiftRegister
) -> None:
    register.take_over(["NIFTY", "IDEA"], "first", TICK)
    control.switch(SYMBOLS, TICK + INTERVAL, enabled=False)
    assert register.held_by("first", ["NIFTY", "IDEA", "M&M"]) == []
    assert register.owners() == {
        symbol: {"owner": NOBODY, "since": TICK + INTERVAL} for symbol in ("NIFTY", "M&M", "IDEA")
    }


def test_second_stop_relieves_who_slipped_in_and_no_other(
    control: RecorderSwitch, register: ShiftRegister
) -> None:
    control.switch(SYMBOLS, TICK, enabled=False)
    register.take_over(["NIFTY"], "late", TICK)
    control.switch(SYMBOLS, TICK + INTERVAL, enabled=False)
    assert register.held_by("late", SYMBOLS) == []
    assert register.owners()["M&M"]["since"] == TICK


def test_start_relieves_nobody(control: RecorderSwitch, register: ShiftRegister) -> None:
    control.switch(SYMBOLS, TICK, enabled=False)
    register.take_over(["NIFTY"], "first", TICK)
    control.switch(SYMBOLS, TICK + INTERVAL, enabled=True)
    assert register.held_by("first", ["NIFTY"]) == ["NIFTY"]
