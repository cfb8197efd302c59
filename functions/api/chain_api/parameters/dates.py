"""Dates as people write them, as far as only one day can be meant. Pure."""

import re
from datetime import date

# The %B of strptime would depend on the machine's locale.
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SHORTEST_NAME = 3
# 08/12/2026 and 08-12-2026 mean another day in another country.
_BY_NUMBER = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_BY_NAME = re.compile(r"(\d{1,2})([- ]?)([A-Za-z]{3,9})\2(\d{4})", re.ASCII)
# The OpenAPI document must not be stricter than the reader, or clients would refuse valid values.
_DAY_OF_MONTH = "(?:0?[1-9]|[12][0-9]|3[01])"
DATE_PATTERN = (
    f"[0-9]{{4}}-(?:0?[1-9]|1[0-2])-{_DAY_OF_MONTH}"
    f"|{_DAY_OF_MONTH}[- ]?[A-Za-z]{{3,9}}[- ]?[0-9]{{4}}"
)
DATE_EXAMPLES = ("30-Jan-2025", "2025-01-30")
ONE_DATE = "30-Jan-2025 or 2025-01-30"


def date_of(text: str) -> date:
    """Read `8-Dec-2026`, `08dec2026`, `8 December 2026` or `2026-12-08`; raise ValueError."""
    text = text.strip(" ")
    if match := _BY_NUMBER.fullmatch(text):
        return date(*map(int, match.groups()))
    if match := _BY_NAME.fullmatch(text):
        return date(int(match[4]), _month(match[3].lower()), int(match[1]))
    raise ValueError(f"a date is written like {ONE_DATE}")


def _month(name: str) -> int:
    """Return the number of a month by its name or the beginning of it."""
    found = [number for number, known in enumerate(_MONTHS, 1) if known.startswith(name)]
    if len(found) != 1 or len(name) < _SHORTEST_NAME:
        raise ValueError(f"{name} is no month")
    return found[0]
