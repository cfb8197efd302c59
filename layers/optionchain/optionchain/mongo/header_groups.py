"""The newest headers of many symbols at once, however many there are."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import batched
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.documents import HeaderDocument

# Small clusters of Atlas take 50 stages in a pipeline, and each branch is one.
_BRANCHES = 40
# More than an exchange lists: one batch saves round trips.
_BATCH = 5_000
_ALWAYS = ("symbol", "expiry")

type Stage = dict[str, Any]


def newest_of_dates(
    headers: Collection[Any],
    symbols: Mapping[date, Sequence[str]],
    columns: Sequence[str] | None = None,
) -> Iterator[HeaderDocument]:
    """Yield the newest header of each expiry that has one; `symbols` are by expiry date.

    It is one query for all symbols that share their expiry dates, as those of an exchange do.
    `columns` are the fields to return beside symbol and expiry; None means all.
    """
    for some in batched(symbols.items(), _BRANCHES, strict=False):
        first, *others = (_branch(expiry, names, columns) for expiry, names in some)
        united = ({"$unionWith": {"coll": headers.name, "pipeline": each}} for each in others)
        yield from headers.aggregate([*first, *united], batchSize=_BATCH)


def _branch(expiry: date, symbols: Sequence[str], columns: Sequence[str] | None) -> list[Stage]:
    """Return the stages that find the newest header of one expiry date of each of the symbols."""
    wanted = {"$in": list(symbols)}
    # Sorted like the index, so that MongoDB skips from the newest header of one symbol to the
    # newest of the next.
    order = {"symbol": ASCENDING, "expiry": ASCENDING, "fetched_at": DESCENDING}
    return [
        {"$match": {"symbol": wanted, "expiry": midnight_utc(expiry)}},
        {"$sort": order},
        {"$group": {"_id": "$symbol", "header": {"$first": "$$ROOT"}}},
        {"$replaceRoot": {"newRoot": "$header"}},
        {"$project": {"_id": False} | dict.fromkeys((*_ALWAYS, *columns) if columns else (), True)},
    ]
