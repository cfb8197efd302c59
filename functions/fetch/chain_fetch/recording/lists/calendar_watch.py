"""Doubts the calendar, so that a wrong list of holidays cannot put the recorder to sleep.

Before the opening of each weekday the exchange's list is read again, whatever the list before said
of that day. On a closed day that the list of today and the shipped one do not both name, the
source is asked for a chain every five minutes: a fresh one contradicts the list. One without a time
stamp is fresh if contracts were traded since the one before it.
"""

import time as timer
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol

from chain_fetch.recording.bodies.body_order import has_traded_since
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.recording.ticks.shift_hours import LONGEST_SHIFT
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid, StoreUnavailable
from optionchain.exchange_time import IST, exchange_date, ist_text
from optionchain.holiday_list import is_weekday
from optionchain.market import Market, ordinary_hours
from optionchain.market_calendar import MarketCalendar
from optionchain.snapshot import Snapshot

# From when on the list counts as that of today: the exchange announces changes in the evening.
_RENEWED_FROM = time(8, tzinfo=IST)
# How long a request may take that no tick waits for.
_UNHURRIED_SECONDS = 10.0
# A stamp may be so far ahead of this clock.
_CLOCK_SKEW = timedelta(minutes=2)


class CalendarSource(Protocol):
    """What the exchange is asked: NseClient, or a fake in tests."""

    def holidays(self, deadline: float) -> frozenset[date]:
        """Return the days without trading; raise Refused or PayloadInvalid."""

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return a symbol's expiry dates, nearest first; raise Refused or PayloadInvalid."""

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the body of one expiry, as received; raise Refused."""


@dataclass(frozen=True)
class CalendarWatch:
    """Returns the market to an invocation, after it has doubted a day without a session."""

    calendar: MarketCalendar
    source: CalendarSource
    parse: Callable[[bytes, str, datetime], Snapshot]
    backoff: SourceBackoff
    telemetry: Telemetry
    enabled: Callable[[], bool]
    now: Callable[[], datetime]
    # The last chain without a time stamp, by the day on which it was asked for.
    _unstamped: dict[date, Snapshot] = field(default_factory=dict)

    def market(self, symbols: Sequence[str]) -> Market:
        """Return the calendar, which is doubted on a weekday while no tick is due."""
        market, now = self.calendar.market(), self.now()
        if market.hours == "always" or not is_weekday(exchange_date(now)) or _is_due(market, now):
            return market
        ordinary = ordinary_hours(exchange_date(now))
        with suppress(StoreUnavailable):  # then the list at hand stays in force
            if now.astimezone(IST).timetz() >= _RENEWED_FROM and now < ordinary.closes:
                self.renew(_UNHURRIED_SECONDS)
            if now in ordinary:
                self._doubt_closure(symbols)
        return self.calendar.at_hand()

    def renew(self, seconds: float) -> None:
        """Read the exchange's list if it was not read today; raise StoreUnavailable only."""
        if self.calendar.is_renewed or not self._may_ask():
            return
        deadline = timer.monotonic() + seconds
        before = self.calendar.rejected
        try:
            self.calendar.refresh(lambda: self.source.holidays(deadline))
        except (Refused, PayloadInvalid) as error:
            self._note_failure("holidays", error)
        rejected = self.calendar.rejected
        if rejected and rejected != before:
            self.telemetry.count("HolidayListRejected", 1)
            self.telemetry.logger.error("holiday_list_rejected", extra={"detail": rejected.detail})

    def _doubt_closure(self, symbols: Sequence[str]) -> None:
        """Ask for a chain every five minutes, if it is not certain that this day is a holiday."""
        day = exchange_date(self.now())
        market = self.calendar.at_hand()
        if day not in market.holidays:
            return
        alone = day in market.listed_alone
        if alone:
            self.telemetry.count("ClosedByListAlone", 1)
        elif self.calendar.is_renewed:
            return
        market = self.calendar.reread()  # another environment may have contradicted the list
        if day in market.holidays and self.calendar.probe_is_due():
            if alone:
                self._say_closed(day)
            self._probe(symbols, day)

    def _probe(self, symbols: Sequence[str], day: date) -> None:
        if not self._may_ask():
            return
        self.calendar.note_probe()
        try:
            chain = self._chain(symbols, day)
        except (Refused, PayloadInvalid) as error:
            self._note_failure("holiday_probe", error)
            return
        if evidence := self._evidence_of_trading(chain, day):
            self.calendar.contradict(day)
            detail = f"{day} is listed as a holiday, but {evidence}"
            self.telemetry.logger.error("holiday_list_contradicted", extra={"detail": detail})

    def _evidence_of_trading(self, chain: Snapshot, day: date) -> str | None:
        """Return what in a chain says that options trade on a day, None if nothing does."""
        stamp = chain.exchange_timestamp
        if stamp:
            is_fresh = stamp in ordinary_hours(day) and stamp <= self.now() + _CLOCK_SKEW
            return f"a chain is stamped {ist_text(stamp)}" if is_fresh else None
        before = self._unstamped.get(day)
        self._unstamped.clear()
        if before and (before.symbol, before.expiry) == (chain.symbol, chain.expiry):
            if has_traded_since(chain, before):
                return f"volumes have risen since {ist_text(before.fetched_at)}"
            if chain.content_hash == before.content_hash:
                return None  # the next probe asks for another symbol
        self._unstamped[day] = chain
        return None

    def _may_ask(self) -> bool:
        """Tell whether the recorder is switched on and waits for no refusal to pass."""
        return not self.backoff.current_wait() and self.enabled()

    def _chain(self, symbols: Sequence[str], day: date) -> Snapshot:
        """Return a chain; each probe asks for the next symbol, or twice for one without a stamp."""
        now = self.now()
        symbol = symbols[int(now.timestamp()) // 300 % len(symbols)]
        if before := self._unstamped.get(day):
            symbol = before.symbol
        deadline = timer.monotonic() + _UNHURRIED_SECONDS
        nearest = self.source.expiries(symbol, deadline)[0]
        body = self.source.chain(symbol, nearest, deadline)
        return self.parse(body, symbol, now)

    def _say_closed(self, day: date) -> None:
        detail = f"{day} is closed by the exchange's list alone; a chain is asked for as evidence"
        self.telemetry.logger.warning("closed_by_list_alone", extra={"detail": detail})

    def _note_failure(self, what: str, error: Refused | PayloadInvalid) -> None:
        if isinstance(error, Refused):
            self.backoff.record_refusal(error)
        self.telemetry.logger.warning(what, extra={"detail": str(error)})


def _is_due(market: Market, now: datetime) -> bool:
    """Tell whether an invocation has a tick to read, and so asks for the list by itself."""
    until = now + LONGEST_SHIFT
    closing = market.closing_ticks(exchange_date(now))
    return bool(
        market.session_at(now)
        or market.session_at(until)
        or any(now <= tick < until for tick in closing)
    )
