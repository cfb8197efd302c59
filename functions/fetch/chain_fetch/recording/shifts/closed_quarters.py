"""A warm-up that also adds up what was stored, for the API."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chain_fetch.recording.reports.telemetry import Telemetry
from optionchain.errors import StoreUnavailable
from optionchain.mongo.header_counts import HeaderCounts
from optionchain.mongo.symbol_days import SymbolDays


@dataclass(frozen=True)
class CountingWarmUp:
    """Does a warm-up, and then writes of the quarters that have closed: sums, and days of symbols.

    A failure of either is a warning: it never stops a recording.
    """

    warm_up: Callable[[], None]
    counts: HeaderCounts
    days: SymbolDays
    telemetry: Telemetry
    now: Callable[[], datetime]

    def __call__(self) -> None:
        """Warm up; raise StoreUnavailable if that cannot be done."""
        self.warm_up()
        self._try("header_counts", lambda: self.counts.write(self.now()))
        self._try("symbol_days", lambda: self.days.catch_up(self.now))

    def _try(self, name: str, write: Callable[[], None]) -> None:
        try:
            write()
        except StoreUnavailable as error:
            self.telemetry.logger.warning(name, extra={"detail": str(error)})
