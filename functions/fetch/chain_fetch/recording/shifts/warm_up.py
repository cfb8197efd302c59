"""What an invocation does before its first tick."""

from collections.abc import Callable
from dataclasses import dataclass

from chain_fetch.recording.lists.calendar_sources import CalendarWatches
from chain_fetch.recording.lists.calendar_watch import CalendarWatch
from optionchain.mongo.indexes import Indexes

# The first tick does not wait longer for the list of holidays: yesterday's list is good enough.
_HOLIDAY_SECONDS = 2.0


@dataclass(frozen=True)
class WarmUp:
    """Creates the indexes, once an environment, and reads the list of holidays, once a day.

    `load` loads what ticks need and an invocation outside of a session does not.
    """

    load: Callable[[], None]
    indexes: Indexes
    watch: CalendarWatch | CalendarWatches

    def __call__(self) -> None:
        """Warm up; raise StoreUnavailable, but nothing if the source refuses."""
        self.load()
        self.indexes.ensure()
        self.watch.renew(_HOLIDAY_SECONDS)
