"""A request for one page of a list: its parameters, and the range that all its pages share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from chain_api.calculations.trading_days import end_of_trading_day_before
from chain_api.dependencies import Dependencies
from chain_api.pagination.cursors import (
    Milliseconds,
    content_of,
    cursor_of,
    foreign,
    from_milliseconds,
    to_milliseconds,
)
from chain_api.pagination.given import given_texts
from chain_api.parameters.moments import PreviousClose
from chain_api.parameters.types import PinnedExpiry
from chain_api.problems.catalogue import invalid
from chain_api.queries.headers import headers_of, instant_of
from chain_api.schemas.queries import RangeQuery
from optionchain.exchange_time import IST, ist_text
from optionchain.mongo.documents import HeaderDocument

DEFAULT_LIMIT = 1_000
# A page reads a range day by day, but what it must know beforehand is of the whole range.
_LONGEST_RANGE = timedelta(days=31)
_LONGEST_SERIES = timedelta(days=366)
# These may differ from page to page: they change how a page looks, not which list it belongs to.
_FREE_PARAMETERS = ("limit", "format")


@dataclass(frozen=True)
class PinnedRange:
    """The range of a list. The first page fixes it, whatever is recorded afterwards.

    `expiry` is a date as the exchange writes it, or all. The data lie from `start` to `end`, both
    inclusive; `moment` is the last instant that the request asks about. UTC.
    """

    expiry: str
    start: datetime
    end: datetime
    moment: datetime


class _Content(BaseModel):
    """What a cursor holds: the parameters, the pinned range, and where the next page begins."""

    given: dict[str, str]
    expiry: PinnedExpiry
    times: tuple[Milliseconds, Milliseconds, Milliseconds]
    position: list[Any]


@dataclass(frozen=True)
class PageRequest[Query: RangeQuery, Position: tuple[Any, ...]]:
    """A request for a page: its query, completed from its cursor, and where the page begins."""

    symbol: str
    resource: str
    query: Query
    given: Mapping[str, str]
    pinned: PinnedRange | None
    position: Position | None

    @property
    def limit(self) -> int:
        """Return how many records the page has at most."""
        return self.query.limit or DEFAULT_LIMIT

    @property
    def absolute(self) -> bool:
        """Tell whether the request will mean the same moments tomorrow."""
        moments = (self.query.from_, self.query.to)
        return bool(self.pinned) or all(moment and moment.absolute for moment in moments)

    @property
    def moves(self) -> bool:
        """Tell whether the end of the list goes on with the clock, as that of the latest data."""
        return not self.pinned and (self.query.to is None or self.query.to.moves)

    @property
    def ends(self) -> bool:
        """Tell whether the list ends at a moment of the request, and not at the latest data."""
        return bool(self.query.to or self.pinned)

    def next_link(self, pinned: PinnedRange, position: Position) -> str:
        """Return the address of the page that begins at a position, relative to this page's."""
        times = [to_milliseconds(at) for at in (pinned.start, pinned.end, pinned.moment)]
        content = {"given": dict(self.given), "expiry": pinned.expiry, "times": times}
        cursor = cursor_of(f"{self.resource} {self.symbol}", content | {"position": list(position)})
        return f"{self.resource.rpartition('/')[2]}?cursor={cursor}"


def page_request[Query: RangeQuery, Position: tuple[Any, ...]](
    resource: str, symbol: str, query: Query, position: type[Position]
) -> PageRequest[Query, Position]:
    """Return the request for a page; parameters beside a cursor must be those that it holds.

    `position` is the type in which a cursor of this resource says where its page begins.
    """
    given = given_texts(query)
    if query.cursor is None:
        return PageRequest(symbol, resource, query, given, None, None)
    content = content_of(f"{resource} {symbol}", query.cursor, _Content)
    for name, text in given.items():
        if name not in _FREE_PARAMETERS and content.given.get(name) != text:
            raise invalid(name, text, "must be as it was where the cursor comes from, or left out")
    given = content.given | given
    try:
        completed = type(query).model_validate(given)
        begins_at = TypeAdapter(position).validate_python(content.position)
    except ValidationError:
        raise foreign(query.cursor) from None
    if (content.expiry == "all") is not (getattr(completed, "expiry", None) == "all"):
        raise foreign(query.cursor)
    pinned = PinnedRange(content.expiry, *map(from_milliseconds, content.times))
    return PageRequest(symbol, resource, completed, given, pinned, begins_at)


def pin_range[Query: RangeQuery, Position: tuple[Any, ...]](
    deps: Dependencies,
    request: PageRequest[Query, Position],
    expiry: str,
    *,
    is_series: bool = False,
) -> tuple[PinnedRange, list[HeaderDocument]]:
    """Return the range of a list, and its newest headers, one for each expiry.

    The range ends with the newest header of now, so that later ones appear on none of its pages. It
    begins with the day of that header unless the request names a beginning. With an archive, a list
    of one series (`is_series`) may be a year long.
    """
    if pinned := request.pinned:
        # By the end, not by the moment: an earlier tick may have been written since then.
        found = headers_of(deps, request.symbol, pinned.expiry, pinned.end, listed_at=pinned.moment)
        return pinned, found
    now = deps.now()
    at = instant_of(request.query.to, now, "to")
    found = headers_of(deps, request.symbol, expiry, at, moment_field="to")
    newest = max(header["fetched_at"] for header in found)
    start = _start(deps, request.query, newest, (at or now, now), is_series=is_series)
    if expiry != "all":
        expiry = found[0]["expiry_date"]
    return PinnedRange(expiry, start, newest, at or now), found


def _start(
    deps: Dependencies,
    query: RangeQuery,
    newest: datetime,
    end_and_now: tuple[datetime, datetime],
    *,
    is_series: bool,
) -> datetime:
    if query.from_ is None:
        midnight = datetime.combine(newest.astimezone(IST), time(tzinfo=IST))
        return midnight.astimezone(UTC)
    if isinstance(query.from_, PreviousClose):
        return end_of_trading_day_before(deps.calendar.market(), newest)
    end, now = end_and_now
    start = query.from_.before(end, now)
    if start > end:
        raise invalid("from", ist_text(start), f"must not be after to ({ist_text(end)})")
    longest = _LONGEST_SERIES if deps.cold and is_series else _LONGEST_RANGE
    if end - start > longest:
        allowed = f"must be at most {longest.days} days before to ({ist_text(end)})"
        if deps.cold and not is_series:
            allowed += f"; one contract and analytics have up to {_LONGEST_SERIES.days} days"
        raise invalid("from", ist_text(start), allowed)
    return start
