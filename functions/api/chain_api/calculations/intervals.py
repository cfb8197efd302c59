"""Intervals of a day, counted from the opening of its session. Pure.

They count from the opening of the session of their day in India and never span two days.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Market

_DAY = timedelta(days=1)


class Day(NamedTuple):
    """A day in India: its midnight, the opening of its session, the next midnight. All UTC."""

    midnight: datetime
    opens: datetime
    ends: datetime


class Interval(NamedTuple):
    """An interval, cut at the ends of its day: begins ≤ t < ends. `timestamp` is its label."""

    begins: datetime
    ends: datetime
    timestamp: datetime
    day: Day


class Intervals:
    """Finds the interval of an instant; fast for instants in ascending order.

    `opening` returns the opening of the session on an instant's day in India, or the midnight of a
    day without a session.
    """

    def __init__(self, length: timedelta, opening: Callable[[datetime], datetime]) -> None:
        self._length = length
        self._opening = opening
        self._days: dict[date, Day] = {}
        self._last: Interval | None = None

    def of(self, instant: datetime) -> Interval:
        """Return the interval in which an aware instant lies."""
        last = self._last
        if last is None or not last.begins <= instant < last.ends:
            self._last = last = self._compute(instant)
        return last

    def _compute(self, instant: datetime) -> Interval:
        day = self._day(exchange_date(instant))
        if self._length == _DAY:
            return Interval(day.midnight, day.ends, day.opens, day)
        # Floor division: before the opening the quotient is negative, and still rounds down.
        start = day.opens + (instant - day.opens) // self._length * self._length
        begins, ends = max(start, day.midnight), min(start + self._length, day.ends)
        return Interval(begins, ends, begins, day)

    def _day(self, number: date) -> Day:
        day = self._days.get(number)
        if day is None:
            midnight = datetime.combine(number, time.min, IST).astimezone(UTC)
            opens = self._opening(midnight).astimezone(UTC)
            day = self._days[number] = Day(midnight, opens, midnight + _DAY)
        return day


def opening_in(market: Market) -> Callable[[datetime], datetime]:
    """Return a function from an instant to the first opening of its day, else its midnight."""

    def opening(instant: datetime) -> datetime:
        sessions = market.sessions(exchange_date(instant))
        return sessions[0].opens.astimezone(UTC) if sessions else midnight_of(instant)

    return opening


def midnight_of(instant: datetime) -> datetime:
    """Return the midnight at which an instant's day in India begins, UTC."""
    return datetime.combine(exchange_date(instant), time(tzinfo=IST)).astimezone(UTC)
