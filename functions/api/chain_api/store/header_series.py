"""The headers of a range of time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.analytics import Terms
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors, naive_collection
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.indexes import SNAPSHOTS

# Lists of headers leave out the analytics, which are most of a header's bytes.
_ROW: dict[str, bool] = {"_id": False, "analytics": False}
TERMS = Terms._fields[: Terms._fields.index("sent_by")]
"""The members of a header's analytics that its contracts are priced with."""
_ROW_WITH_TERMS = {
    "_id": False,
    **dict.fromkeys(HeaderDocument.__annotations__.keys() - {"analytics"}, True),
    **{f"analytics.{name}": True for name in TERMS},
}
_BATCH = 10_000


@dataclass(frozen=True)
class Span:
    """One expiry of one symbol from `start` to `end`, both inclusive, UTC."""

    symbol: str
    expiry: date
    start: datetime
    end: datetime


class HeaderSeriesReader:
    """Reads headers; raises StoreUnavailable if MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        self._headers: Collection[Any] = database[SNAPSHOTS]
        self._naive_headers = naive_collection(database, SNAPSHOTS)

    def headers(
        self, symbol: str, expiry: date | None, start: datetime, end: datetime, most: int
    ) -> list[HeaderDocument]:
        """Return the first headers of a range, of one expiry or of all, by tick and expiry.

        The last tick is complete, so there can be more than `most` headers.
        """
        query: dict[str, Any] = {"symbol": symbol, "fetched_at": {"$gte": start, "$lte": end}}
        if expiry is not None:
            query["expiry"] = midnight_utc(expiry)
        order = [("fetched_at", ASCENDING)]
        with database_errors():
            found: list[HeaderDocument] = list(
                self._headers.find(query, _ROW, sort=order, limit=most, batch_size=_BATCH)
            )
            if expiry is None and len(found) == most:
                last = found[-1]["fetched_at"]
                found = [header for header in found if header["fetched_at"] < last]
                found += self._headers.find({"symbol": symbol, "fetched_at": last}, _ROW)
        found.sort(key=lambda header: (header["fetched_at"], header["expiry"]))
        return found

    def header_fields(self, span: Span, paths: Sequence[str], most: int) -> list[Document]:
        """Return `fetched_at` and these fields of the first headers of a span, by tick.

        `paths` are MongoDB's: `analytics.pcr_oi` is returned as `{"analytics": {"pcr_oi": …}}`.
        """
        wanted = {"_id": False, **dict.fromkeys(("fetched_at", *paths), True)}
        order = [("fetched_at", ASCENDING)]
        query = headers_query(span)
        with database_errors():
            return list(
                self._naive_headers.find(query, wanted, sort=order, limit=most, batch_size=most)
            )

    def headers_at(
        self, span: Span, ticks: Iterable[datetime], *, terms: bool = False
    ) -> list[HeaderDocument]:
        """Return the headers of these ticks, of a span's expiry, in no order.

        Of their analytics they have the TERMS, if `terms` are wanted, or nothing.
        """
        query = headers_query(span) | {"fetched_at": {"$in": sorted(ticks)}}
        fields = _ROW_WITH_TERMS if terms else _ROW
        with database_errors():
            return list(self._headers.find(query, fields, batch_size=_BATCH))


def headers_query(span: Span) -> dict[str, Any]:
    """Return the MongoDB query for the headers of a span."""
    return {
        "symbol": span.symbol,
        "expiry": midnight_utc(span.expiry),
        "fetched_at": {"$gte": span.start, "$lte": span.end},
    }


def aware(instant: datetime) -> datetime:
    """Return a naive datetime of a document as the aware one that it means."""
    return instant.replace(tzinfo=UTC)


def naive(instant: datetime) -> datetime:
    """Return an aware datetime as documents have it: naive, in UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None)
