"""The snapshots of a symbol through time: what their headers say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import Field

from chain_api.calculations.provenance import dated_by
from chain_api.json_types import Answer
from chain_api.pagination.cursors import Milliseconds, from_milliseconds, to_milliseconds
from chain_api.pagination.listing import Listing, ListState
from chain_api.parameters.types import ExpiryDate, expiry_of
from chain_api.queries.freshness import is_settled
from chain_api.schemas.queries import SnapshotsQuery
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.documents import HeaderDocument, source_of


class _Position(NamedTuple):
    """The last record of a page: its tick, how many of that tick were returned, its expiry."""

    tick: Milliseconds
    returned: Annotated[int, Field(ge=0, le=100)]
    expiry: ExpiryDate


class SnapshotList(Listing[SnapshotsQuery, _Position]):
    """A symbol's snapshots, by tick and expiry."""

    resource = "snapshots"
    position_type = _Position
    columns = (
        "expiry_date",
        "timestamp",
        "last_seen_at",
        "exchange_timestamp",
        "underlying_value",
        "total_calls",
        "total_puts",
        "call_open_interest",
        "put_open_interest",
        "call_volume",
        "put_volume",
        "revised",
        "legs_missing",
        "source",
        "dated_by",
        "settled",
    )

    @property
    def expiry(self) -> str:
        """Return the expiry that the request names."""
        return self.request.query.expiry

    def find(self) -> ListState:
        """Return the range and its newest headers."""
        return self.find_range()

    def depends_on(self, state: ListState) -> Sequence[object]:
        """Return the confirmations: the records tell them."""
        return state.confirmations

    def page(self, state: ListState) -> tuple[list[Answer], _Position | None]:
        """Return a row for each header."""
        found, position = self._headers(state)
        newest = zip(state.newest, state.confirmations, strict=True)
        confirmed = {_key(header): confirmation for header, confirmation in newest}
        at = state.pinned.moment if self.request.ends else None
        rows = [
            _row(row, confirmed.get(_key(row), row["last_seen_at"]), settled=is_settled(row, at))
            for row in found
        ]
        return rows, position

    def _headers(self, state: ListState) -> tuple[Sequence[HeaderDocument], _Position | None]:
        pinned, position, limit = state.pinned, self.request.position, self.request.limit
        expiry = None if pinned.expiry == "all" else expiry_of(pinned.expiry)
        start, most, last = pinned.start, limit + 1, None
        if position:
            start, most = from_milliseconds(position.tick), most + position.returned
            last = start, midnight_utc(expiry_of(position.expiry))
        found = self.deps.time_series.headers(self.request.symbol, expiry, start, pinned.end, most)
        if last:
            found = [header for header in found if (header["fetched_at"], header["expiry"]) > last]
        page = found[:limit]
        if len(found) == len(page):
            return page, None
        tick = page[-1]["fetched_at"]
        returned = sum(header["fetched_at"] == tick for header in page)
        if position and start == tick:
            returned += position.returned
        return page, _Position(to_milliseconds(tick), returned, page[-1]["expiry_date"])


def _key(header: HeaderDocument) -> tuple[datetime, datetime]:
    return header["expiry"], header["fetched_at"]


def _row(header: HeaderDocument, last_seen_at: datetime, *, settled: bool) -> Answer:
    return {
        "expiry_date": header["expiry_date"],
        "timestamp": header["fetched_at"],
        "last_seen_at": last_seen_at,
        "exchange_timestamp": header["exchange_timestamp"],
        "underlying_value": header["underlying_value"],
        "total_calls": header["calls"],
        "total_puts": header["puts"],
        "call_open_interest": header["call_open_interest"],
        "put_open_interest": header["put_open_interest"],
        "call_volume": header["call_volume"],
        "put_volume": header["put_volume"],
        "revised": header["revised"],
        "legs_missing": header.get("legs_missing"),
        "source": source_of(header),
        "dated_by": dated_by(header),
        "settled": settled,
    }
