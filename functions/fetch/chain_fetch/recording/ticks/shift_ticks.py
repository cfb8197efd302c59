"""Which symbols of a shift are due at which tick: each by its own rhythm. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from optionchain.evening_rounds import EVENING_INTERVAL
from optionchain.market import Market
from optionchain.rhythm import Rhythm
from optionchain.setting_values import SECONDS_PER_MINUTE

_MINUTE = timedelta(seconds=SECONDS_PER_MINUTE)


@dataclass(frozen=True)
class ShiftTicks:
    """The ticks of a shift: those of all its symbols, whose rhythms are given, in one order."""

    rhythms: Mapping[str, Rhythm]
    market: Market

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the symbols of the shift."""
        return tuple(self.rhythms)

    @cached_property
    def by_rhythm(self) -> dict[Rhythm, list[str]]:
        """Return the symbols of each rhythm."""
        found: dict[Rhythm, list[str]] = {}
        for symbol, rhythm in self.rhythms.items():
            found.setdefault(rhythm, []).append(symbol)
        return found

    def due(self, tick: datetime) -> list[str]:
        """Return the symbols whose tick it is; of a tick of the evening all of them."""
        if self.market.evening_round(tick) is not None:
            return list(self.rhythms)
        due = {
            rhythm
            for rhythm in self.by_rhythm
            if rhythm.has(tick) and self.market.is_due(tick, rhythm.delay)
        }
        return [symbol for symbol, rhythm in self.rhythms.items() if rhythm in due]

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Yield the ticks in start ≤ t < end at which a symbol is due."""
        seconds = sorted({0, *self._seconds})  # the ticks of the evening are full minutes
        minute = start.replace(second=0, microsecond=0)
        while minute < end:
            ticks = (minute + timedelta(seconds=second) for second in seconds)
            yield from (tick for tick in ticks if start <= tick < end and self.due(tick))
            minute += _MINUTE

    def length(self, tick: datetime) -> int:
        """Return the seconds until the next tick at which a symbol of the shift may be due."""
        if self.market.evening_round(tick) is not None:
            return EVENING_INTERVAL
        later = (each for each in self._seconds if each > tick.second)
        return next(later, self._seconds[0] + SECONDS_PER_MINUTE) - tick.second

    def begins_minute(self, tick: datetime) -> bool:
        """Tell whether a tick is the first one of its minute."""
        return tick.second == self._seconds[0]

    def step(self, symbol: str, tick: datetime) -> timedelta:
        """Return the time from a tick to the next one of the same symbol."""
        if self.market.evening_round(tick) is not None:
            return timedelta(seconds=EVENING_INTERVAL)
        return self.rhythms[symbol].step

    @cached_property
    def _seconds(self) -> list[int]:
        """Return the seconds of a minute at which a symbol is due."""
        return sorted(
            {
                second
                for rhythm in self.by_rhythm
                for second in range(rhythm.offset, SECONDS_PER_MINUTE, rhythm.interval)
            }
        )
