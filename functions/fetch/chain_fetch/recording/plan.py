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
    step = capacity if len(symbols) > capacity else 1
    turn = tick_number * step % len(symbols)
    symbols = symbols[turn:] + symbols[:turn]
    near = [
        Reading(symbol, expiries[symbol][rank], required=True)
        for rank in range(nearest)
        for symbol in symbols
        if rank < len(expiries[symbol])
    ]
    return (near + _rotating(expiries, nearest, tick_number, capacity - len(near)))[:capacity]


def _rotating(
    expiries: Mapping[str, Sequence[date]], nearest: int, tick_number: int, room: int
) -> list[Reading]:
    """Return the further expiries of a tick.

    Symbols follow each other from tick to tick without a gap, and each time a symbol comes, its
    next expiry is read: so every expiry has its turn, however little room there is.
    """
    further = [(symbol, known[nearest:]) for symbol, known in expiries.items() if known[nearest:]]
    places = max(min(len(further), room), 0)
    chosen = []
    for place in range(tick_number * places, (tick_number + 1) * places):
        symbol, days = further[place % len(further)]
        chosen.append(Reading(symbol, days[place // len(further) % len(days)], required=False))
    return chosen
