"""Ticks added up: since midnight by symbol, and of the last hour all together. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from math import ceil, floor
from typing import NamedTuple

OPEN = "open"
"""What a tick counts as that was claimed and has no outcome."""
PENDING = "pending"
"""The same, while it may still get one."""

_PERCENTILES = (50, 99)


class TallyRow(NamedTuple):
    """What the ledger has of one symbol and tick; `lateness` is in milliseconds."""

    symbol: str
    tick: datetime
    outcome: str
    lateness: float | None = None


class TickSums(NamedTuple):
    """Ticks by outcome, of today by symbol, and percentiles of the hour's lateness: p50 and p99.

    The lateness is in milliseconds, None if no tick of the hour has one.
    """

    today: dict[str, Counter[str]]
    last_hour: Counter[str]
    lateness_ms: dict[str, float | None]


@dataclass
class OneTick:
    """What all symbols together have of one tick; latenesses are in milliseconds."""

    outcomes: Counter[str] = field(default_factory=Counter)
    lateness: list[float] = field(default_factory=list)


@dataclass
class TickTally:
    """The ticks of some symbols since `midnight` by symbol, and since `lately` by tick.

    Either may be the older one. All instants are naive, in UTC.
    """

    symbols: Sequence[str]
    midnight: datetime
    lately: datetime
    today: dict[str, Counter[str]] = field(init=False)
    ticks: dict[datetime, OneTick] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.today = {symbol: Counter() for symbol in self.symbols}

    def add_before(self, symbol: str, outcome: str, number: int) -> None:
        """Add ticks of today that are older than `lately`; those of other symbols do not count."""
        if symbol in self.today:
            self.today[symbol][outcome] += number

    def add(self, rows: Iterable[TallyRow]) -> None:
        """Add ticks; those of other symbols do not count."""
        for symbol, tick, outcome, lateness in rows:
            if (today := self.today.get(symbol)) is None:
                continue
            if tick >= self.midnight:
                today[outcome] += 1
            if tick < self.lately:
                continue
            if (found := self.ticks.get(tick)) is None:
                found = self.ticks[tick] = OneTick()
            found.outcomes[outcome] += 1
            if lateness is not None:
                found.lateness.append(lateness)

    def complete(self, rows: Iterable[TallyRow]) -> None:
        """Add ticks that have counted as open until now."""
        for row in rows:
            if row.symbol in self.today:
                if row.tick >= self.midnight:
                    self.today[row.symbol][OPEN] -= 1
                if row.tick >= self.lately:
                    self.ticks[row.tick].outcomes[OPEN] -= 1
                self.add([row])

    def forget(self, lately: datetime) -> None:
        """Keep single ticks since an instant only."""
        self.lately = max(lately, self.lately)
        self.ticks = {when: tick for when, tick in self.ticks.items() if when >= self.lately}

    def sums(self, hour_ago: datetime, others: "TickTally") -> TickSums:
        """Return the sums of this tally and another one of the same symbols."""
        both = chain(self.ticks.items(), others.ticks.items())
        hour = [tick for when, tick in both if when >= hour_ago]
        values = sorted(chain.from_iterable(tick.lateness for tick in hour))
        return TickSums(
            {symbol: _sum([self.today[symbol], others.today[symbol]]) for symbol in self.symbols},
            _sum(tick.outcomes for tick in hour),
            {f"p{percent}": _percentile(values, percent) for percent in _PERCENTILES},
        )


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    """Return the positive sums, in the order of their names."""
    found: dict[str, int] = {}
    for counter in counters:
        for name, number in counter.items():
            found[name] = found.get(name, 0) + number
    return Counter({name: found[name] for name in sorted(found) if found[name]})


def _percentile(values: Sequence[float], percent: int) -> float | None:
    """Return a percentile of sorted values, between two of them in proportion."""
    if not values:
        return None
    place = (len(values) - 1) * percent / 100
    below, above = values[floor(place)], values[ceil(place)]
    return float(round(below + (above - below) * (place % 1), 1))
