"""What a phase of a soak leaves behind, and the rows that a report makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from pymongo.database import Database

from optionchain.mongo.client import Document
from tests.soak.duty import TakeOver, manned, starting
from tests.soak.mischief import Window
from tests.soak.mishaps import DATABASE
from tests.soak.reader import Reader
from tests.soak.world import Site

# Until what waits for the database has caught up.
_SETTLES = timedelta(seconds=3)


class Row(NamedTuple):
    """One line of a report; `broken` where a promise is."""

    name: str
    value: str
    broken: bool = False


def promise(name: str, count: int, shown: Sequence[object] = ()) -> Row:
    """Return the row of what must not be; the first three are `shown`."""
    some = f": {', '.join(map(str, shown[:3]))}" if count else ""
    return Row(name, f"{count}{some}", count > 0)


@dataclass(frozen=True)
class Evidence:
    """A site after a phase: from the tick `first` to before `end`."""

    site: Site
    database: Database[Document]
    reader: Reader
    takeovers: Sequence[TakeOver]
    windows: Sequence[Window]  # of what went wrong
    end: datetime
    seed: int  # of the market
    lateness_limit: float  # in milliseconds

    @property
    def symbols(self) -> Sequence[str]:
        """The recorded symbols."""
        return self.site.settings.nse_symbols

    def manned(self) -> Mapping[datetime, bool]:
        """Return every expected tick, and whether somebody was surely on duty for it."""
        invocations = self.site.crew.invocations
        if not self.takeovers:
            return {}
        interval = self.site.interval
        number = int(min(self.takeovers).since.timestamp()) // interval + 1
        ticks = {}
        while (tick := datetime.fromtimestamp(number * interval, self.end.tzinfo)) < self.end:
            ticks[tick] = manned(tick, self.takeovers, invocations)
            number += 1
        return ticks

    def troubled(self, tick: datetime) -> bool:
        """Tell whether the database was in trouble at a tick, or a killed one was replaced."""
        if starting(tick, self.takeovers, self.site.crew.invocations):
            return True
        before = timedelta(seconds=self.site.interval)
        return any(
            window.began - before <= tick <= window.ended + _SETTLES
            for window in self.windows
            if window.name in DATABASE
        )

    def killed(self, owner: str, tick: datetime) -> bool:
        """Tell whether an owner was killed while it may have worked on a tick."""
        invocation = self.site.crew.invocations.get(owner)
        if invocation is None or not invocation.killed or invocation.ended is None:
            return False
        # Two ticks, and what storing may take where the database is slow.
        longest = timedelta(seconds=2 * self.site.interval + 9)
        return tick <= invocation.ended <= tick + longest
