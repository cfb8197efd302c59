"""The data of one recorder after a phase of a soak, from which its report is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.database import Database

from optionchain.mongo.client import Document
from tests.soak.api_reader import ApiReader
from tests.soak.disturbance_schedule import DisturbanceWindow
from tests.soak.disturbances import DATABASE
from tests.soak.servers import RecorderInstance
from tests.soak.shift_coverage import TakeOver, covered, replaces_killed

# After a disturbance of the database, until waiting operations are done.
_SETTLE_TIME = timedelta(seconds=3)


@dataclass(frozen=True)
class PhaseRecord:
    """One recorder and its database after a phase that ended at `end`."""

    recorder: RecorderInstance
    database: Database[Document]
    reader: ApiReader
    takeovers: Sequence[TakeOver]
    windows: Sequence[DisturbanceWindow]
    end: datetime
    seed: int  # of the market
    lateness_limit: float  # in milliseconds

    @property
    def symbols(self) -> Sequence[str]:
        """The recorded symbols."""
        return self.recorder.settings.nse_symbols

    def expected_ticks(self) -> Mapping[datetime, bool]:
        """Return every expected tick, and whether an invocation was surely on duty for it."""
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

    def disturbed(self, tick: datetime) -> bool:
        """Tell whether the database was disturbed at a tick, or a killed owner was replaced."""
        if replaces_killed(tick, self.takeovers, self.recorder.invoker.invocations):
            return True
        before = timedelta(seconds=self.recorder.interval)
        return any(
            window.began - before <= tick <= window.ended + _SETTLE_TIME
            for window in self.windows
            if window.name in DATABASE
        )

    def killed(self, owner: str, tick: datetime) -> bool:
        """Tell whether an owner was killed while it may have worked on a tick."""
        invocation = self.recorder.invoker.invocations.get(owner)
        if invocation is None or not invocation.killed or invocation.ended is None:
            return False
        # Two ticks, and the time to store them in a slow database.
        longest = timedelta(seconds=2 * self.recorder.interval + 9)
        return tick <= invocation.ended <= tick + longest
