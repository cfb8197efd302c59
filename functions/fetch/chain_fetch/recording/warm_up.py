"""What an invocation sees to before its first tick."""

import time
from dataclasses import dataclass

from chain_fetch.nse.client import NseClient
from chain_fetch.nse.refusals import Refused
from chain_fetch.recording.source_backoff import SourceWatch
from chain_fetch.recording.telemetry import Telemetry
from optionchain.errors import PayloadInvalid
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.indexes import Indexes

# The first tick does not wait for the list of holidays: yesterday's will do.
_HOLIDAY_SECONDS = 2.0


@dataclass(frozen=True)
class Preparation:
    """Indexes, once an environment; the exchange's list of holidays, once a day."""

    indexes: Indexes
    calendar: MarketCalendar
    source: NseClient
    watch: SourceWatch
    telemetry: Telemetry

    def __call__(self) -> None:
        """Prepare; raise StoreUnavailable, and nothing for an exchange that refuses."""
        self.indexes.ensure()
        if self.watch.waiting():
            return
        deadline = time.monotonic() + _HOLIDAY_SECONDS
        try:
            self.calendar.refresh(lambda: self.source.holidays(deadline))
        except (Refused, PayloadInvalid) as error:
            if isinstance(error, Refused):
                self.watch.heed(error)
            self.telemetry.logger.warning("holidays", extra={"detail": str(error)})
