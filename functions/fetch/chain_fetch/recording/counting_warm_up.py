"""A warm-up that also adds up what was stored, for the API's statistics."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chain_fetch.recording.telemetry import Telemetry
from optionchain.errors import StoreUnavailable
from optionchain.mongo.header_counts import HeaderCounts


@dataclass(frozen=True)
class CountingWarmUp:
    """Does a warm-up, and then writes the sums of the quarters that have closed.

    A failure of the sums is a warning: statistics never stop a recording.
    """

    warm_up: Callable[[], None]
    counts: HeaderCounts
    telemetry: Telemetry
    now: Callable[[], datetime]

    def __call__(self) -> None:
        """Warm up; raise StoreUnavailable if that cannot be done."""
        self.warm_up()
        try:
            self.counts.write(self.now())
        except StoreUnavailable as error:
            self.telemetry.logger.warning("header_counts", extra={"detail": str(error)})
