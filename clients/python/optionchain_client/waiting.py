"""How long to wait before a request is repeated."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ATTEMPTS = 6
LONGEST_WAIT = 60.0
"""Seconds. An answer that asks for a longer pause is an error at once."""
_FIRST_WAIT = 0.5


def wait_before(attempt: int) -> float:
    """Return how many seconds to wait after a failure, from attempt 0 on, if nobody says it."""
    return min(_FIRST_WAIT * 2.0**attempt, LONGEST_WAIT)


def asked_wait(text: str | None, now: datetime) -> float | None:
    """Return how many seconds Retry-After asks for: a number or an HTTP date.

    None for neither, and for a date that is past, as it is where a clock is wrong.
    """
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds()
    return wait if wait > 0 else None
