"""The market calendar in force, by the exchange's own list of holidays as far as it is believed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal

from optionchain.announced_days import SHIPPED_HOLIDAYS, SHIPPED_SESSIONS
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.holiday_list import is_weekday, judge
from optionchain.market import Market, SpecialSessions
from optionchain.mongo.holiday_register import HolidayRegister, Holidays, Rejected

# How often the stored list is read again from the database, and how soon after an outage.
_READ_INTERVAL = timedelta(minutes=5)
_RETRY_INTERVAL = timedelta(seconds=30)
# How long nobody asks the exchange again for a list that could not be read or is not believed.
_TRY_INTERVAL = timedelta(minutes=5)


class MarketCalendar:
    """Returns the Market as it is known now, even while the database is away.

    `special` holds sessions outside the usual hours by date. They go before the shipped ones.
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
        self._read_at: datetime | None = None
        self._adopt(None)

    def market(self) -> Market:
        """Return the calendar by the stored list, which is read at most every five minutes."""
        now = self._now()
        if self._read_at is None or now - self._read_at > _READ_INTERVAL:
            self._read_stored(now)
        return self._market

    def at_hand(self) -> Market:
        """Return the calendar by the list that was read last, without asking the database."""
        return self._market

    @property
    def rejected(self) -> Rejected | None:
        """Return why the exchange's newest list is not believed, None if it is."""
        return self._holidays.rejected if self._holidays else None

    @property
    def contradicted(self) -> frozenset[date]:
        """Return the days that the list closes and on which the exchange traded all the same."""
        return self._holidays.contradicted if self._holidays else frozenset()

    @property
    def is_renewed(self) -> bool:
        """Tell whether the list that is at hand was read from the exchange today, in India."""
        read_at = self._holidays.read_at if self._holidays else None
        return read_at is not None and exchange_date(read_at) == exchange_date(self._now())

    def refresh(self, read: Callable[[], frozenset[date]]) -> None:
        """Read the exchange's list and store what is believed of it, once a day.

        A list that was not read today is asked for every five minutes. If `read` raises, or the
        list is not believed, the old one stays. Raises StoreUnavailable.
        """
        if self._hours == "always":
            return
        self.reread()
        now = self._now()
        tried_at = self._holidays and self._holidays.tried_at
        if self.is_renewed or (tried_at and timedelta() <= now - tried_at < _TRY_INTERVAL):
            return
        self._register.note_try(now)
        self._store(read(), now)
        self.reread()

    def reread(self) -> Market:
        """Return the calendar by what is stored now; raise StoreUnavailable."""
        if self._hours == "exchange":
            self._adopt(self._register.read())
        self._read_at = self._now()
        return self._market

    def probe_is_due(self) -> bool:
        """Tell whether the exchange was not asked for five minutes if it trades on a closed day."""
        probed_at = self._holidays and self._holidays.probed_at
        return not probed_at or not timedelta() <= self._now() - probed_at < _TRY_INTERVAL

    def note_probe(self) -> None:
        """Store that the exchange is asked now; raise StoreUnavailable."""
        self._register.note_probe(self._now())

    def contradict(self, day: date) -> Market:
        """Open a day that is listed as closed, and return the calendar; raise StoreUnavailable."""
        self._register.contradict(day)
        return self.reread()

    def _store(self, days: frozenset[date], now: datetime) -> None:
        """Store the believed years of a list, and of the other years what was believed before."""
        judgement = judge(days)
        doubts = "; ".join(judgement.doubts.values())
        self._register.reject(Rejected(now, doubts) if doubts else None)
        if judgement.believed:
            before = judge(self._holidays.days).believed if self._holidays else frozenset()
            kept = {day for day in before if day.year not in judgement.years}
            self._register.write(judgement.believed | kept, now)

    def _read_stored(self, now: datetime) -> None:
        try:
            self.reread()
        except StoreUnavailable:
            # The known list stays in force. Not every call tries again: a try takes a time-out.
            self._read_at = now - _READ_INTERVAL + _RETRY_INTERVAL

    def _adopt(self, holidays: Holidays | None) -> None:
        self._holidays = holidays
        self._market = market_of(holidays, self._hours, self._special)


def market_of(
    holidays: Holidays | None,
    hours: Literal["exchange", "always"],
    special: SpecialSessions,
) -> Market:
    """Return the market by the exchange's list, and by the shipped one for the other years.

    The stored list is judged once more, because an older version may have stored it unjudged.
    """
    listed = judge(holidays.days) if holidays else judge(())
    contradicted = holidays.contradicted if holidays else frozenset()
    shipped = frozenset[date]().union(*SHIPPED_HOLIDAYS.values())
    others = {day for day in shipped if day.year not in listed.years}
    alone = {day for day in listed.believed - shipped - contradicted if is_weekday(day)}
    return Market(
        hours,
        (listed.believed | others) - contradicted,
        {**SHIPPED_SESSIONS, **special},
        listed.years,
        frozenset(alone),
    )
