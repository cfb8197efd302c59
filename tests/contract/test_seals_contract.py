"""Seals, and what is not sealed: found by index, without a look at the archive."""

from datetime import date, timedelta

import pytest

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.indexes import SEALS
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.unsealed_days import UnsealedDay, UnsealedDays
from tests.support.mongomock_database import AnyDatabase
from tests.support.seals import claim, india, record, seal

MONDAY = date(2026, 6, 15)
WEEK = [MONDAY + timedelta(days=number) for number in range(5)]
THURSDAY, FRIDAY = WEEK[3:]


def test_a_seal_is_read_as_it_was_written(database: AnyDatabase) -> None:
    register = SealRegister(database)
    assert register.newest_day() is None
    for each in (seal("NIFTY", FRIDAY), seal("M&M", FRIDAY), seal("NIFTY", MONDAY)):
        register.write(each)
    assert register.of_days(MONDAY, FRIDAY, ["NIFTY"]) == [
        seal("NIFTY", MONDAY),
        seal("NIFTY", FRIDAY),
    ]
    assert register.of_days(THURSDAY, FRIDAY) == [seal("M&M", FRIDAY), seal("NIFTY", FRIDAY)]
    assert (register.number(), register.newest_day()) == (3, FRIDAY)


@pytest.mark.parametrize(("first", "then", "kept"), [(1, 2, 2), (2, 1, 2), (1, 1, 1)])
def test_the_newest_version_of_a_seal_stays(
    first: int, then: int, kept: int, database: AnyDatabase
) -> None:
    register = SealRegister(database)
    for version in (first, then):
        register.write(seal("NIFTY", MONDAY, version=version))
    assert [each.version for each in register.of_days(MONDAY, MONDAY)] == [kept]


def test_a_seal_counts_for_its_own_archive_alone(database: AnyDatabase) -> None:
    """Whatever its version is: the other archive counts its own ones from 1 on."""
    record(database, "NIFTY", *WEEK)
    all_of_them, of_old, of_new = (SealRegister(database, name) for name in (None, "old", "new"))
    for day in (MONDAY, *WEEK[1:3]):
        of_old.write(seal("NIFTY", day, version=2)._replace(archive="old"))
    for version in (3, 1):
        of_new.write(seal("NIFTY", MONDAY, version=version)._replace(archive="new"))
    known = [
        [(each.day, each.version) for each in register.of_days(MONDAY, FRIDAY)]
        for register in (of_new, of_old)
    ]
    assert known == [[(MONDAY, 3)], [(day, 2) for day in WEEK[1:3]]]
    assert [each.number() for each in (all_of_them, of_old, of_new)] == [3, 2, 1]
    assert (of_old.newest_day(), of_new.newest_day()) == (WEEK[2], MONDAY)
    unsealed = UnsealedDays(database, "new").find(MONDAY, FRIDAY)
    assert [each.day for each in unsealed] == WEEK[1:]


def test_a_seal_of_an_earlier_release_counts_for_the_archive_of_now(database: AnyDatabase) -> None:
    register = SealRegister(database, "new")
    old = {**seal("NIFTY", MONDAY, version=2)._asdict(), "day": midnight_utc(MONDAY)}
    del old["archive"]
    database[SEALS].insert_one(old)
    assert [each.version for each in register.of_days(MONDAY, MONDAY)] == [2]
    for version in (1, 3):
        register.write(seal("NIFTY", MONDAY, version=version)._replace(archive="new"))
        found = [(each.version, each.archive) for each in register.of_days(MONDAY, MONDAY)]
        assert found == [(2, None) if version == 1 else (3, "new")]


def test_unsealed_days_are_those_with_a_header_or_a_tick_and_no_seal(
    database: AnyDatabase,
) -> None:
    record(database, "NIFTY", *WEEK)
    record(database, "M&M", MONDAY)
    claim(database, "M&M", THURSDAY)
    for day in (MONDAY, *WEEK[2:]):
        SealRegister(database).write(seal("NIFTY", day))
    days = UnsealedDays(database)
    assert days.symbols() == ["M&M", "NIFTY"]
    lacking = [
        UnsealedDay("M&M", MONDAY, india(MONDAY)),
        UnsealedDay("NIFTY", WEEK[1], india(WEEK[1])),
        UnsealedDay("M&M", THURSDAY, india(THURSDAY, "10:00")),
    ]
    assert days.find(MONDAY, FRIDAY) == lacking
    assert days.find(WEEK[1], FRIDAY, ["NIFTY"]) == lacking[1:2]
    assert days.find(FRIDAY, MONDAY) == days.find(FRIDAY, FRIDAY + timedelta(days=9)) == []
    assert (days.recorded(MONDAY), days.recorded(THURSDAY)) == (["M&M", "NIFTY"], ["NIFTY"])


@pytest.mark.parametrize(
    ("recorded", "sealed", "counts"),
    [("15:40", "16:15", True), ("21:00", "16:15", False), ("21:00", "21:30", True)],
)
def test_a_seal_from_before_the_evening_does_not_count_once_the_evening_is_read(
    recorded: str, sealed: str, counts: bool, database: AnyDatabase
) -> None:
    record(database, "NIFTY", MONDAY, clock=recorded)
    record(database, "NIFTY", WEEK[1])
    SealRegister(database).write(seal("NIFTY", MONDAY, clock=sealed))
    assert (UnsealedDays(database).find(MONDAY, MONDAY) == []) is counts


def test_a_day_begins_at_midnight_in_india(database: AnyDatabase) -> None:
    record(database, "NIFTY", MONDAY, clock="23:59:59")
    record(database, "BANKNIFTY", WEEK[1], clock="00:00:00")
    found = UnsealedDays(database).find(MONDAY, WEEK[1])
    assert [(each.symbol, each.day) for each in found] == [
        ("NIFTY", MONDAY),
        ("BANKNIFTY", WEEK[1]),
    ]
