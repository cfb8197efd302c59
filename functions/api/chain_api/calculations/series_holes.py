"""Where a contract has no document although a snapshot of that tick is committed. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple


class Window(NamedTuple):
    """The part of a series that a page shows of one contract: since ≤ tick ≤ until."""

    identifier: str
    since: datetime
    until: datetime


def holes(
    windows: Iterable[Window],
    committed: Sequence[datetime],
    points: Mapping[str, set[datetime]],
) -> list[datetime]:
    """Return the committed ticks at which any contract has no point, the likeliest faults first.

    `committed` is in order. A contract that is listed during a day has no points before, so holes
    between two of its points come first, and then those next to its points.
    """
    inner: dict[datetime, None] = {}
    outer: dict[datetime, None] = {}
    for window in windows:
        ticks = [tick for tick in committed if window.since <= tick <= window.until]
        known = points.get(window.identifier, set())
        between, beside = _of_contract(ticks, known)
        inner |= dict.fromkeys(between)
        outer |= dict.fromkeys(beside)
    return list(inner | outer)


def _of_contract(
    ticks: Sequence[datetime], known: set[datetime]
) -> tuple[Iterator[datetime], list[datetime]]:
    places = [place for place, tick in enumerate(ticks) if tick in known]
    if not places:
        return iter(()), list(reversed(ticks))
    first, last = places[0], places[-1]
    between = (tick for tick in ticks[first:last] if tick not in known)
    return between, [*reversed(ticks[:first]), *ticks[last + 1 :]]
