"""How old data are. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

_MINUTE = 60


def turns(intervals: Iterable[int], requests_per_second: int) -> int:
    """Return at which of its ticks a symbol has its turn: at each one, or at every second, …

    `intervals` are those of all symbols, in seconds that divide a minute. Each tick of a symbol
    takes a request at least; if there are more ticks than requests, symbols take turns.
    """
    ticks_a_minute = sum(_MINUTE // interval for interval in intervals)
    return max(ceil(ticks_a_minute / (_MINUTE * requests_per_second)), 1)


def age_seconds(confirmed_at: datetime, now: datetime) -> float:
    """Return the seconds since the exchange last confirmed something, as a whole number.

    Whole seconds, because ticks are seconds apart and the same question within one second then has
    the same answer. Never negative.
    """
    return float(max((now - confirmed_at) // timedelta(seconds=1), 0))
