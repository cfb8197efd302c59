"""How the text of an environment variable becomes the value of a setting. Pure.

Every function raises ValueError for text that is not such a value.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date, time
from math import isfinite

from optionchain.market import Hours, SpecialSessions

SECONDS_PER_MINUTE = 60
# A host that is shown and stored as it is, so it must not hold a password.
ORIGIN_PATTERN = r"https?://[^/?#@\s]+"
MAX_SYMBOL_LENGTH = 20
SYMBOL_PATTERN = re.compile(rf"[A-Z0-9&-]{{1,{MAX_SYMBOL_LENGTH}}}", re.ASCII)
# The schedule starts shifts from 9:00 on, each up to a minute late. The closing tick, five minutes
# after the close, comes before the evening's last round, which begins at 21:00.
EARLIEST_SPECIAL, LATEST_SPECIAL = time(9, 1), time(20, 54)
SPECIAL_HOURS = f"{EARLIEST_SPECIAL:%H:%M} to {LATEST_SPECIAL:%H:%M}"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_SPECIAL_SESSION = re.compile(rf"(\d{{4}}-\d\d-\d\d) ({_TIME})-({_TIME})", re.ASCII)
_ORIGIN = re.compile(r"(https://[a-z0-9][a-z0-9.-]*|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?")
_WHOLE_NUMBER = re.compile(r"[+-]?\d+(_\d+)*(\.0+)?", re.ASCII)

# A bucket's name as AWS allows it, and a prefix whose characters need no escape in a URL.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*/?", re.ASCII)


def archive_of(text: str) -> str:
    """Read the path of a folder, or `s3://bucket/prefix`."""
    # A scheme is no folder, also with one slash too few, as in s3:/bucket. A user and a password
    # that were put here are none either, whatever they are meant for.
    is_other_url = _SCHEME.match(text) and not _BUCKET.fullmatch(text)
    if is_other_url or re.search(":.*@", text):
        raise ValueError(text)
    return text.rstrip("/") or "/"


def symbols_of(value: object) -> tuple[str, ...]:
    """Read `nifty, M&M` or a list into upper-case symbols without repeats."""
    symbols = tuple(dict.fromkeys(part.upper() for part in _parts(value, "symbols")))
    if not symbols or not all(SYMBOL_PATTERN.fullmatch(symbol) for symbol in symbols):
        raise ValueError("symbols are letters, digits, & and -")
    return symbols


def origins_of(value: object) -> tuple[str, ...]:
    """Read `*` or `https://a.example, http://localhost:3000` into origins without repeats."""
    origins = tuple(dict.fromkeys(part.lower() for part in _parts(value, "origins")))
    if origins != ("*",) and not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("an origin is a scheme and a host")
    return origins


def names_of(text: str) -> tuple[str, ...]:
    """Read `upstox, nse` into small names without repeats, in their order."""
    names = tuple(dict.fromkeys(part.lower() for part in _parts(text, "names")))
    if not all(re.fullmatch(r"[a-z]{2,20}", name) for name in names):
        raise ValueError("names are of letters")
    return names


def urls_of(text: str) -> dict[str, str]:
    """Read `upstox=http://localhost:1, dhan=http://localhost:2` into hosts by name."""
    pairs = [part.partition("=") for part in _parts(text, "hosts")]
    if not all(
        re.fullmatch(r"[a-z][a-z-]{1,20}", name) and re.fullmatch(ORIGIN_PATTERN, url)
        for name, _, url in pairs
    ):
        raise ValueError("hosts are name=url")
    return {name: url for name, _, url in pairs}


def _parts(value: object, what: str) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{what} are text")
    return [part.strip() for part in parts]


def special_sessions_of(text: str) -> SpecialSessions:
    """Read `2024-03-02 09:15-10:00, 2024-03-02 11:30-12:30, …` (IST) into the hours by date."""
    by_date = defaultdict[date, list[Hours]](list)
    for day, hours in sorted(_special_session(part.strip()) for part in text.split(",")):
        if by_date[day] and hours[0] < by_date[day][-1][1]:
            raise ValueError(f"two sessions of {day} overlap")
        by_date[day].append(hours)
    return {day: tuple(hours) for day, hours in by_date.items()}


def _special_session(text: str) -> tuple[date, Hours]:
    match = _SPECIAL_SESSION.fullmatch(text)
    if match is None:
        raise ValueError("not like 2026-11-08 18:00-19:00")
    day, opens, closes = match.groups()
    hours = time.fromisoformat(opens), time.fromisoformat(closes)
    if hours[0] >= hours[1]:
        raise ValueError("a session opens before it closes")
    if hours[0] < EARLIEST_SPECIAL or hours[1] > LATEST_SPECIAL:
        raise ValueError(f"{text} is not within {SPECIAL_HOURS}, the hours of the schedule")
    return date.fromisoformat(day), hours


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Return the reader of a whole number within these bounds."""

    def read(text: str) -> int:
        if not _WHOLE_NUMBER.fullmatch(text):
            raise ValueError("not a whole number")
        number = int(text.partition(".")[0])
        if not lowest <= number <= highest:
            raise ValueError(f"not from {lowest} to {highest}")
        return number

    return read


def divisor_of_a_minute(text: str) -> int:
    """Read a number of seconds that divides a minute."""
    seconds = whole_number(1, SECONDS_PER_MINUTE)(text)
    if SECONDS_PER_MINUTE % seconds:
        raise ValueError("not a divisor of 60")
    return seconds


def number(lowest: float, highest: float) -> Callable[[str], float]:
    """Return the reader of a number within these bounds."""

    def read(text: str) -> float:
        value = float(text) if text.isascii() else float("nan")
        if not isfinite(value) or not lowest <= value <= highest:
            raise ValueError(f"not from {lowest} to {highest}")
        return value

    return read


def matching(pattern: str) -> Callable[[str], str]:
    """Return the reader of text that matches the whole of a pattern."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"does not match {pattern}")
        return text

    return read


def yes_or_no(text: str) -> bool:
    """Read `true` or `false`."""
    return one_of("true", "false")(text.lower()) == "true"


def one_of(*words: str) -> Callable[[str], str]:
    """Return the reader of one of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"not one of {words}")
        return text

    return read
