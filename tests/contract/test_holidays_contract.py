"""The exchange's list of holidays, as it is remembered for a day."""

from datetime import date, timedelta

import pytest

from optionchain.errors import StoreUnavailable
from optionchain.market import HOLIDAYS_2026
from optionchain.mongo.holiday_register import CALENDAR, HolidayRegister
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import TICK


def test_nothing_is_remembered_at_first(empty_database: AnyDatabase) -> None:
    assert HolidayRegister(empty_database).read() is None


@pytest.mark.parametrize(
    "days",
    [
        HOLIDAYS_2026,
        frozenset({date(2026, 1, 1), date(2027, 12, 31)}),
        frozenset({date(1999, 12, 31), date(2100, 3, 1)}),
    ],
)
def test_a_list_is_read_as_it_was_written_by_whoever_asks(
    empty_database: AnyDatabase, days: frozenset[date]
) -> None:
    HolidayRegister(empty_database).write(days, TICK)
    assert HolidayRegister(empty_database).read() == (days, TICK)


def test_a_new_list_takes_the_place_of_the_old_one(empty_database: AnyDatabase) -> None:
    register = HolidayRegister(empty_database)
    register.write(HOLIDAYS_2026, TICK)
    days = frozenset({date(2027, 1, 26)})
    register.write(days, TICK + timedelta(days=1))
    assert register.read() == (days, TICK + timedelta(days=1))
    assert empty_database[CALENDAR].count_documents({}) == 1


def test_without_a_database_nothing_is_known(empty_database: AnyDatabase) -> None:
    shaky = ShakyDatabase(empty_database)
    register = HolidayRegister(shaky)
    shaky.away = True
    with pytest.raises(StoreUnavailable):
        register.read()
    with pytest.raises(StoreUnavailable):
        register.write(HOLIDAYS_2026, TICK)
