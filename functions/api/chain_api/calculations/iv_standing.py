"""Where a volatility stands among those of the recorded days before: rank and percentile. Pure."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from chain_api.json_types import Answer
from optionchain.constant_maturity import AtmVolatility, constant_maturity_iv

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


def standing_numbers(
    found: Iterable[AtmVolatility], past: Sequence[float | None]
) -> tuple[Answer, dict[str, str]]:
    """Return the volatility in 30 days with its standing, and the reasons of those that are None.

    `found` are the expiries of one day, `past` the volatilities of the days before, in order.
    """
    names = ("iv_rank", "iv_percentile")
    iv = constant_maturity_iv(found)
    if isinstance(iv, str):
        known = sum(each is not None for each in past)
        numbers: Answer = {"iv_30d": None, "iv_days": known} | dict.fromkeys(names)
        return numbers, dict.fromkeys(("iv_30d", *names), iv)
    standing = iv_standing(iv, past)
    values = dict(zip(names, (standing.rank, standing.percentile), strict=True))
    reasons = {name: standing.reason for name in names if values[name] is None and standing.reason}
    return {"iv_30d": iv, "iv_days": standing.days} | values, dict(reasons)
