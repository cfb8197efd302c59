"""The last header of each expiry in each quarter of an hour, in few numbers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.header_counts import QUARTER
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.symbol_day import DERIVED, SENT, ExpiryClose, close_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = QUARTER // timedelta(milliseconds=1)
_OF_ANALYTICS = (*DERIVED, "days_to_expiry", "iv_source", "reasons")
_COLUMNS: dict[str, Any] = {
    "_id": False,
    **dict.fromkeys(("symbol", "expiry", "expiry_date", "fetched_at", "source"), True),
    **dict.fromkeys(("exchange_timestamp", "unlisted_since", *SENT), True),
    **{f"analytics.{name}": True for name in _OF_ANALYTICS},
}


class DayCloses:
    """The collection `snapshots`; raises StoreUnavailable if MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        self._headers: Collection[Any] = database[SNAPSHOTS]

    def last_of_quarters(
        self, since: datetime, until: datetime
    ) -> Iterator[tuple[str, ExpiryClose]]:
        """Yield symbol and numbers of each last header in since ≤ t < until."""
        milliseconds = {"$subtract": ["$fetched_at", _EPOCH]}
        quarter = {"$floor": {"$divide": [milliseconds, _MILLISECONDS]}}
        key = {"symbol": "$symbol", "expiry": "$expiry", "quarter": quarter}
        stages: list[dict[str, Any]] = [
            {"$match": {"fetched_at": {"$gte": since, "$lt": until}}},
            {"$sort": {"fetched_at": ASCENDING}},
            {"$project": _COLUMNS},
            {"$group": {"_id": key, "last": {"$last": "$$ROOT"}}},
        ]
        with database_errors():
            for row in self._headers.aggregate(stages):
                yield row["last"]["symbol"], close_of(row["last"])
