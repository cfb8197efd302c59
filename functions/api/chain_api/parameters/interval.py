"""The parameter `interval`: the length of candles and of sampled metrics."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

ONE_DAY = timedelta(days=1)
_SHORTEST = timedelta(seconds=5)
_INTERVAL = re.compile(r"(\d{1,5})([smh])|1d", re.ASCII)
_PATTERN = "^ *(?:[1-9][0-9]{0,4}[sS]|[1-9][0-9]{0,3}[mM]|[1-9][0-9]?[hH]|1[dD]) *$"
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}


def parse_interval(text: str) -> timedelta:
    """Read `5s`, `15m`, `1h` or `1d`; raise ValueError for any other text and out of bounds."""
    match = _INTERVAL.fullmatch(text)
    length = match and (int(match[1]) * _UNITS[match[2]] if match[1] else ONE_DAY)
    if not length or not _SHORTEST <= length <= ONE_DAY:
        raise ValueError("an interval is digits and s, m or h, like 15m, from 5s to 24h, or 1d")
    return length


def requested_interval(text: str | None) -> timedelta | None:
    """Return the length that a request names, None where it names none."""
    return parse_interval(text) if text else None


def _interval(text: str) -> str:
    """Return an interval as parse_interval reads it, in any case."""
    name = text.strip(" ").lower() if text.isascii() else text
    parse_interval(name)
    return name


type IntervalName = Annotated[
    str,
    AfterValidator(_interval),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["15m", "1d"]}),
]
