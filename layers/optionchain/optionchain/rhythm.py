"""When the ticks of one symbol are due: every so many seconds, so long after the grid. Pure."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple


class Rhythm(NamedTuple):
    """The ticks of a symbol: each `interval` seconds, `offset` seconds after the wall-clock grid.

    The interval divides a minute, and the offset is shorter than it. Symbols that are read rarely
    have different offsets, so that not all of them are asked for at one moment.
    """

    interval: int
    offset: int = 0

    @property
    def step(self) -> timedelta:
        """Return the time between two ticks."""
        return timedelta(seconds=self.interval)

    @property
    def delay(self) -> timedelta:
        """Return how long after the grid the ticks are."""
        return timedelta(seconds=self.offset)

    def has(self, instant: datetime) -> bool:
        """Tell whether an instant is one of the ticks."""
        return self.newest(instant) == instant

    def newest(self, now: datetime) -> datetime:
        """Return the newest tick at or before an instant."""
        second = (now.timestamp() - self.offset) // self.interval * self.interval + self.offset
        return datetime.fromtimestamp(second, UTC)
