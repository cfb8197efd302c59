"""What a phase of a soak leaves behind, and the rows that a report makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from pymongo.database import Database

from optionchain.mongo.client import Document
from tests.soak.api_reader import ApiReader
from tests.soak.disturbance_schedule import DisturbanceWindow
from tests.soak.disturbances import DATABASE
from tests.soak.servers import RecorderInstance
from tests.soak.shift_coverage import TakeOver, covered, replaces_killed

# Until what waits for the database has caught up.
_SETTLES = timedelta(seconds=3)


class ReportRow(NamedTuple):
    """One line of a report; `broken` where a promise is."""

    name: str
    value: str
    broken: bool = False


def promise_row(name: str, count: int, shown: Sequence[object] = ()) -> ReportRow:
    """Return the row of what must not be; the first three are `shown`."""
    some = f": {', '.join(map(str, shown[:3]))}" if count else ""
    return ReportRow(name, f"{count}{some}", count > 0)


@dataclass(frozen=True)
class PhaseRecord:
    """A site after a phase: from the tick `first` to before `end`."""

    recorder: RecorderInstance
    database: Database[Document]
    reader: ApiReader
    takeovers: Sequence[TakeOver]
    windows: Sequence[DisturbanceWindow]  # of what went wrong
    end: datetime
    seed: int  # of the market
    lateness_limit: float  # in milliseconds

    @property
    def symbols(self) -> Sequence[str]:
        """The recorded symbols."""
        return self.recorder.settings.nse_symbols

    def covered(self) -> Mapping[datetime, bool]:
        """Return every expected tick, and whether somebody was surely on duty for it."""
        invocations = self.recorder.invoker.invocations
        if not self.takeovers:
            return {}
        interval = self.recorder.interval
        number = int(min(self.takeovers).since.timestamp()) // interval + 1
        ticks = {}
        while (tick := datetime.fromtimestamp(number * interval, self.end.tzinfo)) < self.end:
            ticks[tick] = covered(tick, self.takeovers, invocations)
            number += 1
        return ticks

    def troubled(self, tick: datetime) -> bool:
        """Tell whether the database was in trouble at a tick, or a killed one was replaced."""
        if replaces_killed(tick, self.takeovers, self.recorder.invoker.invocations):
            return True
        before = timedelta(seconds=self.recorder.interval)
        return any(
            window.began - before <= tick <= window.ended + _SETTLES
            for window in self.windows
            if window.name in DATABASE
        )

    def killed(self, owner: str, tick: datetime) -> bool:
        """Tell whether an owner was killed while it may have worked on a tick."""
        invocation = self.recorder.invoker.invocations.get(owner)
        if invocation is None or not invocation.killed or invocation.ended is None:
            return False
        # Two ticks, and what storing may take where the database is slow.
        longest = timedelta(seconds=2 * self.recorder.interval + 9)
        return tick <= invocation.ended <= tick + longest
