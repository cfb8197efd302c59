"""Ratios and levels of open interest. Each is a number, or the reason why there is none."""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from optionchain.analytics.buildup import BUILDUPS, Buildup, buildup
from optionchain.analytics.document import ChangeRow, InterestRow
from optionchain.snapshot import Quote

type NumberOrReason = float | str

# How many strikes a list holds at most.
_MOST_ROWS = 3


def put_call_ratio(
    calls: Sequence[Quote], puts: Sequence[Quote], number: Callable[[Quote], float | None]
) -> NumberOrReason:
    """Return the sum of a number over the puts, divided by its sum over the calls.

    If the number of any leg is missing, there is no sum.
    """
    if not calls or not puts:
        return "one_sided"
    call, put = total(list(map(number, calls))), total(list(map(number, puts)))
    if call is None or put is None:
        return "missing_leg"
    return put / call if call else "zero_calls"


def max_pain(
    strikes: Sequence[float], calls: Sequence[Quote], puts: Sequence[Quote]
) -> NumberOrReason:
    """Return the strike at which all options together would have the lowest value at expiry.

    From one strike to the next, their value changes in proportion to the open interest of the calls
    up to the strike less that of the puts above it. The value is lowest at the first strike where
    this difference is not negative.
    """
    call, put = _by_strike(calls), _by_strike(puts)
    if call is None or put is None:
        return "missing_leg"
    all_puts = sum(put.values())
    if not all_puts and not sum(call.values()):
        return "no_open_interest"
    calls_up_to = accumulate(call.get(strike, 0.0) for strike in strikes)
    puts_up_to = accumulate(put.get(strike, 0.0) for strike in strikes)
    for strike, calls_below, puts_below in zip(strikes, calls_up_to, puts_up_to, strict=True):
        if calls_below >= all_puts - puts_below:
            return strike
    return strikes[-1]


def wall(legs: Iterable[Quote]) -> NumberOrReason:
    """Return the strike with the most open interest; the first of equal ones."""
    best = max(legs, key=_open_interest, default=None)
    return best.strike_price if best and _open_interest(best) > 0 else "no_open_interest"


def largest(legs: Iterable[Quote]) -> list[InterestRow]:
    """Return the strikes with the most open interest."""
    rows = [(-quote.open_interest, quote.strike_price) for quote in legs if quote.open_interest]
    return [
        {"strike_price": strike, "open_interest": -interest}
        for interest, strike in sorted(rows)[:_MOST_ROWS]
    ]


def fastest(legs: Iterable[Quote]) -> list[ChangeRow]:
    """Return the strikes whose open interest changed most since the day before.

    All changes are over the same time, so the largest is the fastest.
    """
    rows = [
        (-abs(quote.change_in_oi), quote.strike_price, quote.change_in_oi)
        for quote in legs
        if quote.change_in_oi
    ]
    return [
        {"strike_price": strike, "change_in_oi": change}
        for _, strike, change in sorted(rows)[:_MOST_ROWS]
    ]


def buildups(legs: Iterable[Quote]) -> dict[Buildup, int]:
    """Return how many legs are in each class."""
    counts = dict.fromkeys(BUILDUPS, 0)
    for quote in legs:
        if found := buildup(quote.change, quote.change_in_oi, quote.total_traded_volume):
            counts[found] += 1
    return counts


def total(values: Sequence[float | None]) -> float | None:
    """Return a sum; None if any value is missing."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _by_strike(legs: Iterable[Quote]) -> dict[float, float] | None:
    found = {}
    for quote in legs:
        if quote.open_interest is None:
            return None
        found[quote.strike_price] = quote.open_interest
    return found


def _open_interest(quote: Quote) -> float:
    return quote.open_interest or 0.0
