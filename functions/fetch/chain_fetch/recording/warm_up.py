"""What an invocation does before its first tick."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from chain_fetch.recording.source_backoff import SourceBackoff
from chain_fetch.recording.telemetry import Telemetry
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.indexes import Indexes

# The first tick does not wait longer for the list of holidays: yesterday's list is good enough.
_HOLIDAY_SECONDS = 2.0


class HolidaySource(Protocol):
    """Where the list of holidays comes from: NseClient, or a fake in tests."""

    def holidays(self, deadline: float) -> frozenset[date]:
        """Return the days without trading; raise Refused or PayloadInvalid."""


@dataclass(frozen=True)
class WarmUp:
    """Creates the indexes, once an environment, and reads the list of holidays, once a day.

    `load` loads what ticks need and an invocation outside of a session does not.
    """

    load: Callable[[], None]
    indexes: Indexes
    calendar: MarketCalendar
    source: HolidaySource
    backoff: SourceBackoff
    telemetry: Telemetry

    def __call__(self) -> None:
        """Warm up; raise StoreUnavailable, but nothing if the source refuses."""
        self.load()
        self.indexes.ensure()
        if self.backoff.current_wait():
            return
        deadline = time.monotonic() + _HOLIDAY_SECONDS
        try:
            self.calendar.refresh(lambda: self.source.holidays(deadline))
        except (Refused, PayloadInvalid) as error:
            if isinstance(error, Refused):
                self.backoff.record_refusal(error)
            self.telemetry.logger.warning("holidays", extra={"detail": str(error)})
