"""Which expiries of which symbols a tick requests, within what the exchange tolerates. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple


class PlannedRequest(NamedTuple):
    """One request of a tick. If it is `required`, the tick fails without it."""

    symbol: str
    expiry: date
    required: bool


def plan_requests(
    expiries: Mapping[str, Sequence[date]], nearest: int, tick_number: int, capacity: int
) -> list[PlannedRequest]:
    """Return the requests of a tick, the most important first, at most `capacity` of them.

    Each tick requests the `nearest` expiries of every symbol, and one of its further expiries in
    rotation. If that is more than the capacity, the further expiries are left out first, then the
    later ones of the nearest. The symbols take turns in coming first.
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
    free = capacity - len(required)
    return (required + _further_expiries(expiries, nearest, tick_number, free))[:capacity]


def _further_expiries(
    expiries: Mapping[str, Sequence[date]], nearest: int, tick_number: int, free: int
) -> list[PlannedRequest]:
    """Return requests for further expiries, as many as there are `free` places.

    The symbols follow each other from tick to tick without a gap, and each time a symbol comes,
    its next expiry is requested. So every expiry has its turn, however few places are free.
    """
    further = [(symbol, days[nearest:]) for symbol, days in expiries.items() if days[nearest:]]
    places = max(min(len(further), free), 0)
    requests = []
    for place in range(tick_number * places, (tick_number + 1) * places):
        symbol, days = further[place % len(further)]
        expiry = days[place // len(further) % len(days)]
        requests.append(PlannedRequest(symbol, expiry, required=False))
    return requests
