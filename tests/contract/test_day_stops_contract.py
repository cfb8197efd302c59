"""The stops of a day: of the switch, of where the day was restored from, and of its seal."""

from datetime import date, datetime, time, timedelta

import pytest

from optionchain.exchange_time import IST
from optionchain.mongo.database_identity import identity_of, known_identity
from optionchain.mongo.day_stops import DayStops
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.restored_days import RESTORED_DAYS, RestoredDays
from optionchain.recorder_stops import DayOrigin, Stop
from tests.support.mongomock_database import AnyDatabase

DAY = date(2026, 6, 19)
SYMBOLS = ("NIFTY", "M&M")


def at(text: str, days: int = 0) -> datetime:
    """Return an instant of that day in India, or of one so many days later."""
    return datetime.combine(DAY + timedelta(days), time.fromisoformat(text), IST)


def stop(since: str, until: str | None, days: int = 0) -> Stop:
    return Stop(at(since, days), at(until, days) if until else None)


def switch(database: AnyDatabase, *changes: datetime) -> None:
    """Switch the recorder off, on, off, and so on."""
    for number, now in enumerate(changes):
        RecorderSwitch(database).switch(SYMBOLS, now, enabled=number % 2 == 1)


def of_day(database: AnyDatabase, sealed: DayOrigin | None = None) -> list[Stop]:
    return DayStops(database).of_day("NIFTY", DAY, sealed)


def test_the_switch_tells_its_stops(database: AnyDatabase) -> None:
    assert RecorderSwitch(database).stops() == []
    switch(database, at("10:00"), at("11:00"), at("12:00"))
    assert RecorderSwitch(database).stops() == [stop("10:00", "11:00"), stop("12:00", None)]


def test_a_day_has_the_stops_that_it_met(database: AnyDatabase) -> None:
    """One that ended right before it may have relieved a shift that would have lasted into it."""
    switch(
        database,
        *(at("20:00", -1), at("21:00", -1), at("23:59", -1), at("23:59:50", -1)),
        *(at("10:00"), at("11:00"), at("23:00"), at("09:00", 3)),
        *(at("00:00", 4), at("01:00", 4)),
    )
    met = [stop("23:59", "23:59:50", -1), stop("10:00", "11:00"), Stop(at("23:00"), at("09:00", 3))]
    assert of_day(database) == met
    assert DayStops(database).of_day("NIFTY", DAY + timedelta(days=2)) == met[2:]
    assert DayStops(database).of_day("NIFTY", DAY + timedelta(days=4)) == [
        stop("00:00", "01:00", 4)
    ]


def test_where_a_day_comes_from_is_kept_by_symbol_and_day(database: AnyDatabase) -> None:
    days = RestoredDays(database)
    origin = DayOrigin("elsewhere", (stop("10:00", "11:00"), stop("12:00", None)))
    days.write("NIFTY", DAY, DayOrigin(None, ()))
    days.write("NIFTY", DAY, origin)
    assert days.origin("NIFTY", DAY) == origin
    assert days.origin("M&M", DAY) is None
    assert days.origin("NIFTY", DAY + timedelta(days=1)) is None
    assert database[RESTORED_DAYS].count_documents({}) == 1


def test_asking_for_an_identity_makes_none(database: AnyDatabase) -> None:
    assert known_identity(database) is None
    assert identity_of(database) == known_identity(database)


@pytest.mark.parametrize("is_restored", [False, True])
def test_a_switch_says_nothing_of_days_of_another_database(
    database: AnyDatabase, *, is_restored: bool
) -> None:
    """Nor does one of a database of which no day was ever sealed."""
    switch(database, at("09:00", -2))
    own = of_day(database)
    assert own == [Stop(at("09:00", -2), None)]
    for stops in ((), (stop("10:00", "11:00"),)):
        for _ in range(2):
            origin = DayOrigin("elsewhere", stops)
            if is_restored:
                RestoredDays(database).write("NIFTY", DAY, origin)
            assert of_day(database, None if is_restored else origin) == list(stops)
            assert DayStops(database).of_day("M&M", DAY) == own
            identity_of(database)


def test_what_is_sealed_and_what_the_switch_knows_are_told_together(database: AnyDatabase) -> None:
    """The switch has forgotten one stop, and knows the end of the other one."""
    forgotten, open_, known = (
        stop("08:00", "08:30"),
        stop("10:00", None),
        stop("10:00", "11:00"),
    )
    switch(database, at("10:00"), at("11:00"))
    for name in (None, identity_of(database)):
        assert of_day(database, DayOrigin(name, (forgotten, open_))) == [forgotten, known]
    RestoredDays(database).write("NIFTY", DAY, DayOrigin(identity_of(database), (forgotten,)))
    assert of_day(database) == [forgotten, known]
    RestoredDays(database).write("NIFTY", DAY, DayOrigin("elsewhere", (open_,)))
    assert of_day(database, DayOrigin("elsewhere", (known,))) == [known]
    assert of_day(database) == [open_]
