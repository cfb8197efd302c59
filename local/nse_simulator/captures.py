"""Captured v3 bodies: read from a folder, and moved to another day."""

import gzip
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import orjson

from local.nse_simulator.v3_format import SIDES, JsonObject, day_digits, day_text, parse_day

DATED_KEYS = {"timestamp", "expiryDates", "expiryDate", "identifier"}
DATE = re.compile(r"(\d\d-(?:\d\d|[A-Z][a-z]{2})-\d{4})")
type Moment = dict[tuple[str, date], JsonObject]


def read_moments(folder: Path) -> Iterator[Moment]:
    """Yield the captured moments of a folder in order of time, with their original dates.

    The names of the sub-folders begin with the exchange's time, so their order is that of time.
    """
    for place in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        moment: Moment = {}
        for path in sorted((*place.glob("*.json"), *place.glob("*.json.gz"))):
            moment |= read_body(path)
        if moment:
            yield moment


def read_body(path: Path) -> Moment:
    """Return the v3 body of a file by its symbol and expiry; empty for another kind of file."""
    packed = path.read_bytes()
    body = orjson.loads(gzip.decompress(packed) if path.suffix == ".gz" else packed)
    rows = body.get("records", {}).get("data", []) if isinstance(body, dict) else []
    if not rows or "expiryDates" not in rows[0]:  # legacy rows say `expiryDate`
        return {}
    legs = [row[side] for row in rows for side in SIDES if side in row]
    symbol = next(leg["underlying"] for leg in legs if leg["underlying"])
    return {(symbol, parse_day(rows[0]["expiryDates"])): body}


def shift_dates(value: object, days: int, *, dated: bool = False) -> object:
    """Return a JSON value whose dates under `DATED_KEYS` are moved by whole days."""
    if isinstance(value, dict):
        return {
            key: shift_dates(item, days, dated=key in DATED_KEYS) for key, item in value.items()
        }
    if isinstance(value, list):
        return [shift_dates(item, days, dated=dated) for item in value]
    return shift_date_text(value, days) if dated and isinstance(value, str) else value


@lru_cache(maxsize=65_536)
def shift_date_text(text: str, days: int) -> str:
    """Return a text whose date, in either spelling, is moved by whole days."""

    def move(match: re.Match[str]) -> str:
        day = parse_day(match[1]) + timedelta(days=days)
        return day_text(day) if match[1][3].isalpha() else day_digits(day)

    return DATE.sub(move, text, count=1)
