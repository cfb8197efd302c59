"""The days of all symbols, kept in memory until a quarter of an hour or a day was added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from chain_api.calculations.symbol_record import SymbolRecord
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import SYMBOL_DAYS
from optionchain.mongo.symbol_days import SymbolDays

# How often the database is asked whether the recorder has added something.
_LOOKED_EVERY = timedelta(seconds=30)
_NEWEST = 2


@dataclass(frozen=True)
class RecordedDays:
    """The days of each symbol, and of which `version` of the collection they are.

    The version is the end of the newest quarter that is in them, and how many days of symbols there
    are: `make backfill` adds days before that.
    """

    version: tuple[datetime | None, int]
    records: Mapping[str, SymbolRecord]


class SymbolDayReader:
    """The collection `symbol_days`; raises StoreUnavailable. Safe for several threads."""

    def __init__(self, database: Database[Document]) -> None:
        self._days: Collection[Any] = database[SYMBOL_DAYS]
        self._progress = SymbolDays(database)
        self._known: RecordedDays | None = None
        self._looked_at: datetime | None = None
        self._lock = Lock()

    def read(self, now: datetime) -> RecordedDays:
        """Return the days of all symbols: by no read, two, or four."""
        with self._lock:
            known, looked_at = self._known, self._looked_at
            if known and looked_at and timedelta() <= now - looked_at < _LOOKED_EVERY:
                return known
            with database_errors():
                version = self._progress.until(), self._days.estimated_document_count()
            if known is None or version != known.version:
                known = self._known = RecordedDays(version, self._read())
            self._looked_at = now
            return known

    def ivs_before(self, symbol: str, day: date) -> list[float | None]:
        """Return the volatilities of a symbol's days before one, in order: by one small read."""
        wanted = {"symbol": symbol, "day": {"$lt": midnight_utc(day)}}
        order = [("day", ASCENDING), ("iv_30d", ASCENDING)]
        with database_errors():
            # One index has all three fields, so no document is read.
            rows = self._days.find(
                wanted, {"_id": False, "iv_30d": True}, sort=order, batch_size=1_000
            )
            return [row["iv_30d"] for row in rows]

    def _read(self) -> dict[str, SymbolRecord]:
        # One index has all three fields, so no document is read.
        stages: list[dict[str, Any]] = [
            {"$sort": {"symbol": ASCENDING, "day": ASCENDING, "iv_30d": ASCENDING}},
            {
                "$group": {
                    "_id": "$symbol",
                    "ivs": {"$push": "$iv_30d"},
                    "days": {"$push": "$day"},
                }
            },
            {"$project": {"ivs": True, "days": {"$slice": ["$days", -_NEWEST]}}},
        ]
        with database_errors():
            rows = list(self._days.aggregate(stages, batchSize=10_000))
            found = self._documents({row["_id"]: row["days"] for row in rows})
        return {row["_id"]: SymbolRecord(found[row["_id"]], row["ivs"]) for row in rows}

    def _documents(self, wanted: Mapping[str, list[datetime]]) -> dict[str, list[Document]]:
        """Return these days of each symbol, in order."""
        symbols: dict[datetime, list[str]] = {}
        for symbol, days in wanted.items():
            for day in days:
                symbols.setdefault(day, []).append(symbol)
        found: dict[str, list[Document]] = {symbol: [] for symbol in wanted}
        keys = [{"day": day, "symbol": {"$in": names}} for day, names in symbols.items()]
        rows = self._days.find({"$or": keys}, batch_size=10_000) if keys else ()
        for row in sorted(rows, key=lambda row: row["day"]):
            found[row["symbol"]].append(row)
        return found
