"""The market calendar in force, by the exchange's own list of holidays if that is stored."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal

from optionchain.errors import StoreUnavailable
from optionchain.market import HOLIDAYS_2026, Market, SpecialSessions
from optionchain.mongo.holiday_register import HolidayRegister, Holidays

# Holidays are announced days ahead, so a list of this age is read again from the exchange.
_MAX_LIST_AGE = timedelta(days=1)
# How often the stored list is read again from the database, and how soon after an outage.
_READ_INTERVAL = timedelta(minutes=5)
_RETRY_INTERVAL = timedelta(seconds=30)


class MarketCalendar:
    """Returns the Market as it is known now, even while the database is away.

    `special` holds sessions outside the usual hours by date.
    """

    def __init__(
        self,
        register: HolidayRegister,
        hours: Literal["exchange", "always"],
        special: SpecialSessions,
        now: Callable[[], datetime],
    ) -> None:
        self._register = register
        self._hours = hours
        self._special = special
        self._now = now
        self._holidays: Holidays | None = None
        self._read_at: datetime | None = None

    def market(self) -> Market:
        """Return the calendar by the stored list, which is read at most every five minutes."""
        now = self._now()
        if self._read_at is None or now - self._read_at > _READ_INTERVAL:
            self._read_stored(now)
        return self.at_hand()

    def at_hand(self) -> Market:
        """Return the calendar by the list that was read last, without asking the database."""
        return market_of(self._holidays, self._hours, self._special)

    def refresh(self, read: Callable[[], frozenset[date]]) -> None:
        """Read the exchange's list and store it, if the stored one is more than a day old.

        If `read` raises, the old list stays. Raises StoreUnavailable.
        """
        now = self._now()
        if self._hours == "always":
            return
        self._holidays = self._register.read()
        if self._holidays is None or now - self._holidays.read_at > _MAX_LIST_AGE:
            days = read()
            self._register.write(days, now)
            self._holidays = Holidays(days, now)
        self._read_at = now

    def _read_stored(self, now: datetime) -> None:
        self._read_at = now
        if self._hours == "exchange":
            try:
                self._holidays = self._register.read()
            except StoreUnavailable:
                # The known list stays in force. Not every call tries again: a try takes a time-out.
                self._read_at = now - _READ_INTERVAL + _RETRY_INTERVAL


def market_of(
    holidays: Holidays | None,
    hours: Literal["exchange", "always"],
    special: SpecialSessions,
) -> Market:
    """Return the market by the exchange's list, and by the shipped one for years without a day."""
    if holidays is None:
        return Market(hours, HOLIDAYS_2026, special, origin="shipped")
    covered = {day.year for day in holidays.days}
    shipped = {day for day in HOLIDAYS_2026 if day.year not in covered}
    return Market(hours, holidays.days | shipped, special, origin="exchange")
