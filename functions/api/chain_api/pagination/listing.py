"""The protocol of all lists over a range of time: pin the range, answer 304, read a page, link."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zlib import crc32

from chain_api.caching.http_cache import Content, content_of, version_of
from chain_api.caching.resource import Description, represent
from chain_api.calculations.ages import age_seconds
from chain_api.calculations.provenance import provenance
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer, json_bytes
from chain_api.pagination.request import PageRequest, PinnedRange, page_request, pin_range
from chain_api.queries.freshness import is_settled, last_confirmation
from chain_api.rendering.formats import Format, format_of, lines
from chain_api.schemas.queries import RangeQuery
from optionchain.mongo.documents import HeaderDocument, source_of

type Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class ListState:
    """What a list is about: its range, its newest headers, and the newest tick to confirm each.

    `settled` says of each newest header whether it is the settled chain of its day.
    """

    pinned: PinnedRange
    newest: Sequence[HeaderDocument]
    confirmations: Sequence[datetime]
    settled: Sequence[bool]


class Listing[Query: RangeQuery, Position: tuple[Any, ...], State: ListState = ListState](ABC):
    """A page of a list, as a Resource. Each list says what its records are.

    `resource` is the end of the list's path, `position_type` the type in which its cursors say
    where a page begins.
    """

    resource: ClassVar[str]
    position_type: type[Position]
    request: PageRequest[Query, Position]

    def __init__(self, deps: Dependencies, symbol: str, query: Query, accept: str) -> None:
        """Read the request; `accept` is its Accept header. Raises Problem."""
        self.deps = deps
        self.request = page_request(self.resource, symbol, query, self.position_type)
        self.form: Format = format_of(self.request.query.format, accept)

    @property
    @abstractmethod
    def expiry(self) -> str:
        """Return the expiry that the request names; raise Problem."""

    @property
    @abstractmethod
    def columns(self) -> Sequence[str]:
        """Return the names of the fields of a record, in the order of CSV."""

    @property
    def is_series(self) -> bool:
        """Tell whether the list has one record a moment: with an archive it may be a year long."""
        return False

    @abstractmethod
    def page(self, state: State) -> tuple[Records, Position | None]:
        """Return the records of the page, and where the next page begins, None after the last."""

    @abstractmethod
    def find(self) -> State:
        """Return what the list is about; raise Problem and StoreUnavailable."""

    def find_range(self) -> ListState:
        """Return the range and its newest headers: what most lists are about."""
        pinned, newest = pin_range(self.deps, self.request, self.expiry, is_series=self.is_series)
        confirmations = [last_confirmation(self.deps, header, pinned.moment) for header in newest]
        at = pinned.moment if self.request.ends else None
        settled = [is_settled(header, at) for header in newest]
        return ListState(pinned, newest, confirmations, settled)

    def describe(self, state: State) -> Description:
        """Return the answer without its records."""
        pinned, request = state.pinned, self.request
        freshness = freshness_of_list(state)
        version = version_of(
            request.resource,
            request.symbol,
            dict(request.given),
            request.position,
            self.form,
            pinned.expiry,
            pinned.start,
            pinned.end,
            *self.depends_on(state),
            *(_version_parts(header) for header in state.newest),
            state.settled,
        )
        until = None if request.moves else pinned.moment
        representation = represent(
            self.deps,
            version,
            self.form,
            freshness,
            until,
            absolute=request.absolute,
            symbol=request.symbol,
        )
        return Description(representation, self.members(state, freshness))

    def read(self, state: State) -> Content:
        """Return the records and the link to the next page."""
        records, position = self.page(state)
        link = self.request.next_link(state.pinned, position) if position else None
        return self.content(list_body(records, self.columns, self.form, link), link)

    def content(self, body: bytes, link: str | None) -> Content:
        """Return the body of a page as content."""
        # The version does not name a list exactly: the list gets shorter as documents expire.
        return content_of(body, self.form, link, suffix=f".{crc32(body):08x}")

    def depends_on(self, state: State) -> Sequence[object]:  # noqa: ARG002
        """Return what else the records depend on, beside the request and the newest headers."""
        return ()

    def members(self, state: State, freshness: Answer) -> Answer:
        """Return the members of the answer that come before the records."""
        pinned = state.pinned
        return {
            "symbol": self.request.symbol,
            "expiry_date": None if pinned.expiry == "all" else pinned.expiry,
            "from": pinned.start,
            "to": pinned.end,
            **freshness,
        }


def freshness_of_list(state: ListState) -> Answer:
    """Return the members that say how fresh a list's end is: as old as its oldest header."""
    last = max(state.newest, key=lambda header: header["fetched_at"])
    confirmed = min(state.confirmations)
    return {
        "timestamp": last["fetched_at"],
        "last_seen_at": confirmed,
        "exchange_timestamp": last["exchange_timestamp"],
        **provenance(state.newest),
        "age_seconds": age_seconds(confirmed, state.pinned.moment),
        "settled": all(state.settled),
    }


def _version_parts(header: HeaderDocument) -> Sequence[object]:
    key = header["expiry"], header["fetched_at"]
    return (*key, header["content_hash"], source_of(header))


def list_body(
    records: Records, columns: Sequence[str], form: Format, link: str | None, **after: object
) -> bytes:
    """Return the records as a JSON object, as CSV or as NDJSON; `after` follow them in JSON."""
    if form == "json":
        return json_bytes({"records": records, **after, "next": link})
    return lines(records, columns, form)
