"""Reads stored snapshots: first a header, then the contracts that it commits."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import exchange_date, midnight_utc
from optionchain.mongo.client import Document, database_errors, find_documents, naive_collection
from optionchain.mongo.documents import ContractDocument, HeaderDocument
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS

_NO_ID: dict[str, bool] = {"_id": False}
# PyMongo asks for 101 documents first; a whole chain in one batch saves a round trip.
_BATCH = 5_000


class SnapshotReader:
    """Reads snapshots; raises StoreUnavailable if MongoDB does not answer.

    With `naive`, the datetimes of contracts are naive, in UTC, and are read a fifth faster: for
    callers that only write them out. The datetimes of headers are always aware.
    """

    def __init__(self, database: Database[Document], *, naive: bool = False) -> None:
        self._database = database
        self._contracts: Collection[Any] = (
            naive_collection(database, CONTRACTS) if naive else database[CONTRACTS]
        )
        self._headers: Collection[Any] = database[SNAPSHOTS]

    def latest_header(
        self, symbol: str, expiry: date | None = None, as_of: datetime | None = None
    ) -> HeaderDocument | None:
        """Return the newest header of a symbol or of one expiry, at or before `as_of` if given."""
        query: dict[str, Any] = {"symbol": symbol}
        if expiry is not None:
            query["expiry"] = midnight_utc(expiry)
        if as_of is not None:
            query["fetched_at"] = {"$lte": as_of}
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(
                query, _NO_ID, sort=[("fetched_at", DESCENDING)]
            )
        return header

    def first_header(self, symbol: str, expiry: date | None = None) -> HeaderDocument | None:
        """Return the oldest header of a symbol or of one expiry."""
        query: dict[str, Any] = {"symbol": symbol}
        if expiry is not None:
            query["expiry"] = midnight_utc(expiry)
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(
                query, _NO_ID, sort=[("fetched_at", ASCENDING)]
            )
        return header

    def newest_headers(self, symbol: str, expiries: Sequence[date]) -> dict[date, HeaderDocument]:
        """Return the newest header of each of these expiries, if it has one, by one query."""
        wanted = {"$in": [midnight_utc(expiry) for expiry in expiries]}
        # Sorted like the index, so that MongoDB skips from the newest header of one expiry to the
        # newest of the next.
        order = {"symbol": ASCENDING, "expiry": ASCENDING, "fetched_at": DESCENDING}
        stages: list[dict[str, Any]] = [
            {"$match": {"symbol": symbol, "expiry": wanted}},
            {"$sort": order},
            {"$group": {"_id": "$expiry", "header": {"$first": "$$ROOT"}}},
            {"$project": {"header._id": False}},
        ]
        with database_errors():
            rows = self._headers.aggregate(stages)
            return {row["_id"].date(): row["header"] for row in rows}

    def nearest_header(
        self, symbol: str, today: date, as_of: datetime | None = None
    ) -> HeaderDocument | None:
        """Return the newest header of the nearest expiry that has not passed by `today`.

        If every recorded expiry has passed, it is the one that was the nearest on the day of the
        symbol's newest header. If `as_of` is given, only headers at or before it count.
        """
        header = self._nearest(symbol, today, as_of)
        if header is None and (last := self.latest_header(symbol, as_of=as_of)):
            header = self._nearest(symbol, _day_of(last), as_of)
        return header

    def _nearest(self, symbol: str, today: date, as_of: datetime | None) -> HeaderDocument | None:
        query: dict[str, Any] = {"symbol": symbol, "expiry": {"$gte": midnight_utc(today)}}
        if as_of is not None:
            query["fetched_at"] = {"$lte": as_of}
        order = [("expiry", ASCENDING), ("fetched_at", DESCENDING)]
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(query, _NO_ID, sort=order)
        return header

    def latest_headers(
        self, symbol: str, today: date, as_of: datetime | None = None
    ) -> list[HeaderDocument]:
        """Return the newest header of each expiry that has not passed by `today`, by expiry date.

        If every recorded expiry has passed, it is of those that had not passed on the day of the
        symbol's newest header. If `as_of` is given, only headers at or before it count.
        """
        expiries = self.expiries(symbol, today)
        found = self._newest(symbol, expiries, as_of)
        if not found and (last := self.latest_header(symbol, as_of=as_of)):
            found = self._newest(symbol, self.expiries(symbol, _day_of(last)), as_of)
        return found

    def _newest(
        self, symbol: str, expiries: Sequence[date], as_of: datetime | None
    ) -> list[HeaderDocument]:
        if as_of is None:
            newest = self.newest_headers(symbol, expiries)
            return [newest[expiry] for expiry in sorted(newest)]
        # One query for each: with a bound on the time, MongoDB does not skip from newest to newest.
        headers = (self.latest_header(symbol, expiry, as_of) for expiry in expiries)
        return [header for header in headers if header]

    def expiries(self, symbol: str, since: date) -> list[date]:
        """Return the recorded expiry dates of a symbol since a date, in order."""
        query = {"symbol": symbol, "expiry": {"$gte": midnight_utc(since)}}
        with database_errors():
            found = self._headers.distinct("expiry", query)
        return sorted(instant.date() for instant in found)

    def contracts(
        self,
        header: HeaderDocument,
        where: Mapping[str, Any] | None = None,
        columns: Sequence[str] | None = None,
    ) -> list[ContractDocument]:
        """Return the documents that a header commits, by strike, the call before the put.

        `where` adds conditions on fields; the caller must have checked its values. `columns` are
        the fields to return, with strike_price and type among them; None means all.
        """
        with database_errors():
            documents = self._find({**(where or {}), **key_of(header)}, columns)
        documents.sort(key=_by_strike)
        return documents

    def contracts_of(
        self,
        headers: Sequence[HeaderDocument],
        where: Mapping[str, Any],
        columns: Sequence[str] | None = None,
    ) -> list[ContractDocument]:
        """Return the documents of several headers, by expiry, strike and side.

        `columns` is as for `contracts`, with expiry among them.
        """
        query = {**where, "$or": [key_of(header) for header in headers]}
        with database_errors():
            documents = self._find(query, columns)
        documents.sort(key=lambda row: (row["expiry"], *_by_strike(row)))
        return documents

    def strikes(self, header: HeaderDocument) -> list[float]:
        """Return the strike prices of a snapshot, in order."""
        with database_errors():
            return sorted(self._contracts.distinct("strike_price", key_of(header)))

    def symbols(self) -> list[str]:
        """Return every symbol that has a snapshot, in order."""
        with database_errors():
            return sorted(self._headers.distinct("symbol"))

    def totals(self) -> list[Document]:
        """Return counts and newest instants of each symbol, over all its headers."""
        group = {
            "_id": "$symbol",
            "calls": {"$sum": "$calls"},
            "puts": {"$sum": "$puts"},
            "snapshots": {"$sum": 1},
            "fetched_at": {"$max": "$fetched_at"},
            "last_seen_at": {"$max": "$last_seen_at"},
        }
        with database_errors():
            rows = self._headers.aggregate([{"$group": group}, {"$sort": {"_id": ASCENDING}}])
            return [{"symbol": row.pop("_id"), **row} for row in rows]

    def size(self) -> dict[str, int]:
        """Return the bytes of the database: `data`, `storage` (compressed), `indexes`."""
        with database_errors():
            answer = self._database.command("dbStats")
        names = {"data": "dataSize", "storage": "storageSize", "indexes": "indexSize"}
        return {name: int(answer[key]) for name, key in names.items()}

    def _find(
        self, query: Mapping[str, Any], columns: Sequence[str] | None = None
    ) -> list[ContractDocument]:
        return find_documents(self._contracts, query, columns, batch_size=_BATCH)


def _day_of(header: HeaderDocument) -> date:
    """Return the day in India of a header's tick, or its expiry if that had passed by then."""
    return min(exchange_date(header["fetched_at"]), header["expiry"].date())


def _by_strike(document: ContractDocument) -> tuple[float, str]:
    return document["strike_price"], document["type"]


def key_of(header: HeaderDocument) -> dict[str, Any]:
    """Return the fields that identify a snapshot, in its header and in its contracts."""
    return {
        "symbol": header["symbol"],
        "expiry": header["expiry"],
        "fetched_at": header["fetched_at"],
    }
