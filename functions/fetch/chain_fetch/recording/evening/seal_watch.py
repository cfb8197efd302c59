"""Counts once an evening which sessions the archive lacks, so that an alarm sees what fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol

from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Market
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.unsealed_days import UnsealedDays
from optionchain.mongo.wait_register import WaitRegister

# A session is sealed soon after its close. By this time in India that has failed or is done.
_LOOKS_FROM = time(21)


class SealReport(Protocol):
    """Where it is reported: Telemetry, or a fake in tests."""

    def report_unsealed(self, day: date | None, symbols: Sequence[str]) -> None:
        """Report the symbols whose session of a day is not sealed; none is a report as well."""

    def warn_of_seals(self, detail: str) -> None:
        """Report that it could not be looked up."""


@dataclass
class SealWatch:
    """Looks at the invocations from 21:00 IST on until one of them has reported; never raises.

    Once over all execution environments. Two that look at the same moment may both report.
    """

    days: UnsealedDays
    seals: SealRegister
    register: WaitRegister
    report: SealReport
    now: Callable[[], datetime]
    _reported_on: date | None = None

    def __call__(self, market: Market) -> None:
        """Report the last session that has closed, if nobody has done so this evening."""
        now = self.now()
        if now.astimezone(IST).time() < _LOOKS_FROM or self._reported_on == exchange_date(now):
            return
        try:
            if not self._is_reported(now):
                day = last_closed_day(market, now)
                self.report.report_unsealed(day, self._unsealed(day))
                self.register.note_report(now)
        except StoreUnavailable as error:
            self.report.warn_of_seals(str(error))
            return  # the next invocation tries again
        self._reported_on = exchange_date(now)

    def _is_reported(self, now: datetime) -> bool:
        reported_at = self.register.reported_at()
        return reported_at is not None and exchange_date(reported_at) == exchange_date(now)

    def _unsealed(self, day: date | None) -> list[str]:
        if day is None:
            return []
        sealed = {seal.symbol for seal in self.seals.of_days(day, day)}
        return [symbol for symbol in self.days.recorded(day) if symbol not in sealed]


def last_closed_day(market: Market, now: datetime) -> date | None:
    """Return the day in India of the newest session that has closed, within 15 days."""
    session = market.last_session(now)
    if session is None or session.closes <= now:
        return exchange_date(session.opens) if session else None
    return market.trading_day_before(exchange_date(session.opens))
