"""The newest documents of each of many symbols, by one or two queries."""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection

from optionchain.mongo.client import Document, database_errors

_BATCH = 5_000


def newest_having(
    documents: Collection[Any], instant: str, symbols: Sequence[str], columns: Sequence[str]
) -> dict[str, Document]:
    """Return these columns of the newest document of each symbol that has the first of them.

    The collection has an index of symbol and `instant`. The newest documents of all symbols are
    read first; the others are searched only for symbols whose newest one lacks that field.
    """
    field, wanted = columns[0], {f"newest.{name}": True for name in columns}
    stages = [*_by_symbol(instant, symbols), {"$project": wanted}]
    with database_errors():
        rows = documents.aggregate(stages, batchSize=_BATCH)
        newest = {row["_id"]: row.get("newest", {}) for row in rows}
    found = {symbol: row for symbol, row in newest.items() if field in row}
    if lacking := [symbol for symbol in newest if symbol not in found]:
        earlier = newest_of_each(documents, instant, lacking, {field: {"$exists": True}}, 1)
        found |= {
            symbol: {name: row[name] for name in columns if name in row}
            for symbol, rows in earlier.items()
            for row in rows
        }
    return found


def newest_of_each(
    documents: Collection[Any],
    instant: str,
    symbols: Sequence[str],
    where: Document,
    most: int,
) -> dict[str, list[Document]]:
    """Return the newest documents of each symbol that match, at most so many, without `_id`."""
    of_symbol = {
        "from": documents.name,
        "localField": "_id",
        "foreignField": "symbol",
        "pipeline": [
            {"$match": where},
            {"$sort": {instant: DESCENDING}},
            {"$limit": most},
            {"$project": {"_id": False}},
        ],
        "as": "found",
    }
    stages = [*_by_symbol(instant, symbols), {"$project": {"_id": True}}, {"$lookup": of_symbol}]
    with database_errors():
        rows = documents.aggregate(stages, batchSize=_BATCH)
        return {row["_id"]: row["found"] for row in rows}


def _by_symbol(instant: str, symbols: Sequence[str]) -> list[Document]:
    """Return the stages that find the newest document of each symbol: they skip by the index."""
    return [
        {"$match": {"symbol": {"$in": list(symbols)}}},
        {"$sort": {"symbol": ASCENDING, instant: DESCENDING}},
        {"$group": {"_id": "$symbol", "newest": {"$first": "$$ROOT"}}},
    ]
