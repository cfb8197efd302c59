"""When options trade: the exchange's sessions by day. Pure.

Source: the exchange's circulars. Options trade from 09:15 to 15:40 IST since 3 August 2026; before
that day they traded to 15:30.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple

from optionchain.exchange_time import IST, exchange_date

_OPENS = time(9, 15)
_CLOSES = time(15, 40)
_CLOSED_UNTIL_2026_08_03 = time(15, 30)
_LATER_CLOSE_SINCE = date(2026, 8, 3)
_SATURDAY = 5
# The exchange rewrites the last values after the close, so one more tick is read later.
_SETTLED_AFTER = timedelta(minutes=5)
# The search for a session ends after so many days: no market stays closed for longer.
_LONGEST_BREAK = timedelta(days=15)

# The holidays of the F&O segment in 2026, as the exchange announced them.
HOLIDAYS_2026 = frozenset(
    {
        date(2026, 1, 15),
        date(2026, 1, 26),
        date(2026, 3, 3),
        date(2026, 3, 26),
        date(2026, 3, 31),
        date(2026, 4, 3),
        date(2026, 4, 14),
        date(2026, 5, 1),
        date(2026, 5, 28),
        date(2026, 6, 26),
        date(2026, 9, 14),
        date(2026, 10, 2),
        date(2026, 10, 20),
        date(2026, 11, 10),
        date(2026, 11, 24),
        date(2026, 12, 25),
    }
)


class Session(NamedTuple):
    """The trading hours of one day: opens ≤ t < closes."""

    opens: datetime
    closes: datetime

    def __contains__(self, instant: object) -> bool:
        """Tell whether an instant lies in the session."""
        return isinstance(instant, datetime) and self.opens <= instant < self.closes


@dataclass(frozen=True)
class Market:
    """The calendar of sessions; `hours="always"` makes every day a session of 24 hours.

    `special` holds sessions outside the usual hours (Muhurat) by date: opening and close in IST.
    `origin` says whose list of holidays it is: the exchange's, or the one shipped with this code.
    """

    hours: Literal["exchange", "always"] = "exchange"
    holidays: frozenset[date] = HOLIDAYS_2026
    special: Mapping[date, tuple[time, time]] = field(default_factory=lambda: MappingProxyType({}))
    origin: Literal["exchange", "shipped"] = "shipped"

    def session(self, day: date) -> Session | None:
        """Return the session of a date in India, or None where the market stays closed."""
        if self.hours == "always":
            return _between(day, time.min, None)
        if day in self.special:
            return _between(day, *self.special[day])
        if day.weekday() >= _SATURDAY or day in self.holidays:
            return None
        closes = _CLOSES if day >= _LATER_CLOSE_SINCE else _CLOSED_UNTIL_2026_08_03
        return _between(day, _OPENS, closes)

    def is_due(self, tick: datetime) -> bool:
        """Tell whether a tick is to be read: in a session, or the one after its close."""
        session = self.session(exchange_date(tick))
        if session is None:
            return False
        return tick in session or (
            self.hours == "exchange" and tick == session.closes + _SETTLED_AFTER
        )

    def is_earlier_session(self, stamp: datetime, tick: datetime) -> bool:
        """Tell whether a body with this stamp is of a day before the tick's.

        Before the opening and on holidays the exchange serves the last session again.
        """
        return self.hours == "exchange" and exchange_date(stamp) < exchange_date(tick)

    def is_open(self, instant: datetime) -> bool:
        """Tell whether options trade at an instant."""
        session = self.session(exchange_date(instant))
        return session is not None and instant in session

    def last_session(self, instant: datetime) -> Session | None:
        """Return the newest session that had opened by `instant`, within 15 days."""
        day = exchange_date(instant)
        for back in range(_LONGEST_BREAK.days):
            session = self.session(day - timedelta(days=back))
            if session is not None and session.opens <= instant:
                return session
        return None

    def next_opening(self, instant: datetime) -> datetime | None:
        """Return when the next session after `instant` opens, within 15 days."""
        day = exchange_date(instant)
        for ahead in range(_LONGEST_BREAK.days):
            session = self.session(day + timedelta(days=ahead))
            if session is not None and session.opens > instant:
                return session.opens
        return None


def _between(day: date, opens: time, closes: time | None) -> Session:
    start = datetime.combine(day, opens, IST)
    end = (
        datetime.combine(day + timedelta(days=1), time.min, IST)
        if closes is None
        else datetime.combine(day, closes, IST)
    )
    return Session(start, end)
