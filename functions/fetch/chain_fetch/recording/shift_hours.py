"""When a shift begins its first tick and its last one, and when it has to leave."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from chain_fetch.recording.clock import Clock
from chain_fetch.recording.tick_grid import first_tick
from optionchain.market import Market

LONGEST_SHIFT = timedelta(minutes=2)
# Clocks of two execution environments may differ by about a second: a newcomer also tries the
# tick that has just begun, which the invocation before it may not have reached.
CLOCK_SKEW = timedelta(seconds=1.5)
# Less time than this is not enough to read anything: such a tick is left to the next invocation.
_SHORTEST_READ = timedelta(seconds=1)


class ShiftHours(NamedTuple):
    """The time of a shift, by its wall clock and by seconds that never jump.

    After `last` no tick begins; by `leave_by` all requests have ended.
    """

    started: datetime
    last: datetime
    leave_by: datetime
    last_second: float
    leave_second: float

    @classmethod
    def from_now(cls, clock: Clock, leave_by: datetime) -> Self:
        """Return the hours of a shift that begins now."""
        now, second = clock.now(), clock.monotonic()
        last = min(leave_by, now + LONGEST_SHIFT)
        last_second = second + (last - now).total_seconds()
        return cls(now, last, leave_by, last_second, second + (leave_by - now).total_seconds())

    def ticks(self, market: Market, interval: int) -> Iterator[datetime]:
        """Yield the ticks that the shift has the time to read, and that are or may be due."""
        step = timedelta(seconds=interval)
        tick = first_tick(self.started - CLOCK_SKEW, interval)
        while tick < self.last and tick + min(_SHORTEST_READ, step / 2) <= self.leave_by:
            if market.may_be_due(tick):
                yield tick
            tick += step


def is_too_late(tick: datetime, interval: int, now: datetime) -> bool:
    """Return whether what is left of a tick that has begun is not enough to read anything."""
    step = timedelta(seconds=interval)
    return tick + step - now < min(_SHORTEST_READ, step / 2)
