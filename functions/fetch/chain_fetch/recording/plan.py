"""Which expiries of which symbols a tick requests, within what the exchange tolerates. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import floor
from typing import NamedTuple


class PlannedRequest(NamedTuple):
    """One request of a tick. If it is `required`, the tick fails without it."""

    symbol: str
    expiry: date
    required: bool


def plan_requests(
    expiries: Mapping[str, Sequence[date]],
    nearest: int,
    tick_number: int,
    capacity: int,
    rotating: Fraction | None = None,
) -> list[PlannedRequest]:
    """Return the requests of a tick, the most important first, at most `capacity` of them.

    Each tick requests the `nearest` expiries of every symbol, and one of its further expiries in
    rotation; on average of all ticks no more than `rotating` of these. If that is more than the
    capacity, the further expiries are left out first, then the later ones of the nearest. The
    symbols take turns in coming first.
    """
    symbols = list(expiries)
    if not symbols:
        return []
    step = capacity if len(symbols) > capacity else 1
    first = tick_number * step % len(symbols)
    symbols = symbols[first:] + symbols[:first]
    required = [
        PlannedRequest(symbol, expiries[symbol][rank], required=True)
        for rank in range(nearest)
        for symbol in symbols
        if rank < len(expiries[symbol])
    ]
    free = Fraction(max(capacity - len(required), 0))
    rate = free if rotating is None else min(free, rotating)
    return (required + _further_expiries(expiries, nearest, tick_number, rate))[:capacity]


def _further_expiries(
    expiries: Mapping[str, Sequence[date]], nearest: int, tick_number: int, rate: Fraction
) -> list[PlannedRequest]:
    """Return requests for further expiries, `rate` of them on average of all ticks.

    The symbols follow each other from tick to tick without a gap, and each time a symbol comes,
    its next expiry is requested. So every expiry has its turn, however low the rate is.
    """
    further = [(symbol, days[nearest:]) for symbol, days in expiries.items() if days[nearest:]]
    rate = min(Fraction(len(further)), rate)
    requests = []
    for place in range(floor(tick_number * rate), floor((tick_number + 1) * rate)):
        symbol, days = further[place % len(further)]
        expiry = days[place // len(further) % len(days)]
        requests.append(PlannedRequest(symbol, expiry, required=False))
    return requests
