"""A list of holidays is judged before it is believed."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optionchain.announced_days import (
    HOLIDAYS_2024,
    HOLIDAYS_2025,
    HOLIDAYS_2026,
    SHIPPED_HOLIDAYS,
    SHIPPED_SESSIONS,
)
from optionchain.holiday_list import LONGEST_RUN, MOST_OF_TEN, is_weekday, judge

DAY = timedelta(days=1)
# The exchange's list of 2023 as it was announced, and as it was after the eve of 28 June.
ANNOUNCED_2023 = frozenset(
    date(2023, *month_day)
    for month_day in (
        *((1, 26), (3, 7), (3, 30), (4, 4), (4, 7), (4, 14), (5, 1), (6, 28)),
        *((8, 15), (9, 19), (10, 2), (10, 24), (11, 14), (11, 27), (12, 25)),
    )
)
CHANGED_2023 = ANNOUNCED_2023 - {date(2023, 6, 28)} | {date(2023, 6, 29)}


def in_a_row(first: date, number: int) -> frozenset[date]:
    """Return so many days from a date on."""
    return frozenset(first + DAY * each for each in range(number))


@pytest.mark.parametrize("year", list(SHIPPED_HOLIDAYS))
def test_a_shipped_list_is_of_one_year_and_believed(year: int) -> None:
    days = SHIPPED_HOLIDAYS[year]
    assert {day.year for day in days} == {year}
    assert all(map(is_weekday, days)), "a weekend needs no holiday"
    assert judge(days) == (days, {})


def test_each_shipped_session_is_on_a_weekend_or_a_holiday() -> None:
    holidays = HOLIDAYS_2024 | HOLIDAYS_2025 | HOLIDAYS_2026
    for day in SHIPPED_SESSIONS:
        assert not is_weekday(day) or day in holidays


@pytest.mark.parametrize("days", [ANNOUNCED_2023, CHANGED_2023])
def test_a_holiday_that_moves_on_the_eve_is_believed(days: frozenset[date]) -> None:
    assert judge(days).believed == days


@pytest.mark.parametrize(
    ("days", "doubt"),
    [
        (in_a_row(date(2027, 6, 1), 61), "it closes 44 weekday(s) of 2027, not 5 to 30"),
        (HOLIDAYS_2026 | in_a_row(date(2026, 12, 1), 6), "more than 3 weekdays in a row"),
        (HOLIDAYS_2026 | in_a_row(date(2026, 12, 4), 6), "in a row from 2026-12-04 on"),
        (HOLIDAYS_2026 | {date(2026, 12, day) for day in (1, 2, 4, 7, 8, 10)}, "of ten weekdays"),
        ({date(2027, 1, 26)}, "1 weekday(s) of 2027"),
        ({day + DAY for day in HOLIDAYS_2026}, "it closes 11 days of 2026 that are known as open"),
        ({day for day in HOLIDAYS_2026 if day.month < 5}, "and opens 9 holidays"),
        ({date(2027, 1, 2) + 7 * DAY * each for each in range(50)}, "0 weekday(s) of 2027"),
    ],
)
def test_a_list_that_no_exchange_would_keep_is_not_believed(
    days: Collection[date], doubt: str
) -> None:
    judgement = judge(days)
    assert judgement.believed == frozenset()
    assert doubt in "; ".join(judgement.doubts.values())


def test_each_year_of_a_list_is_judged_by_itself() -> None:
    judgement = judge(HOLIDAYS_2025 | in_a_row(date(2026, 9, 1), 61))
    assert judgement.believed == HOLIDAYS_2025
    assert judgement.years == {2025}
    assert list(judgement.doubts) == [2026]


def test_no_days_are_neither_believed_nor_doubted() -> None:
    assert judge(()) == (frozenset(), {})


@given(st.sets(st.dates(date(2027, 1, 1), date(2027, 12, 31)), min_size=4, max_size=32))
def test_a_believed_list_closes_few_weekdays_wherever_one_looks(days: set[date]) -> None:
    if judge(days).believed:
        weekdays = [day for day in in_a_row(date(2027, 1, 1), 365) if is_weekday(day)]
        closed = [day in days for day in sorted(weekdays)]
        assert all(sum(closed[at : at + 10]) <= MOST_OF_TEN for at in range(len(closed)))
        longest = max(map(len, "".join("x" if each else " " for each in closed).split()))
        assert longest <= LONGEST_RUN
