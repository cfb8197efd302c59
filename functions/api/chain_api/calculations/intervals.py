"""Intervals of a day, counted from the opening of its session. Pure.

They count from the opening of the session of their day in India and never span two days.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Market, Session

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)


class Day(NamedTuple):
    """A day in India: its midnight, its first opening, the next midnight, its sessions. All UTC.

    A day without a session opens at its midnight. `last_values` are the ticks that read the last
    values of each session after its close, `evening` those that read what the exchange rewrote.
    """

    midnight: datetime
    opens: datetime
    ends: datetime
    sessions: tuple[Session, ...]
    last_values: tuple[datetime, ...]
    evening: frozenset[datetime]


class Interval(NamedTuple):
    """An interval, cut at the ends of its day: begins ≤ t < ends. `timestamp` is its label."""

    begins: datetime
    ends: datetime
    timestamp: datetime
    day: Day


class Intervals:
    """Finds the interval whose trades a tick has read; fast for ticks in ascending order."""

    def __init__(self, length: timedelta, market: Market) -> None:
        self._length = length
        self._market = market
        self._days: dict[date, Day] = {}
        self._last: Interval | None = None
        # The last interval is that of every tick in since ≤ t < until.
        self._since = self._until = datetime.min.replace(tzinfo=UTC)

    def of(self, tick: datetime) -> Interval | None:
        """Return the interval of an aware tick, None if it belongs to none.

        The minutes after a close, up to the reading of the last values, belong to the end of that
        session. In the evening the exchange has rewritten its numbers, and nothing is traded: such
        a tick belongs to its day, and to no shorter interval.
        """
        if self._since <= tick < self._until:
            return self._last
        day = self._day(exchange_date(tick))
        for session in day.sessions:
            if session.opens <= tick < session.closes:
                interval = self._last = self._compute(day, tick)
                self._since = max(interval.begins, session.opens)
                self._until = min(interval.ends, session.closes)
                return interval
        return self._outside(day, tick)

    def _outside(self, day: Day, tick: datetime) -> Interval | None:
        """Return the interval of a tick outside of the sessions."""
        # A market that never closes has a session each day and reads no last values.
        for session, last_values in zip(day.sessions, day.last_values, strict=False):
            if session.closes <= tick <= last_values:
                return self._compute(day, session.closes - _MICROSECOND)
        if self._length < _DAY and tick in day.evening:
            return None
        return self._compute(day, tick)

    def _compute(self, day: Day, instant: datetime) -> Interval:
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
            sessions = tuple(
                Session(session.opens.astimezone(UTC), session.closes.astimezone(UTC))
                for session in self._market.sessions(number)
            )
            day = self._days[number] = Day(
                midnight=midnight,
                opens=sessions[0].opens if sessions else midnight,
                ends=midnight + _DAY,
                sessions=sessions,
                last_values=self._market.closing_ticks(number),
                evening=frozenset(self._market.evening_ticks(number)),
            )
        return day


def midnight_of(instant: datetime) -> datetime:
    """Return the midnight at which an instant's day in India begins, UTC."""
    return datetime.combine(exchange_date(instant), time(tzinfo=IST)).astimezone(UTC)
