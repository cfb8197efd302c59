"""How much time a tick has left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chain_fetch.recording.ticks.clock import Clock
from chain_fetch.recording.ticks.shift_hours import ShiftHours, is_too_late
from chain_fetch.recording.ticks.shift_ticks import ShiftTicks

# What else is done in a tick ends this long before the next one begins.
_MARGIN = timedelta(seconds=0.5)


@dataclass(frozen=True)
class TickTime:
    """How much time a tick has left, of its own and of its invocation."""

    tick: datetime
    ticks: ShiftTicks
    hours: ShiftHours
    clock: Clock

    @property
    def interval(self) -> int:
        """Return the seconds until the next tick is due."""
        return self.ticks.length(self.tick)

    @property
    def symbols(self) -> int:
        """Return how many symbols the shift records, at this tick or at others."""
        return len(self.ticks.symbols)

    def step(self, symbol: str) -> timedelta:
        """Return the time until the next tick of the same symbol."""
        return self.ticks.step(symbol, self.tick)

    def left(self) -> float:
        """Return the seconds until all requests of the invocation have to end."""
        return self.hours.leave_second - self.clock.monotonic()

    def spare(self) -> float:
        """Return the seconds of the tick that nobody needs any more."""
        until = self.tick + timedelta(seconds=self.interval) - _MARGIN
        return min((until - self.clock.now()).total_seconds(), self.left())

    def is_over(self) -> bool:
        """Tell whether too little is left of the tick to read anything."""
        return is_too_late(self.tick, self.interval, self.clock.now())
