"""When a shift begins its first tick and its last one, and when it has to leave."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from chain_fetch.recording.ticks.clock import Clock
from chain_fetch.recording.ticks.shift_ticks import ShiftTicks
from optionchain.mongo.shift_register import HANDOVER

LONGEST_SHIFT = timedelta(minutes=2)
# A newcomer also tries the tick that has just begun, which the one before may not have reached.
CLOCK_SKEW = HANDOVER
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

    def ticks(self, ticks: ShiftTicks) -> Iterator[datetime]:
        """Yield the ticks that the shift has the time to read, and that are or may be due."""
        for tick in ticks.between(self.started - CLOCK_SKEW, self.last):
            if tick + _shortest_read(ticks.length(tick)) > self.leave_by:
                return
            yield tick


def is_too_late(tick: datetime, length: int, now: datetime) -> bool:
    """Return whether what is left of a tick of so many seconds is not enough to read anything."""
    return tick + timedelta(seconds=length) - now < _shortest_read(length)


def _shortest_read(length: int) -> timedelta:
    return min(_SHORTEST_READ, timedelta(seconds=length) / 2)
