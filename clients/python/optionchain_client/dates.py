"""Days, expiries and instants as a caller may give them, and as the API and the archive have them.

A day is a date in India. An instant has a time zone: without one it would be another instant on
each machine.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone

IST = timezone(timedelta(hours=5, minutes=30), "IST")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMES = ("nearest", "next", "all")
_DAY = timedelta(days=1)

type Day = str | date
type Moment = str | date | datetime
type Expiry = str | date


def day_of(value: Day) -> date:
    """Return a day: a date, text such as `2026-11-27`, or the day in India of an instant.

    Raises ValueError for other text and for an instant without a time zone.
    """
    if isinstance(value, datetime):
        return _zoned(value).astimezone(IST).date()
    return value if isinstance(value, date) else date.fromisoformat(value)


def days_between(first: Day, last: Day) -> Iterator[date]:
    """Yield the days from `first` to `last`, both included."""
    day, end = day_of(first), day_of(last)
    while day <= end:
        yield day
        day += _DAY


def today() -> date:
    """Return the day that it is in India."""
    return datetime.now(IST).date()


def moment_text(moment: Moment) -> str:
    """Return a moment as the API reads it; raise ValueError for an instant without a time zone."""
    if isinstance(moment, datetime):
        return _zoned(moment).isoformat()
    return moment if isinstance(moment, str) else moment.isoformat()


def instant_of(text: str) -> datetime:
    """Return an instant of an answer, UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def expiry_text(expiry: Expiry) -> str:
    """Return an expiry as the API reads it: `nearest`, `next`, `all` or `30-Jan-2025`."""
    if expiry in _NAMES:
        return str(expiry)
    day = expiry_of(expiry)
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year:04d}"


def expiry_of(value: Expiry) -> date:
    """Return the date of an expiry: a date, `30-Jan-2025` or `2025-01-30`; raise ValueError."""
    if not isinstance(value, str):
        return day_of(value)
    if value[2:3] == "-":
        number, month, year = value.split("-")
        return date(int(year), _MONTHS.index(month.title()) + 1, int(number))
    return date.fromisoformat(value)


def chosen(recorded: Iterable[date], wanted: Expiry, day: date) -> list[date]:
    """Return which of the expiries recorded on a day are meant, in order. Raises ValueError."""
    alive = sorted({each for each in recorded if each >= day})
    match wanted:
        case "nearest":
            return alive[:1]
        case "next":
            return alive[1:2]
        case "all":
            return alive
        case _:
            meant = expiry_of(wanted)
            return [each for each in alive if each == meant]


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} needs a time zone: on each machine it is another instant")
    return moment
