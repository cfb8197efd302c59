"""Whether a day has changed in the database: told by little, without reading its contracts.

Contracts of a committed snapshot never change. Headers do: they are confirmed, settled, unlisted.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

import bson
from pymongo.database import Database

from chain_archive.day_records import DayRecord, records_of
from chain_archive.stored_day import bounds
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import LISTINGS, SNAPSHOTS, TICKS

_DIGEST_BYTES = 16
# The instants of a header that change after it was written.
_CHANGING = ("last_seen_at", "settled_at", "unlisted_since")
# Any other change adds a field or takes one away, which the size tells.
_SUMS: dict[str, Any] = {"documents": {"$sum": 1}, "bytes": {"$sum": {"$bsonSize": "$$ROOT"}}}
_HEADER_SUMS: dict[str, Any] = {
    **_SUMS,
    "contracts": {"$sum": {"$add": ["$calls", "$puts"]}},
    **{name: {"$sum": {"$toLong": f"${name}"}} for name in _CHANGING},
}


def evidence_of(database: Database[Document], symbol: str, day: date) -> str:
    """Return a digest that another one equals unless the day has changed; PyMongo's errors pass."""
    start, end = bounds(day)
    within = {"$gte": start, "$lt": end}
    found = [
        _summed(database, SNAPSHOTS, {"symbol": symbol, "fetched_at": within}, _HEADER_SUMS),
        _summed(database, TICKS, {"symbol": symbol, "tick": within}, _SUMS),
        *sorted(_record_bytes(each, end) for each in records_of(database, symbol, day)),
    ]
    return blake2b(b"".join(found), digest_size=_DIGEST_BYTES).hexdigest()


def _summed(
    database: Database[Document], collection: str, query: Document, sums: Mapping[str, Any]
) -> bytes:
    stages = [{"$match": query}, {"$group": {"_id": None, **sums}}]
    rows = list(database[collection].aggregate(stages))
    return bson.encode({collection: rows})


def _record_bytes(record: DayRecord, end: datetime) -> bytes:
    document = record.document
    if record.collection == LISTINGS:
        document = _as_of(document, end.replace(tzinfo=UTC))
    return bson.encode({record.collection: document})


def _as_of(listing: Document, end: datetime) -> Document:
    """Return a listing as it was when the day ended: its list is read again on later days."""
    changed = {**listing, "read_at": min(listing["read_at"], end)}
    if sources := listing.get("by_source"):
        changed["by_source"] = {
            name: {**each, "read_at": min(each["read_at"], end)} for name, each in sources.items()
        }
    return changed
