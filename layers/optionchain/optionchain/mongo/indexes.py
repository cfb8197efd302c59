"""The indexes of every collection, created once and idempotently."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors

CONTRACTS = "option_chain"
SNAPSHOTS = "snapshots"
TICKS = "ticks"
SHIFTS = "shifts"

_DAY = 86_400
# A header must not outlive its contracts: readers start from headers. MongoDB sweeps once a
# minute and deletes in no set order, so contracts stay an hour longer.
_CONTRACT_GRACE = 3_600


class Index(NamedTuple):
    """One index: its collection, its keys, and whether it is unique or expires documents."""

    collection: str
    keys: Sequence[tuple[str, int]]
    unique: bool = False
    ttl_seconds: int | None = None


def indexes(retention_days: int) -> list[Index]:
    """Return every index for documents kept `retention_days`."""
    keep = retention_days * _DAY
    chain = [("symbol", ASCENDING), ("expiry", ASCENDING)]
    return [
        Index(CONTRACTS, [("identifier", ASCENDING), ("fetched_at", ASCENDING)], unique=True),
        Index(CONTRACTS, [*chain, ("fetched_at", ASCENDING)]),
        Index(CONTRACTS, [("fetched_at", ASCENDING)], ttl_seconds=keep + _CONTRACT_GRACE),
        # Newest first under each expiry: one look-up finds the nearest expiry's latest header.
        Index(SNAPSHOTS, [*chain, ("fetched_at", DESCENDING)], unique=True),
        Index(SNAPSHOTS, [("symbol", ASCENDING), ("fetched_at", DESCENDING)]),
        Index(SNAPSHOTS, [("fetched_at", ASCENDING)], ttl_seconds=keep),
        Index(TICKS, [("symbol", ASCENDING), ("tick", DESCENDING)], unique=True),
        Index(TICKS, [("tick", ASCENDING)], ttl_seconds=keep),
    ]


class Indexes:
    """The indexes of a database; `ensure` costs nothing once it has succeeded."""

    def __init__(self, database: Database[Document], retention_days: int) -> None:
        self._database = database
        self._retention_days = retention_days
        self._ensured = False

    def ensure(self) -> None:
        """Create what is missing and move the TTL to the retention; raise StoreUnavailable."""
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
        # A TTL is changed in place: MongoDB refuses to create it again with another number.
        change = {"name": name, "expireAfterSeconds": index.ttl_seconds}
        database.command("collMod", index.collection, index=change)
