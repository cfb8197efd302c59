"""One mishap after another, in an order that a seed decides."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.soak.disturbances import DATABASE, DISTURBANCES, Disturbance
from tests.soak.servers import RecorderInstance, SoakServers

# What a database in trouble costs is written down when it is back: that much peace it gets.
RECOVERY = timedelta(seconds=8)


class DisturbanceWindow(NamedTuple):
    """When something was wrong."""

    name: str
    began: datetime
    ended: datetime


class DisturbanceSchedule:
    """One mishap after another; `tick` is called often, `stop` puts right what is wrong."""

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
        """Begin or end what is due."""
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
        """Put right what is wrong now."""
        if self._current is not None:
            self._current.close()
            self._end()

    def counts_text(self) -> str:
        """Return how often what went wrong."""
        counts = Counter(window.name for window in self.windows)
        return ", ".join(f"{name} {count}" for name, count in counts.most_common())

    def _begin(self, now: datetime) -> None:
        self._name, self._began = self._servers.chance.choice(self._kinds), now
        self._current = DISTURBANCES[self._name](self._servers, self._recorders)

    def _end(self) -> None:
        now = datetime.now(UTC)
        self.windows.append(DisturbanceWindow(self._name, self._began, now))
        self._current = None
        rest = timedelta(seconds=self._servers.chance.uniform(0.5, 2))
        self._next = now + (RECOVERY if self._name in DATABASE else rest)
