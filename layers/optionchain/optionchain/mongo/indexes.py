"""The indexes of every collection."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors

CONTRACTS = "option_chain"
SNAPSHOTS = "snapshots"
HEADER_COUNTS = "header_counts"
TICKS = "ticks"
SHIFTS = "shifts"
DUTIES = "duties"
LISTINGS = "listings"

_DAY = 86_400
# Readers start from headers, so a header must not outlive its contracts. MongoDB deletes expired
# documents once a minute in no fixed order, so contracts are kept an hour longer.
_CONTRACT_GRACE = 3_600
# The shift before the first tick that is kept says at which interval that tick was due.
_DUTY_GRACE = _DAY
# A list is read again at least once a day on which something is recorded. So a list that was last
# read this long before a header is older than any break of the market: it is of no use to it.
_LISTING_GRACE = 15 * _DAY


class Index(NamedTuple):
    """One index; with `ttl_seconds` MongoDB deletes documents of this age."""

    collection: str
    keys: Sequence[tuple[str, int]]
    unique: bool = False
    ttl_seconds: int | None = None


def indexes(retention_days: int) -> list[Index]:
    """Return every index, for documents that are kept for `retention_days`."""
    keep = retention_days * _DAY
    chain = [("symbol", ASCENDING), ("expiry", ASCENDING)]
    return [
        Index(CONTRACTS, [("identifier", ASCENDING), ("fetched_at", ASCENDING)], unique=True),
        Index(CONTRACTS, [*chain, ("fetched_at", ASCENDING)]),
        Index(CONTRACTS, [("fetched_at", ASCENDING)], ttl_seconds=keep + _CONTRACT_GRACE),
        # Newest first under each expiry: one look-up finds the newest header of the nearest expiry.
        Index(SNAPSHOTS, [*chain, ("fetched_at", DESCENDING)], unique=True),
        Index(SNAPSHOTS, [("symbol", ASCENDING), ("fetched_at", DESCENDING)]),
        Index(SNAPSHOTS, [("fetched_at", ASCENDING)], ttl_seconds=keep),
        Index(
            HEADER_COUNTS, [("start", ASCENDING)], unique=True, ttl_seconds=keep + _CONTRACT_GRACE
        ),
        Index(TICKS, [("symbol", ASCENDING), ("tick", DESCENDING)], unique=True),
        Index(TICKS, [("tick", ASCENDING)], ttl_seconds=keep),
        Index(DUTIES, [("symbols", ASCENDING), ("since", DESCENDING)]),
        Index(DUTIES, [("since", ASCENDING)], ttl_seconds=keep + _DUTY_GRACE),
        Index(LISTINGS, [("symbol", ASCENDING), ("since", DESCENDING)], unique=True),
        Index(LISTINGS, [("read_at", ASCENDING)], ttl_seconds=keep + _LISTING_GRACE),
    ]


class Indexes:
    """The indexes of a database; once `ensure` has succeeded, it does nothing."""

    def __init__(self, database: Database[Document], retention_days: int) -> None:
        self._database = database
        self._retention_days = retention_days
        self._ensured = False

    def ensure(self) -> None:
        """Create missing indexes and update the TTL ones; raise StoreUnavailable."""
        if self._ensured:
            return
        with database_errors():
            for index in indexes(self._retention_days):
                _ensure(self._database, index)
        self._ensured = True


def _ensure(database: Database[Document], index: Index) -> None:
    collection = database[index.collection]
    options: dict[str, Any] = {"unique": True} if index.unique else {}
    if index.ttl_seconds is None:
        collection.create_indexes([IndexModel(index.keys, **options)])
        return
    options["expireAfterSeconds"] = index.ttl_seconds
    model = IndexModel(index.keys, **options)
    name = model.document["name"]
    existing = collection.index_information().get(name)
    if existing is None:
        collection.create_indexes([model])
    elif existing.get("expireAfterSeconds") != index.ttl_seconds:
        # MongoDB refuses to create an existing index with another TTL, so it is changed in place.
        change = {"name": name, "expireAfterSeconds": index.ttl_seconds}
        database.command("collMod", index.collection, index=change)
