"""When options trade: the exchange's sessions by day. Pure.

Source: the exchange's circulars. Options trade from 09:15 to 15:40 IST since 3 August 2026; before
that day they traded to 15:30.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from optionchain.announced_days import SHIPPED_HOLIDAYS, SHIPPED_SESSIONS
from optionchain.evening_rounds import EveningRound, evening_rounds
from optionchain.exchange_time import IST, exchange_date

_OPENS = time(9, 15)
_CLOSES = time(15, 40)
_CLOSED_UNTIL_2026_08_03 = time(15, 30)
_LATER_CLOSE_SINCE = date(2026, 8, 3)
_SATURDAY = 5
# The last trades of a session may come some seconds after its close, so one more tick is read.
_CLOSING_TICK_AFTER = timedelta(minutes=5)
# The search for a session ends after so many days: no market stays closed for longer.
_LONGEST_BREAK = timedelta(days=15)

type Hours = tuple[time, time]
"""Opening and close of a session, in IST."""

type SpecialSessions = Mapping[date, tuple[Hours, ...]]
"""The sessions of a date that are not the ordinary one, in order of time."""


class Session(NamedTuple):
    """Trading hours without a break: opens ≤ t < closes. A day may have several sessions."""

    opens: datetime
    closes: datetime

    def __contains__(self, instant: object) -> bool:
        """Tell whether an instant lies in the session."""
        return isinstance(instant, datetime) and self.opens <= instant < self.closes


type Origin = Literal["exchange", "shipped", "none"]
"""Whose list of holidays is in force: the exchange's own, the one shipped here, or nobody's."""


@dataclass(frozen=True)
class Market:
    """The calendar of sessions; `hours="always"` makes every day a session of 24 hours.

    `holidays` are in force, and those of `listed_years` are from the exchange's own list.
    `listed_alone` are the weekdays closed by that list and not by the shipped one. `special` holds
    sessions outside the usual hours (Muhurat, drills of disaster recovery) by date.
    """

    hours: Literal["exchange", "always"] = "exchange"
    holidays: frozenset[date] = frozenset().union(*SHIPPED_HOLIDAYS.values())
    special: SpecialSessions = SHIPPED_SESSIONS
    listed_years: frozenset[int] = frozenset()
    listed_alone: frozenset[date] = frozenset()

    def origin(self, year: int) -> Origin:
        """Return whose list says which weekdays of a year are closed; "none": all count as open."""
        if year in self.listed_years:
            return "exchange"
        return "shipped" if year in SHIPPED_HOLIDAYS else "none"

    def sessions(self, day: date) -> tuple[Session, ...]:
        """Return the sessions of a date in India in order of time; none on a closed day.

        A special session beside the ordinary hours is one more session. If one overlaps them, the
        special sessions replace them.
        """
        if self.hours == "always":
            return (_between(day, time.min, None),)
        special = [_between(day, *hours) for hours in self.special.get(day, ())]
        ordinary = self._ordinary_session(day)
        if ordinary and not any(_overlap(ordinary, session) for session in special):
            special.append(ordinary)
        return tuple(sorted(special))

    def session_at(self, instant: datetime) -> Session | None:
        """Return the session in which an instant lies, None while the market is closed."""
        for session in self.sessions(exchange_date(instant)):
            if instant in session:
                return session
        return None

    def is_open(self, instant: datetime) -> bool:
        """Tell whether options trade at an instant."""
        return self.session_at(instant) is not None

    def closing_ticks(self, day: date) -> tuple[datetime, ...]:
        """Return the one tick after the close of each session at which its last values are read."""
        if self.hours == "always":
            return ()
        return tuple(session.closes + _CLOSING_TICK_AFTER for session in self.sessions(day))

    def evening_rounds(self, day: date) -> tuple[EveningRound, ...]:
        """Return the rounds in which the final chain of a day is read, in order of time."""
        if self.hours == "always" or not (sessions := self.sessions(day)):
            return ()
        return evening_rounds(day, sessions[-1].closes)

    def evening_ticks(self, day: date) -> tuple[datetime, ...]:
        """Return every tick that the evening rounds of a day may have, in order of time.

        The first one is due on every day with a session, the others while something is unread.
        """
        return tuple(tick for each in self.evening_rounds(day) for tick in each.ticks)

    def evening_round(self, tick: datetime) -> EveningRound | None:
        """Return the evening round that has a tick, None for a tick of the session."""
        rounds = self.evening_rounds(exchange_date(tick))
        return next((each for each in rounds if tick in each), None)

    def is_due(self, tick: datetime, delay: timedelta = timedelta()) -> bool:
        """Tell whether a tick is to be read whatever was read before it.

        It is in a session, the closing tick after one, or the first tick of the evening. `delay` is
        how long after the grid the ticks are: the closing tick as well, and not those of the
        evening.
        """
        if self.is_open(tick):
            return True
        day = exchange_date(tick)
        return tick - delay in self.closing_ticks(day) or tick in self._evening_begins(day)

    def may_be_due(self, tick: datetime) -> bool:
        """Tell whether a tick is to be read, or would be if something of the evening is unread."""
        return self.is_due(tick) or self.evening_round(tick) is not None

    def is_optional(self, tick: datetime) -> bool:
        """Tell whether a tick is one of the evening that is read only if something is unread."""
        return self.evening_round(tick) is not None and not self.is_due(tick)

    def due_ticks(
        self, day: date, step: timedelta, delay: timedelta = timedelta()
    ) -> list[datetime]:
        """Return every tick of a day for which `is_due`, in order; `step` divides a minute."""
        ticks = {tick + delay for tick in self.closing_ticks(day)}
        ticks.update(self._evening_begins(day))
        for session in self.sessions(day):
            number = (session.closes - session.opens) // step
            ticks.update(session.opens + delay + step * tick for tick in range(number))
        return sorted(ticks)

    def is_earlier_session(self, stamp: datetime, tick: datetime) -> bool:
        """Tell whether a body with this stamp is of a session before the tick's.

        Before the opening and on holidays the exchange serves the last session again.
        """
        if self.hours == "always":
            return False
        day = exchange_date(tick)
        if exchange_date(stamp) != day:
            return exchange_date(stamp) < day
        opened = [session for session in self.sessions(day) if session.opens <= tick]
        if not opened[1:]:
            return False
        before, current = opened[-2:]
        return stamp < current.opens and stamp <= before.closes + _CLOSING_TICK_AFTER

    def last_session(self, instant: datetime) -> Session | None:
        """Return the newest session that had opened by `instant`, within 15 days."""
        day = exchange_date(instant)
        for back in range(_LONGEST_BREAK.days):
            for session in reversed(self.sessions(day - timedelta(days=back))):
                if session.opens <= instant:
                    return session
        return None

    def trading_day_before(self, day: date) -> date | None:
        """Return the last date before this one that had a session, within 15 days."""
        session = self.last_session(_between(day, time.min, None).opens - timedelta.resolution)
        return exchange_date(session.opens) if session else None

    def next_opening(self, instant: datetime) -> datetime | None:
        """Return when the next session after `instant` opens, within 15 days."""
        day = exchange_date(instant)
        for ahead in range(_LONGEST_BREAK.days):
            for session in self.sessions(day + timedelta(days=ahead)):
                if session.opens > instant:
                    return session.opens
        return None

    def _evening_begins(self, day: date) -> tuple[datetime, ...]:
        return tuple(each.begins for each in self.evening_rounds(day)[:1])

    def _ordinary_session(self, day: date) -> Session | None:
        if day.weekday() >= _SATURDAY or day in self.holidays:
            return None
        return ordinary_hours(day)


def ordinary_hours(day: date) -> Session:
    """Return the hours at which options trade on a date, if it is an ordinary trading day."""
    closes = _CLOSES if day >= _LATER_CLOSE_SINCE else _CLOSED_UNTIL_2026_08_03
    return _between(day, _OPENS, closes)


def expires_at(expiry: date) -> datetime:
    """Return when trading in the options of an expiry ends, UTC.

    What they pay may be known before: see `closing_auction.payoff_fixed_at`.
    """
    return expiring_session(expiry).closes.astimezone(UTC)


def expiring_session(expiry: date) -> Session:
    """Return the session with which the options of an expiry end: the ordinary one of that date.

    On a date whose only known session is a special one, they end with that session.
    """
    ordinary, sessions = ordinary_hours(expiry), Market().sessions(expiry)
    return ordinary if not sessions or ordinary in sessions else sessions[-1]


def _overlap(one: Session, other: Session) -> bool:
    return one.opens < other.closes and other.opens < one.closes


def _between(day: date, opens: time, closes: time | None) -> Session:
    start = datetime.combine(day, opens, IST)
    end = (
        datetime.combine(day + timedelta(days=1), time.min, IST)
        if closes is None
        else datetime.combine(day, closes, IST)
    )
    return Session(start, end)
