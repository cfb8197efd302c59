"""Where a volatility stands among those of the recorded days before: rank and percentile. Pure."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

MOST_DAYS = 252
"""So many trading days are a year."""
LEAST_DAYS = 20
"""Fewer than the trading days of a month say nothing of what is usual."""


class IvStanding(NamedTuple):
    """Rank and percentile, from 0 to 100, among so many `days`; None for the reason beside them.

    The rank is where the volatility lies between the lowest and the highest one, its own included;
    the percentile is on which share of the days before it was lower.
    """

    days: int
    rank: float | None = None
    percentile: float | None = None
    reason: Literal["too_few_days", "one_value"] | None = None
    """`one_value` concerns the rank alone."""


def iv_standing(now: float, past: Sequence[float | None]) -> IvStanding:
    """Return the standing of a volatility; `past` are those of the days before, in order."""
    known = [iv for iv in past if iv is not None][-MOST_DAYS:]
    days = len(known)
    if days < LEAST_DAYS:
        return IvStanding(days, reason="too_few_days")
    percentile = 100 * sum(iv < now for iv in known) / days
    lowest, highest = min(*known, now), max(*known, now)
    if lowest == highest:
        return IvStanding(days, percentile=percentile, reason="one_value")
    return IvStanding(days, 100 * (now - lowest) / (highest - lowest), percentile)
