"""What the exchange lists of each symbol, dated: its expiries since when.

A document holds from its `since` until that of the symbol's next one, so a reader finds what was
listed at any moment that is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import exchange_date, midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import LISTINGS, SNAPSHOTS

# More symbols than an exchange has: one batch saves a round trip.
_BATCH = 5_000


class SourceList(NamedTuple):
    """What one of several sources lists of a symbol; as in Listing."""

    expiries: tuple[date, ...]
    read_at: datetime
    unlisted: tuple[date, ...] = ()


class Listing(NamedTuple):
    """The expiries of a symbol, in order of date.

    `since` is the tick for which the exchange was first found to list them, `read_at` the tick for
    which its list was last read. `unlisted` are those that the list last read does not have
    although the exchange still sends their contracts. A recorder of several sources keeps the list
    of each in `by_source`; then `expiries` are those that any of them lists.
    """

    symbol: str
    expiries: tuple[date, ...]
    since: datetime
    read_at: datetime
    unlisted: tuple[date, ...] = ()
    by_source: Mapping[str, SourceList] = {}

    def current(self, today: date) -> list[date]:
        """Return the expiries that have not passed by `today`."""
        return [day for day in self.expiries if day >= today]


class ListingRegister:
    """The collection `listings`, one document per symbol and change.

    Raises StoreUnavailable if MongoDB does not answer.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._listings: Collection[Any] = database[LISTINGS]
        self._headers: Collection[Any] = database[SNAPSHOTS]

    def at(self, symbol: str, moment: datetime | None) -> Listing | None:
        """Return what was listed at a moment, or is listed now (None), if that is known."""
        query: dict[str, Any] = {"symbol": symbol}
        if moment is not None:
            query["since"] = {"$lte": moment}
        with database_errors():
            document = self._listings.find_one(query, sort=[("since", DESCENDING)])
        return listing_of(document) if document else None

    def history(self, symbol: str) -> list[Listing]:
        """Return all listings of a symbol that are kept, by `since`."""
        with database_errors():
            found = self._listings.find({"symbol": symbol}, sort=[("since", ASCENDING)])
            return [listing_of(document) for document in found]

    def newest(self, symbols: Sequence[str] | None = None) -> dict[str, Listing]:
        """Return what is listed now, of these symbols or of all that are known."""
        stages: list[dict[str, Any]] = [
            {"$sort": {"symbol": ASCENDING, "since": DESCENDING}},
            {"$group": {"_id": "$symbol", "newest": {"$first": "$$ROOT"}}},
        ]
        if symbols is not None:
            stages.insert(0, {"$match": {"symbol": {"$in": list(symbols)}}})
        with database_errors():
            rows = self._listings.aggregate(stages, batchSize=_BATCH)
            return {row["_id"]: listing_of(row["newest"]) for row in rows}

    def write(self, listing: Listing) -> None:
        """Store a listing; one of the same symbol and `since` is replaced.

        The newest header of each expiry that is withdrawn gets `unlisted_since`, so that readers
        of a header need the listing only where it matters. The mark comes first: a header that is
        marked in vain costs a read, and one that lacks its mark would be taken for listed.
        """
        before = self.at(listing.symbol, None)
        if before is not None:
            current = before.current(exchange_date(listing.since))
            self._mark(listing, set(current) - set(listing.expiries))
        key = {"symbol": listing.symbol, "since": listing.since}
        document = {
            **key,
            "expiries": _instants(listing.expiries),
            "read_at": listing.read_at,
            "unlisted": _instants(listing.unlisted),
        }
        if listing.by_source:
            document["by_source"] = {
                name: {
                    "expiries": _instants(each.expiries),
                    "read_at": each.read_at,
                    "unlisted": _instants(each.unlisted),
                }
                for name, each in listing.by_source.items()
            }
        with database_errors():
            self._listings.replace_one(key, document, upsert=True)

    def _mark(self, listing: Listing, withdrawn: Iterable[date]) -> None:
        mark = {"$set": {"unlisted_since": listing.since}}
        for day in withdrawn:
            header = {"symbol": listing.symbol, "expiry": midnight_utc(day)}
            with database_errors():
                self._headers.find_one_and_update(header, mark, sort=[("fetched_at", DESCENDING)])


def listing_of(document: Document) -> Listing:
    """Return the listing of a document."""
    return Listing(
        document["symbol"],
        _dates(document["expiries"]),
        document["since"],
        document["read_at"],
        _dates(document["unlisted"]),
        {
            name: SourceList(_dates(each["expiries"]), each["read_at"], _dates(each["unlisted"]))
            for name, each in document.get("by_source", {}).items()
        },
    )


def _instants(days: Iterable[date]) -> list[datetime]:
    return [midnight_utc(day) for day in days]


def _dates(instants: Iterable[datetime]) -> tuple[date, ...]:
    return tuple([instant.date() for instant in instants])
