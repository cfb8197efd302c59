"""Lists a page at a time: what a list is about is pinned on its first page, and goes along."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from chain_api.dependencies import Dependencies
from chain_api.pagination.cursors import content_of, cursor_of, foreign
from chain_api.parameters.types import ExpiryChoice
from chain_api.problems.catalogue import invalid
from chain_api.queries.headers import headers_of, instant
from chain_api.schemas.queries import RangeQuery
from optionchain.exchange_time import IST
from optionchain.mongo.documents import HeaderDocument

DEFAULT_LIMIT = 1_000
_LONGEST = timedelta(days=31)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LAST_YEAR = datetime(2200, 1, 1, tzinfo=UTC)
# An instant as a cursor holds it.
Milliseconds = Annotated[int, Field(ge=0, le=(_LAST_YEAR - _EPOCH) // _MILLISECOND)]
# What may differ from page to page: it changes how a page looks, not which list it is of.
_FREE = ("limit", "format")


@dataclass(frozen=True)
class Pinned:
    """What a list is about, whatever is recorded meanwhile.

    `expiry` is a date as the exchange writes it, or all; the data are from `start` to `end`, both
    inclusive; `moment` is until when the request looked. UTC.
    """

    expiry: str
    start: datetime
    end: datetime
    moment: datetime


class _Content(BaseModel):
    """What a cursor carries: the parameters, what is pinned, and where the next page begins."""

    given: dict[str, str]
    expiry: ExpiryChoice
    times: tuple[Milliseconds, Milliseconds, Milliseconds]
    position: list[Any]


@dataclass(frozen=True)
class Asked[Query: RangeQuery, Position: tuple[Any, ...]]:
    """A request for a page: its query with what its cursor carries, and where the page begins."""

    symbol: str
    resource: str
    query: Query
    given: Mapping[str, str]
    pinned: Pinned | None
    position: Position | None

    @property
    def limit(self) -> int:
        """Return how many records the page has at most."""
        return self.query.limit or DEFAULT_LIMIT

    @property
    def absolute(self) -> bool:
        """Tell whether the request will mean the same tomorrow."""
        moments = (self.query.from_, self.query.to)
        return bool(self.pinned) or all(moment and moment.absolute for moment in moments)

    def next(self, pinned: Pinned, position: Position) -> str:
        """Return the link to the page that begins at a position, relative to this one's address."""
        times = [milliseconds(at) for at in (pinned.start, pinned.end, pinned.moment)]
        content = {"given": dict(self.given), "expiry": pinned.expiry, "times": times}
        cursor = cursor_of(f"{self.resource} {self.symbol}", content | {"position": list(position)})
        return f"{self.resource.rpartition('/')[2]}?cursor={cursor}"


def asked[Query: RangeQuery, Position: tuple[Any, ...]](
    resource: str, symbol: str, query: Query, position: type[Position]
) -> Asked[Query, Position]:
    """Return what is asked for; parameters beside a cursor must be those that it carries.

    `position` is what a cursor of this resource says of where its page begins.
    """
    given = _given(query)
    if query.cursor is None:
        return Asked(symbol, resource, query, given, None, None)
    content = content_of(f"{resource} {symbol}", query.cursor, _Content)
    for name, text in given.items():
        if name not in _FREE and content.given.get(name) != text:
            raise invalid(name, text, "must be as it was where the cursor comes from, or left out")
    given = content.given | given
    try:
        carried = type(query).model_validate(given)
        place = TypeAdapter(position).validate_python(content.position)
    except ValidationError:
        raise foreign(query.cursor) from None
    pinned = Pinned(content.expiry, *map(from_milliseconds, content.times))
    return Asked(symbol, resource, carried, given, pinned, place)


def _given(query: RangeQuery) -> dict[str, str]:
    """Return the parameters of a request in one way of writing them, which is short."""
    return {
        field.alias or name: str(getattr(query, name))
        for name, field in type(query).model_fields.items()
        if name in query.model_fields_set and name != "cursor"
    }


def pin[Query: RangeQuery, Position: tuple[Any, ...]](
    deps: Dependencies, asked: Asked[Query, Position], expiry: str
) -> tuple[Pinned, list[HeaderDocument]]:
    """Return what a list is about, and its newest headers, one an expiry.

    It ends with the newest header there is, so that what comes later is on none of its pages, and
    begins with the day of that header unless the request says otherwise.
    """
    if pinned := asked.pinned:
        # Not those of its moment: a tick before it may have been written since.
        return pinned, headers_of(deps, asked.symbol, pinned.expiry, pinned.end)
    now = deps.now()
    at = instant(asked.query.to, now, "to")
    found = headers_of(deps, asked.symbol, expiry, at, moment_field="to")
    newest = max(header["fetched_at"] for header in found)
    start = _start(asked.query, newest, at, now)
    if expiry != "all":
        expiry = found[0]["expiry_date"]
    return Pinned(expiry, start, newest, at or now), found


def _start(query: RangeQuery, newest: datetime, at: datetime | None, now: datetime) -> datetime:
    if query.from_ is None:
        midnight = datetime.combine(newest.astimezone(IST), time(tzinfo=IST))
        return midnight.astimezone(UTC)
    start, end = query.from_.start(now), at or now
    if start > end:
        raise invalid("from", start.isoformat(), f"must not be after to ({end.isoformat()})")
    if end - start > _LONGEST:
        allowed = f"must be at most {_LONGEST.days} days before to ({end.isoformat()})"
        raise invalid("from", start.isoformat(), allowed)
    return start


def milliseconds(instant: datetime) -> int:
    """Return an instant as a cursor holds it."""
    return (instant - _EPOCH) // _MILLISECOND


def from_milliseconds(number: int) -> datetime:
    """Return the instant of milliseconds() again."""
    return _EPOCH + number * _MILLISECOND
