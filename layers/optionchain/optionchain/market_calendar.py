"""The market calendar in force: by the exchange's own list where that is remembered."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal

from optionchain.errors import StoreUnavailable
from optionchain.market import HOLIDAYS_2026, Market
from optionchain.mongo.holiday_register import HolidayRegister, Holidays

# Holidays are announced days ahead; a list is read again after a day.
_FRESH_FOR = timedelta(days=1)
_LOOK_AGAIN = timedelta(minutes=5)
_PAUSE = timedelta(seconds=30)


class MarketCalendar:
    """Gives the Market of the moment; never raises where the database is away.

    `special` are sessions outside the rule, by date: opening and close in IST.
    """

    def __init__(
        self,
        register: HolidayRegister,
        hours: Literal["exchange", "always"],
        special: Mapping[date, tuple[time, time]],
        now: Callable[[], datetime],
    ) -> None:
        self._register = register
        self._hours = hours
        self._special = special
        self._now = now
        self._holidays: Holidays | None = None
        self._looked_at: datetime | None = None

    def market(self) -> Market:
        """Return the calendar by what is remembered; looked up at most every five minutes."""
        now = self._now()
        if self._looked_at is None or now - self._looked_at > _LOOK_AGAIN:
            self._look(now)
        return self.at_hand()

    def at_hand(self) -> Market:
        """Return the calendar by what was looked up last, without asking the database."""
        return market_of(self._holidays, self._hours, self._special)

    def refresh(self, read: Callable[[], frozenset[date]]) -> None:
        """Have the exchange's list read and remembered, where the one at hand is over a day old.

        `read` may raise; then the old list stays. Raises StoreUnavailable.
        """
        now = self._now()
        if self._hours == "always":
            return
        self._holidays = self._register.read()
        if self._holidays is None or now - self._holidays.read_at > _FRESH_FOR:
            days = read()
            self._register.write(days, now)
            self._holidays = Holidays(days, now)
        self._looked_at = now

    def _look(self, now: datetime) -> None:
        self._looked_at = now
        if self._hours == "exchange":
            try:
                self._holidays = self._register.read()
            except StoreUnavailable:
                # What is at hand holds. Soon again, but not at each call: a look takes a time-out.
                self._looked_at = now - _LOOK_AGAIN + _PAUSE


def market_of(
    holidays: Holidays | None,
    hours: Literal["exchange", "always"],
    special: Mapping[date, tuple[time, time]],
) -> Market:
    """Return the market by the exchange's list; for years it does not cover, the shipped one."""
    if holidays is None:
        return Market(hours, HOLIDAYS_2026, special, origin="shipped")
    covered = {day.year for day in holidays.days}
    shipped = {day for day in HOLIDAYS_2026 if day.year not in covered}
    return Market(hours, holidays.days | shipped, special, origin="exchange")
