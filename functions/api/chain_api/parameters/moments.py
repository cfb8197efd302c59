"""Moments as requests name them: a day, a time of today, or an instant. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, NoReturn

from pydantic import PlainValidator, WithJsonSchema

from optionchain.exchange_time import IST, exchange_date

# A + in a query string that was not escaped arrives as a space.
_DAY = r"[12]\d{3}-\d{2}-\d{2}"
_CLOCK = r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?"
_OFFSET = r"Z|[+ -]\d{2}:?\d{2}"
_DAY_ONLY = re.compile(_DAY, re.ASCII)
_CLOCK_ONLY = re.compile(_CLOCK, re.ASCII)
_INSTANT = re.compile(rf"({_DAY})[Tt ]({_CLOCK})({_OFFSET}|)", re.ASCII)
# For the OpenAPI document: with [0-9], because \d matches digits of any script in some languages.
_DATE = "[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_HOURS = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_ZONE = "Z|[+ -](?:[01][0-9]|2[0-3]):?[0-5][0-9]"
_SPELLINGS = f"{_DATE}|{_HOURS}|{_DATE}[Tt ]{_HOURS}(?:{_ZONE})?"
_ALLOWED = (
    "a moment is a time of today such as 10:15 or 10:15:05 (IST), a day such as 2026-06-19, or "
    "both: 2026-06-19T10:15:05, in IST unless it ends in Z or an offset such as +05:30"
)
_EXAMPLES = ["10:15", "2026-06-19T10:15:05", "2026-06-19T04:45:05Z", "2026-06-19"]
# The exchange has listed options since 2001.
_FIRST_YEAR = 2000
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
    """Read `10:15:05`, `2026-06-19` or `2026-06-19T10:15:05+05:30`; raise ValueError otherwise."""
    try:
        return _moment(str(text))
    except ValueError as error:
        raise ValueError(_ALLOWED) from error


def moment_or_close(text: object) -> Moment:
    """Read `previous_close`, or a moment as moment_of does."""
    if text == PREVIOUS_CLOSE:
        return PreviousClose()
    try:
        return _moment(str(text))
    except ValueError as error:
        raise ValueError(f"{PREVIOUS_CLOSE}, or {_ALLOWED}") from error


def _moment(text: str) -> Moment:
    if _DAY_ONLY.fullmatch(text):
        return Moment(_day(text), None)
    if _CLOCK_ONLY.fullmatch(text):
        return Moment(None, time.fromisoformat(text).replace(tzinfo=IST))
    match = _INSTANT.fullmatch(text)
    if match is None:
        _refuse()
    day, clock, offset = match.groups()
    zoned = clock + offset.replace(" ", "+")
    parsed = time.fromisoformat(zoned)
    return Moment(_day(day), parsed if parsed.tzinfo else parsed.replace(tzinfo=IST))


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if day.year < _FIRST_YEAR:
        _refuse()
    return day


def _refuse() -> NoReturn:
    raise ValueError(_ALLOWED)


_DESCRIPTION = (
    "A time of today such as 10:15 or 10:15:05 (IST), a day such as 2026-06-19, or an instant such "
    "as 2026-06-19T10:15:05 (IST) or 2026-06-19T04:45:05Z. In an address + may stand for a space."
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
