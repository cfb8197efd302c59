"""The exchange's time zone and date formats: IST, `30-Jan-2025`, `05-Dec-2025 12:32:20`.

What a person reads has the time in India and says so; fields for machines are UTC in ISO 8601.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

# India has one time zone and no daylight saving time, so no time-zone database is needed.
IST = timezone(timedelta(hours=5, minutes=30), "IST")

# The %b of strptime would depend on the machine's locale.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS = {name.upper(): number for number, name in enumerate(MONTHS, start=1)}

# How much later than its tick a body may be stamped: clocks are not exact. A later stamp is a lie.
LONGEST_LEAD = timedelta(minutes=2)

_DATE = re.compile(r"(\d{2})-([A-Za-z]{3})-(\d{4})", re.ASCII)
_TIMESTAMP = re.compile(r"(\d{2}-[A-Za-z]{3}-\d{4}) (\d{2}):(\d{2}):(\d{2})", re.ASCII)


def expiry_text(day: date) -> str:
    """Return a date as the exchange writes it: `30-Jan-2025`."""
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year:04d}"


def parse_expiry(text: str) -> date:
    """Return the date of `30-Jan-2025`, in any case; raise ValueError for other text."""
    match = _DATE.fullmatch(text)
    month = _MONTH_NUMBERS.get(match[2].upper()) if match else None
    if match is None or month is None:
        raise ValueError(f"{text!r} is not a date like 30-Jan-2025")
    return date(int(match[3]), month, int(match[1]))


def parse_exchange_timestamp(text: str) -> datetime:
    """Return `05-Dec-2025 12:32:20` (IST) as UTC; raise ValueError for other text."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a timestamp like 05-Dec-2025 12:32:20")
    clock = time(int(match[2]), int(match[3]), int(match[4]), tzinfo=IST)
    try:
        return datetime.combine(parse_expiry(match[1]), clock).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} has no instant in UTC") from error


def is_of_the_future(stamp: datetime, tick: datetime) -> bool:
    """Tell whether the time stamp of a body cannot be true: over two minutes after its tick."""
    return stamp - tick > LONGEST_LEAD


def exchange_date(instant: datetime) -> date:
    """Return the date in India at an instant."""
    return instant.astimezone(IST).date()


def ist_text(instant: datetime) -> str:
    """Return an instant for a person: `2026-06-19 15:02:20 IST`."""
    return f"{instant.astimezone(IST):%Y-%m-%d %H:%M:%S} IST"


def ist_clock(instant: datetime) -> str:
    """Return the time of day of an instant for a person: `15:02:20 IST`."""
    return f"{instant.astimezone(IST):%H:%M:%S} IST"


def midnight_utc(day: date) -> datetime:
    """Return 00:00 UTC of a date: MongoDB stores dates as instants."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
