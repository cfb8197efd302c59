"""Intervals of a day, counted from the opening of its session. Pure.

They count from the opening of the session of their day in India and never span two days.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from chain_api.problems.catalogue import invalid
from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Market

_SHORTEST, _DAY = timedelta(seconds=5), timedelta(days=1)
_INTERVAL = re.compile(r"(\d{1,5})([smh])|1d", re.ASCII)
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}


def interval_of(text: str) -> timedelta:
    """Read `5s`, `15m`, `1h`, `1d`; raise ValueError for what is no interval or out of bounds."""
    match = _INTERVAL.fullmatch(text)
    length = match and (int(match[1]) * _UNITS[match[2]] if match[1] else _DAY)
    if not length or not _SHORTEST <= length <= _DAY:
        raise ValueError("an interval is digits and s, m or h, like 15m, from 5s to 24h, or 1d")
    return length


def interval_asked(text: str | None) -> timedelta | None:
    """Read the parameter `interval`; raise Problem for what is none."""
    try:
        return interval_of(text) if text else None
    except ValueError as error:
        raise invalid("interval", text, str(error)) from None


class Day(NamedTuple):
    """A day in India: its midnight, the opening of its session, the next midnight; UTC."""

    midnight: datetime
    opens: datetime
    ends: datetime


class Interval(NamedTuple):
    """An interval as far as it lies in its day: begins ≤ t < ends; `timestamp` is its label."""

    begins: datetime
    ends: datetime
    timestamp: datetime
    day: Day


class Intervals:
    """Knows the interval of an instant; reckons again only where the one before has ended.

    `opening` gives the opening of the session of an instant's day in India, its midnight where
    there is none.
    """

    def __init__(self, length: timedelta, opening: Callable[[datetime], datetime]) -> None:
        self._length = length
        self._opening = opening
        self._days: dict[date, Day] = {}
        self._last: Interval | None = None

    def of(self, instant: datetime) -> Interval:
        """Return the interval in which an instant lies; the instant is aware."""
        last = self._last
        if last is None or not last.begins <= instant < last.ends:
            self._last = last = self._reckoned(instant)
        return last

    def _reckoned(self, instant: datetime) -> Interval:
        day = self._day(exchange_date(instant))
        if self._length == _DAY:
            return Interval(day.midnight, day.ends, day.opens, day)
        # Before the opening the quotient is negative, and rounded down as well.
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
    """Return what gives the opening of an instant's day in a market, its midnight without one."""

    def opening(instant: datetime) -> datetime:
        session = market.session(exchange_date(instant))
        return session.opens.astimezone(UTC) if session else midnight_of(instant)

    return opening


def midnight_of(instant: datetime) -> datetime:
    """Return the midnight that an instant's day in India begins with, UTC."""
    return datetime.combine(exchange_date(instant), time(tzinfo=IST)).astimezone(UTC)
