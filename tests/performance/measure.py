"""Two ways to do the same work, measured side by side, and the rows of the table."""

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

# The negative ones warm up and do not count.
ROUNDS = range(-5, 60)
_NAME, _NUMBERS = 76, "{:>10} {:>10} {:>8} {:>8}"
HEADING = " " * _NAME + _NUMBERS.format("ours ms", "bare ms", "ratio", "limit")


class Ratio(NamedTuple):
    """Medians in milliseconds of our way and of the bare way, and the limit of their ratio.

    With `faster` the ratio says how many times faster ours is, and the limit is a minimum. Else it
    says how many times longer ours takes, and the limit is a maximum.
    """

    name: str
    ours: float
    bare: float
    limit: float | None
    faster: bool = False

    @property
    def value(self) -> float:
        """How many times longer our way takes, or with `faster` the bare way."""
        return self.bare / self.ours if self.faster else self.ours / self.bare

    @property
    def over(self) -> bool:
        """Whether the limit is broken."""
        if self.limit is None:
            return False
        return self.value < self.limit if self.faster else self.value > self.limit

    @property
    def columns(self) -> tuple[str, str, str, str]:
        """Our time, the bare time, their ratio and its limit."""
        sign, limit = ">=" if self.faster else "<=", self.limit
        value = f"{self.value:.2f}" + " x" * self.faster
        digits = 1 if limit is None or round(limit, 1) == limit else 2
        bound = "-" if limit is None else f"{sign} {limit:.{digits}f}"
        return f"{self.ours:.3f}", f"{self.bare:.3f}", value, bound


class Figure(NamedTuple):
    """A number without a comparison, and its maximum."""

    name: str
    value: float
    limit: float | None = None

    @property
    def over(self) -> bool:
        """Whether the limit is broken."""
        return self.limit is not None and self.value > self.limit

    @property
    def columns(self) -> tuple[str, str, str, str]:
        """The number and its limit."""
        return f"{self.value:.1f}", "", "", "-" if self.limit is None else f"<= {self.limit:.0f}"


class Difference(NamedTuple):
    """Medians in milliseconds of our way and of the bare way, and the limit of their difference."""

    name: str
    ours: float
    bare: float
    limit: float

    @property
    def value(self) -> float:
        """How much longer our way takes, in milliseconds."""
        return self.ours - self.bare

    @property
    def over(self) -> bool:
        """Whether the limit is broken."""
        return self.value > self.limit

    @property
    def columns(self) -> tuple[str, str, str, str]:
        """Our time, the bare time, their difference and its limit."""
        limit = f"<= {self.limit:.1f}"
        return f"{self.ours:.3f}", f"{self.bare:.3f}", f"{self.value:.3f}", limit


type Row = Ratio | Figure | Difference


def side_by_side(
    name: str,
    ours: Callable[[int], object],
    bare: Callable[[int], object],
    limit: float | None,
    *,
    prepare: Callable[[int], object] = lambda _: None,
    rounds: range = ROUNDS,
    each: int = 1,
    faster: bool = False,
) -> Ratio:
    """Run both ways in turn after a warm-up; each gets the number of its round.

    `prepare` runs before each round and is not measured. A round does the work `each` times.
    """
    times: dict[Callable[[int], object], list[float]] = {ours: [], bare: []}
    # The garbage collector need not visit the data that were prepared for all rounds.
    gc.collect()
    gc.freeze()
    for number in rounds:
        prepare(number)
        for way in (ours, bare) if number % 2 else (bare, ours):
            started = time.perf_counter()
            way(number)
            if number >= 0:
                times[way].append((time.perf_counter() - started) * 1e3 / each)
    gc.unfreeze()
    return Ratio(name, median(times[ours]), median(times[bare]), limit, faster)


def line_of(row: Row) -> str:
    """Return a row as a line of the table under HEADING."""
    return f"{row.name:{_NAME}}{_NUMBERS.format(*row.columns)}{'  over' if row.over else ''}"
