"""The small collections: who is on duty, the switch, the state of the source, the holidays."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from optionchain.announced_days import HOLIDAYS_2026
from optionchain.mongo.holiday_register import CALENDAR, HolidayRegister, Holidays, Rejected
from optionchain.mongo.recorder_switch import CONTROL, RecorderSwitch, SwitchState
from optionchain.mongo.shift_register import NOBODY, Duty, ShiftRegister
from optionchain.mongo.source_register import SOURCE, SourceRegister, SourceState
from optionchain.mongo.token_register import TokenRegister, TokenState
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK


def test_the_newest_owner_is_on_duty(register: ShiftRegister, database: AnyDatabase) -> None:
    assert (register.held_by("first", ["NIFTY"]), register.owners()) == ([], {})
    for number, owner in enumerate(("first", "second", "third")):
        since = TICK + number * INTERVAL
        register.take_over(["NIFTY", "M&M"], owner, since)
        assert register.held_by(owner, ["NIFTY", "M&M"]) == ["NIFTY", "M&M"]
        expected = {"owner": owner, "since": since}
        assert register.owners() == {"NIFTY": expected, "M&M": expected}
    assert register.held_by("first", ["NIFTY", "M&M"]) == []
    assert database["shifts"].count_documents({}) == 2


def test_each_symbol_changes_its_owner_alone(register: ShiftRegister) -> None:
    register.take_over(["NIFTY", "BANKNIFTY", "M&M"], "first", TICK)
    register.take_over(["BANKNIFTY"], "second", TICK)
    assert register.held_by("first", ["M&M", "BANKNIFTY", "NIFTY"]) == ["M&M", "NIFTY"]
    assert register.held_by("second", ["M&M", "BANKNIFTY", "NIFTY"]) == ["BANKNIFTY"]
    assert register.held_by("first", ["NIFTY"]) == ["NIFTY"]
    assert register.held_by("first", []) == []


def test_the_next_owner_s_ticks_begin_when_it_began(register: ShiftRegister) -> None:
    for name, owner in (("NIFTY", "second"), ("M&M", NOBODY)):
        register.take_over([name], owner, TICK + INTERVAL)
    before = TICK + timedelta(seconds=4)
    assert register.held_by("first", ["NIFTY", "M&M"], before) == ["NIFTY"]
    assert register.held_by("first", ["NIFTY", "M&M"], TICK + INTERVAL) == []
    assert register.held_by("second", ["NIFTY", "M&M"], TICK + INTERVAL) == ["NIFTY"]


def test_every_shift_is_kept_with_its_hours(register: ShiftRegister, database: AnyDatabase) -> None:
    database["duties"].delete_many({})
    assert (register.first_duty("NIFTY"), register.duties("NIFTY", TICK, TICK + INTERVAL)) == (
        None,
        [],
    )
    shifts = [
        Duty(TICK + number * INTERVAL, TICK + (number + 24) * INTERVAL, 5 + number)
        for number in range(4)
    ]
    for number, duty in enumerate(shifts):
        register.begin(["NIFTY", "M&M"] if number else ["NIFTY"], f"i-{number}", duty)
    assert register.owners()["M&M"] == {"owner": "i-3", "since": shifts[3].since}
    assert register.first_duty("M&M") == shifts[1]
    assert register.duties("NIFTY", shifts[2].since, shifts[3].since) == shifts[1:3]
    assert register.duties("NIFTY", TICK, shifts[3].since + INTERVAL) == shifts
    assert register.duties("M&M", TICK, shifts[2].since) == shifts[1:2]
    assert register.duties("IDEA", TICK, shifts[3].since) == []


def test_a_shift_of_several_rhythms_is_kept_by_rhythm(
    register: ShiftRegister, database: AnyDatabase
) -> None:
    database["duties"].delete_many({})
    often, seldom = Duty(TICK, TICK + INTERVAL, 5), Duty(TICK, TICK + INTERVAL, 60, 35)
    register.begin_all({often: ["NIFTY"], seldom: ["IDEA", "M&M"]}, "i-1")
    assert {each["owner"] for each in register.owners().values()} == {"i-1"}
    for symbol, duty in (("NIFTY", often), ("IDEA", seldom), ("M&M", seldom)):
        assert register.duties(symbol, TICK, TICK + INTERVAL) == [duty]
    rhythms = {"NIFTY": often.rhythm, "IDEA": seldom.rhythm, "M&M": seldom.rhythm}
    assert register.rhythms(["NIFTY", "IDEA"], TICK) == rhythms
    assert register.rhythms(["NIFTY"], TICK + INTERVAL) == {}
    database["duties"].update_many({"symbols": "NIFTY"}, {"$unset": {"offset": True}})
    assert register.last_duty("NIFTY") == often  # a document of an older recorder


SYMBOLS = ("NIFTY", "M&M")


@pytest.fixture
def switch(database: AnyDatabase) -> RecorderSwitch:
    database[CONTROL].delete_many({})
    return RecorderSwitch(database)


def test_recording_is_on_until_switched_off(switch: RecorderSwitch, database: AnyDatabase) -> None:
    switch.switch(SYMBOLS, TICK, enabled=True)
    assert switch.read() == SwitchState(enabled=True, changed_at=None)
    assert database[CONTROL].count_documents({}) == 0


def test_the_switch_keeps_its_state_and_time(switch: RecorderSwitch, database: AnyDatabase) -> None:
    for number, enabled in enumerate((False, False, True, True)):
        switch.switch(SYMBOLS, TICK + number * INTERVAL, enabled=enabled)
        changed_at = TICK + (2 if enabled else 0) * INTERVAL
        assert RecorderSwitch(database).read() == SwitchState(enabled, changed_at)
        assert RecorderSwitch(database).enabled() is enabled
    assert database[CONTROL].count_documents({}) == 1


def test_the_switch_remembers_when_it_was_switched(
    switch: RecorderSwitch, database: AnyDatabase
) -> None:
    assert switch.history() == []
    # As an older version left it.
    before = {"_id": "pipeline", "enabled": False, "changed_at": TICK - INTERVAL}
    database[CONTROL].insert_one(before)
    states = [SwitchState(enabled=False, changed_at=TICK - INTERVAL)]
    for number in range(5):
        state = SwitchState(enabled=number % 2 == 0, changed_at=TICK + number * INTERVAL)
        switch.switch(SYMBOLS, TICK + number * INTERVAL, enabled=state.enabled)
        states.append(state)
    assert switch.history() == states
    assert switch.read() == states[-1]
    for number in range(5, 510):
        switch.switch(SYMBOLS, TICK + number * INTERVAL, enabled=number % 2 == 0)
    assert len(switch.history()) == 500


def test_a_stop_takes_every_symbol_over(switch: RecorderSwitch, register: ShiftRegister) -> None:
    register.take_over(["NIFTY", "IDEA"], "first", TICK)
    switch.switch(SYMBOLS, TICK + INTERVAL, enabled=False)
    assert register.held_by("first", ["NIFTY", "IDEA", "M&M"]) == []
    stopped = {"owner": NOBODY, "since": TICK + INTERVAL}
    assert register.owners() == dict.fromkeys(("NIFTY", "M&M", "IDEA"), stopped)


def test_a_second_stop_relieves_an_invocation_that_started_in_between(
    switch: RecorderSwitch, register: ShiftRegister
) -> None:
    switch.switch(SYMBOLS, TICK, enabled=False)
    register.take_over(["NIFTY"], "late", TICK)
    switch.switch(SYMBOLS, TICK + INTERVAL, enabled=False)
    assert register.held_by("late", SYMBOLS) == []
    assert register.owners()["M&M"]["since"] == TICK


def test_a_start_relieves_no_invocation(switch: RecorderSwitch, register: ShiftRegister) -> None:
    switch.switch(SYMBOLS, TICK, enabled=False)
    register.take_over(["NIFTY"], "first", TICK)
    switch.switch(SYMBOLS, TICK + INTERVAL, enabled=True)
    assert register.held_by("first", ["NIFTY"]) == ["NIFTY"]


NSE = "https://www.nseindia.com"
BLOCKED = SourceState("blocked", "HTTP 403", TICK, TICK + timedelta(hours=1), 3)


def test_the_last_state_of_each_source_is_kept(empty_database: AnyDatabase) -> None:
    writer, reader = (SourceRegister(empty_database, NSE) for _ in range(2))
    assert reader.read() == SourceState()
    error = SourceState("server_error", "HTTP 503", TICK, None, 1)
    counted = replace(BLOCKED, failures_by_reason={"timeout": 8, "blocked": 1})
    left = SourceState(left_until=TICK, left_reason="timeout", times_left=2)
    for state in (BLOCKED, error, SourceState(), counted, left, BLOCKED, counted):
        writer.write(state)
        assert reader.read() == state
    assert SourceRegister(empty_database, "http://127.0.0.1:8001").read() == SourceState()


def test_code_from_before_the_counts_reads_its_own_document(empty_database: AnyDatabase) -> None:
    """It refuses any field that it does not know, and may run again after a rollback."""
    SourceRegister(empty_database, NSE).write(
        replace(BLOCKED, failures_by_reason={"timeout": 8, "blocked": 1})
    )
    document = {"_id": NSE, "reason": "blocked", "detail": "HTTP 403", "failures": 3}
    times = {"since": TICK, "until": TICK + timedelta(hours=1)}
    assert empty_database[SOURCE].find_one({"_id": NSE}) == document | times


def test_a_state_without_counts_had_its_reason_each_time(empty_database: AnyDatabase) -> None:
    register = SourceRegister(empty_database, NSE)
    stored = {"reason": "blocked", "detail": "", "since": TICK, "until": None, "failures": 3}
    empty_database[SOURCE].insert_one({"_id": NSE, **stored, "of_later_code": 1})
    assert register.read().failures_by_reason == {"blocked": 3}
    register.write(replace(register.read(), failures_by_reason={"timeout": 8}))
    # Code from before the counts writes a run of failures that began later.
    later = {"since": TICK + INTERVAL, "failures": 1}
    empty_database[SOURCE].update_one({"_id": NSE}, {"$set": later})
    assert register.read().failures_by_reason == {"blocked": 1}


def test_a_wait_holds_up_to_its_end(empty_database: AnyDatabase) -> None:
    register = SourceRegister(empty_database, NSE)
    register.write(BLOCKED)
    end = TICK + timedelta(hours=1)
    instants = [TICK, end - timedelta(milliseconds=1), end]
    assert [register.read().waits(each) for each in instants] == [True, True, False]


LISTS = [
    HOLIDAYS_2026,
    frozenset({date(2026, 1, 1), date(2027, 12, 31)}),
    frozenset({date(1999, 12, 31), date(2100, 3, 1)}),
]


def test_the_last_list_of_holidays_is_kept(empty_database: AnyDatabase) -> None:
    writer, reader = (HolidayRegister(empty_database) for _ in range(2))
    assert reader.read() is None
    for number, days in enumerate(LISTS):
        read_at = TICK + number * INTERVAL
        writer.write(days, read_at)
        assert reader.read() == Holidays(days, read_at)
    assert empty_database[CALENDAR].count_documents({}) == 1


def test_what_speaks_against_a_list_is_kept_beside_it(empty_database: AnyDatabase) -> None:
    register = HolidayRegister(empty_database)
    rejected = Rejected(TICK, "too many days")
    register.reject(rejected)
    assert register.read() == Holidays(frozenset(), None, rejected=rejected)
    register.write(HOLIDAYS_2026, TICK)
    for _ in range(2):
        register.contradict(date(2026, 9, 14))
    register.contradict(date(2026, 10, 2))
    register.note_try(TICK + INTERVAL)
    register.note_probe(TICK - INTERVAL)
    register.reject(None)
    days = frozenset({date(2026, 9, 14), date(2026, 10, 2)})
    expected = Holidays(HOLIDAYS_2026, TICK, TICK + INTERVAL, None, days, TICK - INTERVAL)
    assert register.read() == expected
    register.write(HOLIDAYS_2026 - days, TICK)
    assert register.read() == expected._replace(days=HOLIDAYS_2026 - days)


def test_the_end_of_each_source_s_token_is_kept_beside_its_state(
    empty_database: AnyDatabase,
) -> None:
    tokens, state = TokenRegister(empty_database), SourceState(reason="unauthorised", failures=1)
    assert tokens.read(["upstox", "dhan"]) == {}
    ends = {"upstox": TokenState(TICK, TICK + INTERVAL, TICK), "dhan": TokenState(missing=True)}
    for name, known in ends.items():
        tokens.write(name, TokenState())
        tokens.write(name, known)
    SourceRegister(empty_database, "upstox").write(state)
    assert tokens.read(["upstox", "dhan", "nse"]) == ends
    assert tokens.read(["dhan"]) == {"dhan": ends["dhan"]}
    assert SourceRegister(empty_database, "upstox").read().reason == "unauthorised"
