"""The days of a symbol of which there are snapshots."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import IST, exchange_date
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.documents import source_of
from optionchain.mongo.indexes import SNAPSHOTS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
# How much the clocks of India are ahead of UTC.
_AHEAD = timedelta(hours=5, minutes=30)
# A year of days in one batch.
_BATCH = 1_000


class RecordedDay(NamedTuple):
    """A day in India: how many snapshots it has, and of its last one whether it is settled.

    `first` and `last` are ticks, `source` is where the last one came from. They and `settled` are
    None of a day of the archive, because only its files tell them. With several sources `source` of
    such a day is None.
    """

    day: date
    snapshots: int
    first: datetime | None
    last: datetime | None
    settled: bool | None
    source: str | None
    archived: bool


class RecordedDayReader:
    """Reads the days that the database has; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._headers: Collection[Any] = database[SNAPSHOTS]

    def within(self, symbol: str, first: date, last: date) -> dict[date, RecordedDay]:
        """Return the days in first ≤ day ≤ last, in order: by two reads, however many they are."""
        ticks = {"$gte": _begin(first), "$lt": _end(last)}
        group = {
            "_id": _DAY_NUMBER,
            "snapshots": {"$sum": 1},
            "first": {"$min": "$fetched_at"},
            "last": {"$max": "$fetched_at"},
        }
        # An index has both fields, so that no header is read.
        stages: list[dict[str, Any]] = [
            {"$match": {"symbol": symbol, "fetched_at": ticks}},
            {"$group": group},
        ]
        with database_errors():
            rows = list(self._headers.aggregate(stages, batchSize=_BATCH))
        newest = self._newest(symbol, [row["last"] for row in rows])
        days = (_day_of(row, newest) for row in rows)
        return {each.day: each for each in sorted(days)}

    def before(self, symbol: str, day: date) -> date | None:
        """Return the last day before a day."""
        return self._nearest(symbol, {"$lt": _begin(day)}, DESCENDING)

    def after(self, symbol: str, day: date) -> date | None:
        """Return the first day after a day."""
        return self._nearest(symbol, {"$gte": _end(day)}, ASCENDING)

    def _nearest(self, symbol: str, ticks: Mapping[str, datetime], order: int) -> date | None:
        query, columns = {"symbol": symbol, "fetched_at": ticks}, {"_id": False, "fetched_at": True}
        with database_errors():
            found = self._headers.find_one(query, columns, sort=[("fetched_at", order)])
        return exchange_date(found["fetched_at"]) if found else None

    def _newest(self, symbol: str, ticks: list[datetime]) -> dict[datetime, Document]:
        """Return a header of each of these ticks, of several expiries one that is settled."""
        if not ticks:
            return {}
        query = {"symbol": symbol, "fetched_at": {"$in": ticks}}
        columns = {"_id": False, "fetched_at": True, "source": True, "settled": True}
        with database_errors():
            rows = list(self._headers.find(query, columns, batch_size=_BATCH))
        rows.sort(key=lambda row: row.get("settled", False))
        return {row["fetched_at"]: row for row in rows}


def _begin(day: date) -> datetime:
    """Return the instant at which a day begins in India; before year 1 there is none in UTC."""
    return datetime.combine(max(day, date.min + _DAY), time.min, IST)


def _end(day: date) -> datetime:
    return _begin(min(day, date.max - _DAY) + _DAY)


# Days since 1970, by the clock of India.
_SINCE = {"$add": [{"$subtract": ["$fetched_at", _EPOCH]}, _AHEAD // _MILLISECOND]}
_DAY_NUMBER = {"$floor": {"$divide": [_SINCE, _DAY // _MILLISECOND]}}


def _day_of(row: Document, newest: Mapping[datetime, Document]) -> RecordedDay:
    header = newest.get(row["last"], {})
    return RecordedDay(
        _EPOCH.date() + int(row["_id"]) * _DAY,
        row["snapshots"],
        row["first"],
        row["last"],
        header.get("settled", False),
        source_of(header),
        archived=False,
    )
