"""Ratios of two ways of doing the same work, measured side by side in one run."""

import gc
import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import NamedTuple

# The negative ones warm up and do not count.
ROUNDS = range(-5, 60)


class Ratio(NamedTuple):
    """Medians in milliseconds of our way and of the bare way, and the limit of their ratio."""

    name: str
    ours: float
    bare: float
    limit: float | None

    @property
    def value(self) -> float:
        """How many times as long our way takes."""
        return self.ours / self.bare


def side_by_side(
    name: str,
    ours: Callable[[int], object],
    bare: Callable[[int], object],
    limit: float | None,
    prepare: Callable[[int], object] = lambda _: None,
) -> Ratio:
    """Run both in turn after a warm-up; each gets the number of its round.

    `prepare` runs before each round and is not measured.
    """
    times: dict[Callable[[int], object], list[float]] = {ours: [], bare: []}
    # What is prepared for all rounds would be searched for garbage in each.
    gc.collect()
    gc.freeze()
    for number in ROUNDS:
        prepare(number)
        for way in (ours, bare) if number % 2 else (bare, ours):
            started = time.perf_counter()
            way(number)
            if number >= 0:
                times[way].append((time.perf_counter() - started) * 1e3)
    gc.unfreeze()
    return Ratio(name, median(times[ours]), median(times[bare]), limit)


def table(ratios: Iterable[Ratio]) -> str:
    """Return the ratios as a table for a terminal."""
    lines = [f"{'':58} {'ours ms':>9} {'bare ms':>9} {'ratio':>6} {'limit':>6}"]
    for ratio in ratios:
        limit = f"{ratio.limit:.1f}" if ratio.limit else "-"
        over = "  over" if ratio.limit and ratio.value > ratio.limit else ""
        lines.append(
            f"{ratio.name:58} {ratio.ours:9.3f} {ratio.bare:9.3f} {ratio.value:6.2f} {limit:>6}"
            + over
        )
    return "\n".join(lines)
