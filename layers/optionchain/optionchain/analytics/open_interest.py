"""Ratios and levels of open interest. Each is a number, or in words why there is none."""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from optionchain.analytics.buildup import BUILDUPS, Buildup, buildup
from optionchain.analytics.document import ChangeRow, InterestRow
from optionchain.snapshot import Quote

type Figure = float | str

_MOST_ROWS = 3


def put_call_ratio(
    calls: Sequence[Quote], puts: Sequence[Quote], number: Callable[[Quote], float | None]
) -> Figure:
    """Return the sum of a number over the puts by that over the calls.

    A sum with a part missing is not the sum.
    """
    if not calls or not puts:
        return "one_sided"
    call, put = total(list(map(number, calls))), total(list(map(number, puts)))
    if call is None or put is None:
        return "missing_leg"
    return put / call if call else "zero_calls"


def max_pain(strikes: Sequence[float], calls: Sequence[Quote], puts: Sequence[Quote]) -> Figure:
    """Return the strike at which all options together would be worth least at expiry.

    From strike to strike their worth changes by the calls' open interest up to it less the puts'
    above it: least where that difference is first not negative.
    """
    call, put = _interests(calls), _interests(puts)
    if call is None or put is None:
        return "missing_leg"
    whole = sum(put.values())
    if not whole and not sum(call.values()):
        return "no_open_interest"
    up_to = accumulate(call.get(strike, 0.0) for strike in strikes)
    puts_up_to = accumulate(put.get(strike, 0.0) for strike in strikes)
    for strike, below, puts_below in zip(strikes, up_to, puts_up_to, strict=True):
        if below >= whole - puts_below:
            return strike
    return strikes[-1]


def wall(legs: Iterable[Quote]) -> Figure:
    """Return the strike with the most open interest; of equal ones the first."""
    best = max(legs, key=_interest, default=None)
    return best.strike_price if best and _interest(best) > 0 else "no_open_interest"


def largest(legs: Iterable[Quote]) -> list[InterestRow]:
    """Return the strikes with the most open interest."""
    held = [(-quote.open_interest, quote.strike_price) for quote in legs if quote.open_interest]
    return [
        {"strike_price": strike, "open_interest": -interest}
        for interest, strike in sorted(held)[:_MOST_ROWS]
    ]


def fastest(legs: Iterable[Quote]) -> list[ChangeRow]:
    """Return the strikes whose open interest changed most since the previous close.

    All changed over the same time, so the largest change is the fastest.
    """
    moved = [
        (-abs(quote.change_in_oi), quote.strike_price, quote.change_in_oi)
        for quote in legs
        if quote.change_in_oi
    ]
    return [
        {"strike_price": strike, "change_in_oi": change}
        for _, strike, change in sorted(moved)[:_MOST_ROWS]
    ]


def buildups(legs: Iterable[Quote]) -> dict[Buildup, int]:
    """Return how many legs are in each class."""
    counts = dict.fromkeys(BUILDUPS, 0)
    for quote in legs:
        if named := buildup(quote.change, quote.change_in_oi):
            counts[named] += 1
    return counts


def total(values: Sequence[float | None]) -> float | None:
    """Return a sum; None where a part of it is missing."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _interests(legs: Iterable[Quote]) -> dict[float, float] | None:
    found = {}
    for quote in legs:
        if quote.open_interest is None:
            return None
        found[quote.strike_price] = quote.open_interest
    return found


def _interest(quote: Quote) -> float:
    return quote.open_interest or 0.0
