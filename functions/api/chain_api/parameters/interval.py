"""The parameter `interval`: the length of candles and of sampled metrics."""

import re
from datetime import timedelta

from chain_api.problems.catalogue import invalid

ONE_DAY = timedelta(days=1)
_SHORTEST = timedelta(seconds=5)
_INTERVAL = re.compile(r"(\d{1,5})([smh])|1d", re.ASCII)
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}


def parse_interval(text: str) -> timedelta:
    """Read `5s`, `15m`, `1h` or `1d`; raise ValueError for any other text and out of bounds."""
    match = _INTERVAL.fullmatch(text)
    length = match and (int(match[1]) * _UNITS[match[2]] if match[1] else ONE_DAY)
    if not length or not _SHORTEST <= length <= ONE_DAY:
        raise ValueError("an interval is digits and s, m or h, like 15m, from 5s to 24h, or 1d")
    return length


def requested_interval(text: str | None) -> timedelta | None:
    """Return the length that a request names, None where it names none; raise Problem."""
    try:
        return parse_interval(text) if text else None
    except ValueError as error:
        raise invalid("interval", text, str(error)) from None
