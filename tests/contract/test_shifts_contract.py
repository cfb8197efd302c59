"""One owner a symbol: the newest."""

from optionchain.mongo.shift_register import ShiftRegister
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK


def test_nobody_is_on_duty_before_a_first_shift(register: ShiftRegister) -> None:
    assert register.held_by("first", ["NIFTY"]) == []
    assert register.owners() == {}


def test_who_takes_over_is_on_duty(register: ShiftRegister) -> None:
    register.take_over(["NIFTY", "M&M"], "first", TICK)
    assert register.held_by("first", ["NIFTY", "M&M"]) == ["NIFTY", "M&M"]
    assert register.owners() == {
        "NIFTY": {"owner": "first", "since": TICK},
        "M&M": {"owner": "first", "since": TICK},
    }


def test_who_was_on_duty_is_relieved(register: ShiftRegister) -> None:
    register.take_over(["NIFTY"], "first", TICK)
    register.take_over(["NIFTY"], "second", TICK + INTERVAL)
    assert register.held_by("first", ["NIFTY"]) == []
    assert register.held_by("second", ["NIFTY"]) == ["NIFTY"]
    assert register.owners()["NIFTY"]["since"] == TICK + INTERVAL


def test_symbols_change_hands_each_on_its_own(register: ShiftRegister) -> None:
    register.take_over(["NIFTY", "BANKNIFTY", "M&M"], "first", TICK)
    register.take_over(["BANKNIFTY"], "second", TICK)
    assert register.held_by("first", ["M&M", "BANKNIFTY", "NIFTY"]) == ["M&M", "NIFTY"]
    assert register.held_by("second", ["M&M", "BANKNIFTY", "NIFTY"]) == ["BANKNIFTY"]


def test_only_the_symbols_that_were_asked_for_are_answered(register: ShiftRegister) -> None:
    register.take_over(["NIFTY", "M&M"], "first", TICK)
    assert register.held_by("first", ["NIFTY"]) == ["NIFTY"]
    assert register.held_by("first", []) == []


def test_a_symbol_has_one_document_however_often_it_changes_hands(
    register: ShiftRegister, database: AnyDatabase
) -> None:
    for number in range(5):
        register.take_over(["NIFTY"], f"owner-{number}", TICK + number * INTERVAL)
    assert database["shifts"].count_documents({}) == 1
