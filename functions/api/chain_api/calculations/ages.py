"""How old data are. Pure."""

from datetime import datetime, timedelta
from math import ceil


def reading_period(symbols: int, interval: int, requests_per_second: int) -> timedelta:
    """Return how long it takes until the nearest expiry of each symbol was asked for.

    That is one interval (seconds), unless there are more symbols than a tick has requests: then
    they take turns.
    """
    ticks = ceil(symbols / (requests_per_second * interval))
    return timedelta(seconds=interval * max(ticks, 1))


def age_seconds(confirmed_at: datetime, now: datetime) -> float:
    """Return the seconds since the exchange last confirmed something, as a whole number.

    Whole seconds, because ticks are seconds apart and the same question within one second then has
    the same answer. Never negative.
    """
    return float(max((now - confirmed_at) // timedelta(seconds=1), 0))
