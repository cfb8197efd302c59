"""One disturbance after another, in an order that a seed decides."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.soak.disturbances import DATABASE, DISTURBANCES, Disturbance
from tests.soak.servers import RecorderInstance, SoakServers

# After a disturbance of the database: the recorder writes its backlog when the database is back.
RECOVERY = timedelta(seconds=8)


class DisturbanceWindow(NamedTuple):
    """The time of one disturbance."""

    name: str
    began: datetime
    ended: datetime


class DisturbanceSchedule:
    """Begins and ends disturbances; call `tick` often. `stop` ends the current one.

    `kinds` are names of disturbances; a name that occurs more often is drawn more often.
    """

    def __init__(
        self, servers: SoakServers, recorders: Sequence[RecorderInstance], kinds: Sequence[str]
    ) -> None:
        self._servers = servers
        self._recorders = recorders
        self._kinds = kinds
        self._next = datetime.now(UTC)
        self._current: Disturbance | None = None
        self._began = self._next
        self._name = ""
        self.windows: list[DisturbanceWindow] = []

    def tick(self, now: datetime) -> None:
        """Begin or end the disturbance that is due."""
        if now < self._next:
            return
        if self._current is None:
            self._begin(now)
        try:
            seconds = next(self._current) if self._current else 0.0
            self._next = datetime.now(UTC) + timedelta(seconds=seconds)
        except StopIteration:
            self._end()

    def stop(self) -> None:
        """End the current disturbance."""
        if self._current is not None:
            self._current.close()
            self._end()

    def counts_text(self) -> str:
        """Return the number of disturbances of each kind."""
        counts = Counter(window.name for window in self.windows)
        return ", ".join(f"{name} {count}" for name, count in counts.most_common())

    def _begin(self, now: datetime) -> None:
        self._name, self._began = self._servers.chance.choice(self._kinds), now
        self._current = DISTURBANCES[self._name](self._servers, self._recorders)

    def _end(self) -> None:
        now = datetime.now(UTC)
        self.windows.append(DisturbanceWindow(self._name, self._began, now))
        self._current = None
        pause = timedelta(seconds=self._servers.chance.uniform(0.5, 2))
        self._next = now + (RECOVERY if self._name in DATABASE else pause)
