"""How many snapshots and contracts are stored: sums over quarters of an hour that have closed.

Nothing is added to a closed quarter, and the recorder writes its sums once: they are never a guess,
and need no repair. A crash leaves a quarter without sums, and it is added up later.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.documents import NSE
from optionchain.mongo.indexes import HEADER_COUNTS, SNAPSHOTS

QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = QUARTER // timedelta(milliseconds=1)
# A shift writes a tick's snapshots within two minutes; the rest is for clocks that disagree.
_CLOSED_AFTER = timedelta(minutes=5)
# The longest time whose headers are added up at once, because an operation must end in time.
AT_ONCE = timedelta(days=1)
_DUPLICATE_KEY = 11_000
_BY_TICK = ("fetched_at", ASCENDING)
_COUNTED: dict[str, Any] = {"symbol": "$symbol", "source": {"$ifNull": ["$source", NSE]}}
_SUMS: dict[str, Any] = {
    "snapshots": {"$sum": 1},
    "calls": {"$sum": "$calls"},
    "puts": {"$sum": "$puts"},
}


class SymbolCount(NamedTuple):
    """How much of a symbol is stored of one source: snapshots, and contracts of each side."""

    symbol: str
    snapshots: int
    calls: int
    puts: int
    source: str = NSE

    def plus(self, other: "SymbolCount") -> "SymbolCount":
        """Return the sum of two counts of the same symbol and source."""
        return self._replace(
            snapshots=self.snapshots + other.snapshots,
            calls=self.calls + other.calls,
            puts=self.puts + other.puts,
        )


type QuarterCounts = dict[datetime, list[SymbolCount]]


def quarter_of(instant: datetime) -> datetime:
    """Return the beginning of the quarter that an instant is in."""
    return instant - (instant - _EPOCH) % QUARTER


def closed_until(now: datetime) -> datetime:
    """Return the end of the newest quarter to which nothing is added any more."""
    return quarter_of(now - _CLOSED_AFTER)


class HeaderCounts:
    """The collection `header_counts`, a document for each quarter with headers.

    Raises StoreUnavailable if MongoDB does not answer.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._counts: Collection[Any] = database[HEADER_COUNTS]
        self._headers: Collection[Any] = database[SNAPSHOTS]

    def write(self, now: datetime) -> None:
        """Add up the headers of the quarters that have closed since the last call."""
        until = closed_until(now)
        since = self._next_start()
        first = self.first_tick(since) if since is None or since < until else None
        if first is None or (begin := quarter_of(first)) >= until:
            return
        counted = self.count(begin, min(until, begin + AT_ONCE))
        # In order, so that after a crash no quarter before the newest one is missing.
        documents = [
            {"start": start, "symbols": [row._asdict() for row in counted[start]]}
            for start in sorted(counted)
        ]
        with database_errors():
            try:
                self._counts.insert_many(documents)
            except BulkWriteError as error:  # another recorder has written the same
                if any(row["code"] != _DUPLICATE_KEY for row in error.details["writeErrors"]):
                    raise

    def read(self) -> QuarterCounts:
        """Return the written quarters: up to the newest one, all that have headers."""
        with database_errors():
            rows = list(self._counts.find({}, {"_id": False}, batch_size=10_000))
        return {row["start"]: [SymbolCount(**each) for each in row["symbols"]] for row in rows}

    def first_tick(self, since: datetime | None = None) -> datetime | None:
        """Return the tick of the oldest header, at or after `since` if given."""
        query = {"fetched_at": {"$gte": since}} if since else {}
        with database_errors():
            found = self._headers.find_one(query, {"fetched_at": True}, sort=[_BY_TICK])
        return found["fetched_at"] if found else None

    def count(self, since: datetime, until: datetime) -> QuarterCounts:
        """Add up the headers in since ≤ t < until by quarter."""
        milliseconds = {"$subtract": ["$fetched_at", _EPOCH]}
        start = {"$subtract": ["$fetched_at", {"$mod": [milliseconds, _MILLISECONDS]}]}
        within = {"fetched_at": {"$gte": since, "$lt": until}}
        group = {"_id": {**_COUNTED, "start": start}, **_SUMS}
        counted: QuarterCounts = {}
        for row in self._grouped(within, group):
            key = row.pop("_id")
            counted.setdefault(key.pop("start"), []).append(SymbolCount(**key, **row))
        return counted

    def count_outside(self, since: datetime, until: datetime) -> list[SymbolCount]:
        """Add up the headers in t < since and in t ≥ until."""
        outside = [{"fetched_at": {"$lt": since}}, {"fetched_at": {"$gte": until}}]
        rows = self._grouped({"$or": outside}, {"_id": _COUNTED, **_SUMS})
        return [SymbolCount(**row.pop("_id"), **row) for row in rows]

    def number_of_headers(self) -> int:
        """Return MongoDB's own count of the headers, which costs no look at them."""
        with database_errors():
            return self._headers.estimated_document_count()

    def _grouped(self, match: Document, group: Document) -> list[Document]:
        with database_errors():
            return list(self._headers.aggregate([{"$match": match}, {"$group": group}]))

    def _next_start(self) -> datetime | None:
        with database_errors():
            newest = self._counts.find_one({}, {"start": True}, sort=[("start", DESCENDING)])
        return newest["start"] + QUARTER if newest else None
