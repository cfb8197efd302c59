"""Whether a day has changed in the database: told by little, without reading its contracts.

Contracts of a committed snapshot never change. Headers do: they are confirmed, settled, unlisted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from hashlib import blake2b
from typing import Any

import bson
from pymongo.database import Database

from chain_archive.day_records import DayRecord, records_of
from chain_archive.stored_day import bounds
from optionchain.mongo.client import Document
from optionchain.mongo.day_stops import DayStops
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
    """Return a digest that another one equals unless the day has changed.

    PyMongo's errors pass, or are StoreUnavailable.
    """
    start, end = bounds(day)
    within = {"$gte": start, "$lt": end}
    found = [
        _summed(database, SNAPSHOTS, {"symbol": symbol, "fetched_at": within}, _HEADER_SUMS),
        _summed(database, TICKS, {"symbol": symbol, "tick": within}, _SUMS),
        *sorted(_record_bytes(each) for each in records_of(database, symbol, day)),
        *(bson.encode(asdict(each)) for each in DayStops(database).of_day(symbol, day)),
    ]
    return blake2b(b"".join(found), digest_size=_DIGEST_BYTES).hexdigest()


def header_counts(
    database: Database[Document], symbols: Sequence[str], first: date
) -> Counter[tuple[str, date]]:
    """Return how many headers each day in India has from `first` on; PyMongo's errors pass.

    It is read from the index of symbol and tick alone.
    """
    within = {"symbol": {"$in": list(symbols)}, "fetched_at": {"$gte": bounds(first)[0]}}
    day = {"$dateToString": {"date": "$fetched_at", "format": "%Y-%m-%d", "timezone": "+05:30"}}
    group = {"_id": {"symbol": "$symbol", "day": day}, "headers": {"$sum": 1}}
    rows = database[SNAPSHOTS].aggregate([{"$match": within}, {"$group": group}])
    return Counter(
        {
            (row["_id"]["symbol"], date.fromisoformat(row["_id"]["day"])): row["headers"]
            for row in rows
        }
    )


def _summed(
    database: Database[Document], collection: str, query: Document, sums: Mapping[str, Any]
) -> bytes:
    stages = [{"$match": query}, {"$group": {"_id": None, **sums}}]
    rows = list(database[collection].aggregate(stages))
    return bson.encode({collection: rows})


def _record_bytes(record: DayRecord) -> bytes:
    document = record.document
    if record.collection == LISTINGS:
        document = _without_reading(document)
    return bson.encode({record.collection: document})


def _without_reading(listing: Document) -> Document:
    """Return a listing without the instants at which its list was read: it is read again daily."""
    changed = {name: value for name, value in listing.items() if name != "read_at"}
    if sources := listing.get("by_source"):
        changed["by_source"] = {name: {**each, "read_at": None} for name, each in sources.items()}
    return changed
