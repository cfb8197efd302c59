"""Which expiries of which symbols a tick reads, within what the exchange tolerates. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple


class Reading(NamedTuple):
    """One request of a tick. `required`: the tick is not a success without it."""

    symbol: str
    expiry: date
    required: bool


def readings(
    expiries: Mapping[str, Sequence[date]], nearest: int, tick_number: int, capacity: int
) -> list[Reading]:
    """Return a tick's readings, the most wanted first, at most `capacity` of them.

    Each symbol's `nearest` expiries are read at every tick; of its further ones a single one, in
    rotation. Where that is more than the capacity, the further ones give way first, then the
    later of the near ones; and the symbols take turns in coming first.
    """
    symbols = list(expiries)
    if not symbols:
        return []
    turn = tick_number * capacity % len(symbols) if len(symbols) > capacity else 0
    symbols = symbols[turn:] + symbols[:turn]
    near = [
        Reading(symbol, expiries[symbol][rank], required=True)
        for rank in range(nearest)
        for symbol in symbols
        if rank < len(expiries[symbol])
    ]
    rotating = [
        Reading(symbol, further[tick_number % len(further)], required=False)
        for symbol in symbols
        if (further := expiries[symbol][nearest:])
    ]
    return (near + rotating)[:capacity]
