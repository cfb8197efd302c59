"""The level and the skew of implied volatility, and the price of a straddle."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from optionchain.analytics.open_interest import NumberOrReason
from optionchain.analytics.pricing import LegGreeks
from optionchain.analytics.quotes import Pair, price_of
from optionchain.snapshot import Quote

type Priced = tuple[Quote, LegGreeks]


def nearest_strike(strikes: Sequence[float], spot: float | None) -> float | None:
    """Return the strike at the money: the nearest to the underlying, the lower of two."""
    if spot is None or not strikes:
        return None
    return min(strikes, key=lambda strike: abs(strike - spot))


def level(at_the_money: Iterable[LegGreeks | None]) -> NumberOrReason:
    """Return the mean implied volatility of the call and the put at the money, in percent."""
    known = [leg.iv for leg in at_the_money if leg and leg.iv is not None]
    return sum(known) / len(known) if known else "no_iv"


def straddle(pair: Pair) -> NumberOrReason:
    """Return the price of the call and the put of a strike together."""
    total = 0.0
    for quote in pair:
        if quote is None:
            return "no_price"
        found = price_of(quote)
        if isinstance(found, str):
            return found
        total += found[0]
    return total


def skew(calls: Iterable[LegGreeks], puts: Iterable[LegGreeks]) -> NumberOrReason:
    """Return the volatility of the put at delta -0.25 less that of the call at 0.25, in points.

    `calls` and `puts` are sorted outwards from the money. Between two strikes, volatility is taken
    as linear in delta.
    """
    call, put = _at_delta(calls), _at_delta(puts)
    return "no_25_delta" if call is None or put is None else put - call


def _at_delta(legs: Iterable[LegGreeks], delta: float = 0.25) -> float | None:
    """Return the volatility at a delta, from the first two neighbours that enclose it."""
    points = ((abs(leg.delta), leg.iv) for leg in legs if leg.delta and leg.iv)
    for (inner, inner_iv), (outer, outer_iv) in pairwise(points):
        if inner >= delta >= outer and inner > outer:
            return outer_iv + (inner_iv - outer_iv) * (delta - outer) / (inner - outer)
    return None
