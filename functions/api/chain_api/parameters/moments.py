"""Moments as requests name them: a day, a time of today, an instant, or how long ago. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from chain_api.parameters.dates import DATE_PATTERN, date_of
from optionchain.exchange_time import IST, exchange_date

# A + in a query string that was not escaped arrives as a space.
_DAY = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}([- ]?)[A-Za-z]{3,9}\2\d{4}"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?"
_OFFSET = r"[Zz]|[+ -]\d{2}:?\d{2}"
_CLOCK_ONLY = re.compile(_CLOCK, re.ASCII)
_INSTANT = re.compile(rf"({_DAY})[Tt ]({_CLOCK})({_OFFSET}|)", re.ASCII)
_AGO = re.compile(r"-(\d{1,5})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
# For the OpenAPI document: with [0-9], because \d matches digits of any script in some languages.
_HOURS = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_ZONE = "[Zz]|[+ -](?:[01][0-9]|2[0-3]):?[0-5][0-9]"
_SPELLINGS = (
    f" *(?:{DATE_PATTERN}|{_HOURS}|(?:{DATE_PATTERN})[Tt ]{_HOURS}(?:{_ZONE})?"
    "|-[0-9]{1,5}[smhdSMHD]) *"
)
_ALLOWED = (
    "a moment is a time of today such as 10:15 or 10:15:05 (IST), a day such as 2026-06-19, "
    "both: 2026-06-19T10:15:05, in IST unless it ends in Z or an offset such as +05:30, or how "
    "long ago it was, such as -30s, -15m, -2h or -1d"
)
_EXAMPLES = ["10:15", "2026-06-19T10:15:05", "2026-06-19T04:45:05Z", "2026-06-19", "-15m"]
# The exchange has listed options since 2001.
_FIRST_YEAR, _END_OF_YEARS = 2000, 3000
PREVIOUS_CLOSE = "previous_close"
_LAST_INSTANT = timedelta(days=1) - timedelta(milliseconds=1)


@dataclass(frozen=True)
class Moment:
    """A moment of a request: `day` None means today in India, `clock` None the whole day."""

    day: date | None
    clock: time | None

    @property
    def absolute(self) -> bool:
        """Tell whether it means the same instant tomorrow."""
        return self.day is not None

    @property
    def moves(self) -> bool:
        """Tell whether it means another instant a second later."""
        return False

    def __str__(self) -> str:
        """Return a text that parses to an equal moment."""
        if self.day is None:
            return self.clock.replace(tzinfo=None).isoformat() if self.clock else ""
        return f"{self.day}T{self.clock.isoformat()}" if self.clock else str(self.day)

    def start(self, now: datetime) -> datetime:
        """Return the instant in UTC; for a whole day its midnight in India."""
        day = self.day or exchange_date(now)
        return datetime.combine(day, self.clock or time(tzinfo=IST)).astimezone(UTC)

    def end(self, now: datetime) -> datetime:
        """Return the instant in UTC; for a whole day its last millisecond in India."""
        return self.start(now) + (timedelta() if self.clock else _LAST_INSTANT)

    def before(self, end: datetime, now: datetime) -> datetime:  # noqa: ARG002  (for Ago)
        """Return the instant as the beginning of a range that ends at `end`."""
        return self.start(now)


@dataclass(frozen=True)
class Ago(Moment):
    """A moment so long before now; as the beginning of a range, before its end."""

    day: date | None = None
    clock: time | None = None
    number: int = 0
    unit: str = "s"

    @property
    def moves(self) -> bool:
        """Tell that it goes on with the clock."""
        return True

    def __str__(self) -> str:
        """Return the text."""
        return f"-{self.number}{self.unit}"

    def start(self, now: datetime) -> datetime:
        """Return the instant in UTC."""
        return now - timedelta(**{_UNITS[self.unit]: self.number})

    def end(self, now: datetime) -> datetime:
        """Return the same instant."""
        return self.start(now)

    def before(self, end: datetime, now: datetime) -> datetime:  # noqa: ARG002  (of Moment)
        """Return the instant so long before the end of a range."""
        return self.start(end)


@dataclass(frozen=True)
class PreviousClose(Moment):
    """The end of the trading day before that of the chain that is asked for.

    Which day that is follows from the chain and the calendar, so it has no instant of its own.
    """

    day: date | None = None
    clock: time | None = None

    @property
    def absolute(self) -> bool:
        """Tell that it means the same as long as the chain does."""
        return True

    def __str__(self) -> str:
        """Return the word."""
        return PREVIOUS_CLOSE


def moment_of(text: object) -> Moment:
    """Read `10:15:05`, `2026-06-19`, `2026-06-19T10:15:05+05:30` or `-15m`; raise ValueError."""
    try:
        return _moment(str(text))
    except ValueError as error:
        raise ValueError(_ALLOWED) from error


def moment_or_close(text: object) -> Moment:
    """Read `previous_close`, or a moment as moment_of does."""
    if str(text).strip(" ").lower() == PREVIOUS_CLOSE:
        return PreviousClose()
    try:
        return _moment(str(text))
    except ValueError as error:
        raise ValueError(f"{PREVIOUS_CLOSE}, or {_ALLOWED}") from error


def _moment(text: str) -> Moment:
    text = text.strip(" ")
    if match := _AGO.fullmatch(text.lower()):
        return Ago(number=int(match[1]), unit=match[2])
    if _CLOCK_ONLY.fullmatch(text):
        return Moment(None, _time(text).replace(tzinfo=IST))
    if match := _INSTANT.fullmatch(text):
        day, _, clock, offset = match.groups()
        parsed = _time(clock + offset.replace(" ", "+").upper())
        return Moment(_day(day), parsed if parsed.tzinfo else parsed.replace(tzinfo=IST))
    return Moment(_day(text), None)


def _time(text: str) -> time:
    hour, rest = text.split(":", 1)
    return time.fromisoformat(f"{hour:>02}:{rest}")


def _day(text: str) -> date:
    day = date_of(text)
    if not _FIRST_YEAR <= day.year < _END_OF_YEARS:
        raise ValueError(_ALLOWED)
    return day


_DESCRIPTION = (
    "A time of today such as 10:15 or 10:15:05 (IST), a day such as 2026-06-19, an instant such "
    "as 2026-06-19T10:15:05 (IST) or 2026-06-19T04:45:05Z, or how long ago: -30s, -15m, -2h, -1d "
    "before now, and as `from` before `to`. In an address + may stand for a space."
)
_CLOSE_TOO = f"{PREVIOUS_CLOSE}, for the end of the trading day before that of `to`. Or a moment: "


def _schema(pattern: str, description: str, examples: list[str]) -> WithJsonSchema:
    schema = {"type": "string", "pattern": f"^(?:{pattern})$", "description": description}
    return WithJsonSchema({**schema, "examples": examples})


type MomentText = Annotated[
    Moment, PlainValidator(moment_of), _schema(_SPELLINGS, _DESCRIPTION, _EXAMPLES)
]
type MomentOrClose = Annotated[
    Moment,
    PlainValidator(moment_or_close),
    _schema(
        f"{PREVIOUS_CLOSE}|{_SPELLINGS}",
        _CLOSE_TOO + _DESCRIPTION,
        [*_EXAMPLES, PREVIOUS_CLOSE],
    ),
]
