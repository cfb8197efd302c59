"""One mishap after another, in an order that a seed decides."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.soak.mishaps import DATABASE, MISHAPS, Mishap
from tests.soak.world import Site, World

# What a database in trouble costs is written down when it is back: that much peace it gets.
RECOVERY = timedelta(seconds=8)


class Window(NamedTuple):
    """When something was wrong."""

    name: str
    began: datetime
    ended: datetime


class Mischief:
    """One mishap after another; `tick` is called often, `stop` puts right what is wrong."""

    def __init__(self, world: World, sites: Sequence[Site], mix: Sequence[str]) -> None:
        self._world = world
        self._sites = sites
        self._mix = mix
        self._next = datetime.now(UTC)
        self._mishap: Mishap | None = None
        self._began = self._next
        self._name = ""
        self.windows: list[Window] = []

    def tick(self, now: datetime) -> None:
        """Begin or end what is due."""
        if now < self._next:
            return
        if self._mishap is None:
            self._begin(now)
        try:
            seconds = next(self._mishap) if self._mishap else 0.0
            self._next = datetime.now(UTC) + timedelta(seconds=seconds)
        except StopIteration:
            self._end()

    def stop(self) -> None:
        """Put right what is wrong now."""
        if self._mishap is not None:
            self._mishap.close()
            self._end()

    def tally(self) -> str:
        """Return how often what went wrong."""
        counts = Counter(window.name for window in self.windows)
        return ", ".join(f"{name} {count}" for name, count in counts.most_common())

    def _begin(self, now: datetime) -> None:
        self._name, self._began = self._world.chance.choice(self._mix), now
        self._mishap = MISHAPS[self._name](self._world, self._sites)

    def _end(self) -> None:
        now = datetime.now(UTC)
        self.windows.append(Window(self._name, self._began, now))
        self._mishap = None
        rest = timedelta(seconds=self._world.chance.uniform(0.5, 2))
        self._next = now + (RECOVERY if self._name in DATABASE else rest)
