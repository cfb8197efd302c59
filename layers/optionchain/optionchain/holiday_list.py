"""Whether a list of holidays can be what the exchange really does. Pure.

The exchange's list decides on which days nothing is recorded, so a wrong one loses whole days. Each
year of it is judged by itself. The bounds leave room around the lists of 2017 to 2026: they have
12 to 18 weekdays a year, at most 2 weekdays in a row and at most 4 of 10, and the list that was
announced for a year got at most 3 more days later.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from optionchain.announced_days import SHIPPED_HOLIDAYS

FEWEST_DAYS, MOST_DAYS = 5, 30
LONGEST_RUN = 3
MOST_OF_TEN = 5
# How many weekdays a list may have that the shipped list of the year lacks, and the reverse.
MOST_DIFFERENCES = 5
_SATURDAY = 5
_TEN = 10


class Judgement(NamedTuple):
    """The days of the years that are believed, and for each other year what is wrong with it."""

    believed: frozenset[date]
    doubts: dict[int, str]

    @property
    def years(self) -> frozenset[int]:
        """Return the years that are believed."""
        return frozenset(day.year for day in self.believed)


def judge(days: Collection[date]) -> Judgement:
    """Return which years of a list are believed."""
    believed, doubts = frozenset[date](), dict[int, str]()
    for year in sorted({day.year for day in days}):
        listed = frozenset(day for day in days if day.year == year)
        if doubt := _doubt(year, sorted(filter(is_weekday, listed))):
            doubts[year] = doubt
        else:
            believed |= listed
    return Judgement(believed, doubts)


def is_weekday(day: date) -> bool:
    """Tell whether a day is none of a weekend."""
    return day.weekday() < _SATURDAY


def _doubt(year: int, days: Sequence[date]) -> str | None:
    """Return why these weekdays cannot be the holidays of a year, None if they can."""
    if not FEWEST_DAYS <= len(days) <= MOST_DAYS:
        return f"it closes {len(days)} weekday(s) of {year}, not {FEWEST_DAYS} to {MOST_DAYS}"
    if run := _fits_within(days, LONGEST_RUN + 1, LONGEST_RUN + 1):
        return f"it closes more than {LONGEST_RUN} weekdays in a row from {run} on"
    if crowd := _fits_within(days, MOST_OF_TEN + 1, _TEN):
        return f"it closes more than {MOST_OF_TEN} of ten weekdays from {crowd} on"
    shipped = SHIPPED_HOLIDAYS.get(year, frozenset(days))
    more, fewer = len(set(days) - shipped), len(shipped - set(days))
    if max(more, fewer) > MOST_DIFFERENCES:
        return f"it closes {more} days of {year} that are known as open, and opens {fewer} holidays"
    return None


def _fits_within(days: Sequence[date], number: int, weekdays: int) -> date | None:
    """Return the first of `number` days in order that lie within so many weekdays, if any do."""
    for first, last in zip(days, days[number - 1 :], strict=False):
        if _weekdays_between(first, last) < weekdays:
            return first
    return None


def _weekdays_between(first: date, last: date) -> int:
    """Return how many weekdays after `first` the weekday `last` is."""
    weeks, rest = divmod((last - first).days, 7)
    return weeks * 5 + sum(is_weekday(last - timedelta(days=back)) for back in range(rest))
