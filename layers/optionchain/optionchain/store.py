"""Snapshots in MongoDB: contracts first, then the header that commits them.

Readers start from headers, so a snapshot is seen whole or not at all, without transactions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from optionchain.connection import Document, database_errors
from optionchain.documents import (
    ContractDocument,
    HeaderDocument,
    contract_documents,
    header_document,
    snapshot_of,
)
from optionchain.errors import SnapshotTorn
from optionchain.exchange_time import midnight_utc
from optionchain.indexes import CONTRACTS, SNAPSHOTS
from optionchain.snapshot import Snapshot

_DUPLICATE_KEY = 11_000
_NO_ID = {"_id": False}
# The driver's first batch is 101 documents: a whole chain in one answer saves a round trip.
_BATCH = 5_000


@dataclass(frozen=True)
class Commit:
    """A snapshot to be stored, and what its header says of it."""

    snapshot: Snapshot
    revised: bool = False
    earlier_hashes: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Committed:
    """How many contract documents were written, and how many were there before."""

    inserted: int
    duplicates: int


class SnapshotStore:
    """Reads and writes snapshots; raises StoreUnavailable where MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._contracts: Collection[Any] = database[CONTRACTS]
        self._headers: Collection[Any] = database[SNAPSHOTS]

    # ── writing ──────────────────────────────────────────────────────────────────────────────

    def commit(self, commits: Sequence[Commit]) -> Committed:
        """Write every contract of all snapshots in one unordered bulk, then their headers.

        A document that is already there is counted, not raised. Raises SnapshotTorn where those
        are of another attempt with other numbers: then nothing is committed.
        """
        documents: list[Any] = [
            document for commit in commits for document in contract_documents(commit.snapshot)
        ]
        headers = [
            header_document(
                commit.snapshot, revised=commit.revised, earlier_hashes=commit.earlier_hashes
            )
            for commit in commits
        ]
        with database_errors():
            committed = _insert(self._contracts, documents)
            if committed.duplicates:
                self._check(headers, documents, self._stored_hash)
            if _insert(self._headers, headers).duplicates:
                self._check(headers, documents, self._committed_hash)
        return committed

    def confirm(self, header: HeaderDocument, seen_at: datetime) -> None:
        """Note that the source still answered this snapshot at the tick `seen_at`."""
        with database_errors():
            self._headers.update_one(_key(header), {"$max": {"last_seen_at": seen_at}})

    def _check(
        self,
        headers: Sequence[HeaderDocument],
        documents: Sequence[Any],
        hash_of: Callable[[HeaderDocument], str],
    ) -> None:
        for header in headers:
            if hash_of(header) != header["content_hash"]:
                # Ours go again: what stood under the tick before may be committed.
                ours = [document["_id"] for document in documents]
                self._contracts.delete_many({**_key(header), "_id": {"$in": ours}})
                raise SnapshotTorn(
                    f"{header['symbol']} {header['expiry_date']} {header['fetched_at']}: "
                    "contracts of another attempt stand under this tick"
                )

    def _stored_hash(self, header: HeaderDocument) -> str:
        return snapshot_of(header, self._find(header)).content_hash

    def _committed_hash(self, header: HeaderDocument) -> str:
        found = self._headers.find_one(_key(header), {"content_hash": True}) or {}
        return str(found.get("content_hash"))

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def latest_header(
        self, symbol: str, expiry: date | None = None, as_of: datetime | None = None
    ) -> HeaderDocument | None:
        """Return the newest header of a symbol, of one expiry if given, at or before `as_of`."""
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

    def newest_headers(self, symbol: str, expiries: Sequence[date]) -> dict[date, HeaderDocument]:
        """Return the newest header of each of these expiries that has one, in one look-up."""
        wanted = {"$in": [midnight_utc(expiry) for expiry in expiries]}
        # Sorted as the index is, so that MongoDB skips from one expiry's newest to the next's.
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

    def nearest_header(self, symbol: str, today: date) -> HeaderDocument | None:
        """Return the newest header of the nearest expiry that has not passed by `today`.

        Where every recorded expiry has passed, the symbol's newest header.
        """
        query = {"symbol": symbol, "expiry": {"$gte": midnight_utc(today)}}
        order = [("expiry", ASCENDING), ("fetched_at", DESCENDING)]
        with database_errors():
            header: HeaderDocument | None = self._headers.find_one(query, _NO_ID, sort=order)
        return header or self.latest_header(symbol)

    def latest_headers(self, symbol: str, today: date) -> list[HeaderDocument]:
        """Return the newest header of each expiry not passed by `today`, by expiry date.

        Where every recorded expiry has passed, those of the day of the newest header.
        """
        expiries = self.expiries(symbol, today)
        if not expiries and (last := self.latest_header(symbol)):
            expiries = self.expiries(symbol, last["expiry"].date())
        newest = self.newest_headers(symbol, expiries)
        return [newest[expiry] for expiry in sorted(newest)]

    def expiries(self, symbol: str, since: date) -> list[date]:
        """Return the recorded expiry dates of a symbol from `since` on, in order."""
        query = {"symbol": symbol, "expiry": {"$gte": midnight_utc(since)}}
        with database_errors():
            found = self._headers.distinct("expiry", query)
        return sorted(instant.date() for instant in found)

    def contracts(
        self, header: HeaderDocument, where: Mapping[str, Any] | None = None
    ) -> list[ContractDocument]:
        """Return the documents that a header commits, by strike, the call before the put.

        `where` adds conditions on their fields; its values must be typed and checked before.
        """
        with database_errors():
            documents = self._find(header, where)
        documents.sort(key=lambda document: (document["strike_price"], document["type"]))
        return documents

    def contracts_of(
        self, headers: Sequence[HeaderDocument], where: Mapping[str, Any]
    ) -> list[ContractDocument]:
        """Return the documents of several headers, by expiry, strike and side."""
        query = {**where, "$or": [_key(header) for header in headers]}
        with database_errors():
            documents = list(self._contracts.find(query, _NO_ID, batch_size=_BATCH))
        documents.sort(key=lambda row: (row["expiry"], row["strike_price"], row["type"]))
        return documents

    def strikes(self, header: HeaderDocument) -> list[float]:
        """Return the strike prices of a snapshot, in order."""
        with database_errors():
            return sorted(self._contracts.distinct("strike_price", _key(header)))

    def symbols(self) -> list[str]:
        """Return every symbol that has a snapshot, in order."""
        with database_errors():
            return sorted(self._headers.distinct("symbol"))

    def totals(self) -> list[Document]:
        """Return `{symbol, calls, puts, snapshots, fetched_at}` a symbol, over all its headers."""
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
        self, header: HeaderDocument, where: Mapping[str, Any] | None = None
    ) -> list[ContractDocument]:
        query = {**(where or {}), **_key(header)}
        return list(self._contracts.find(query, _NO_ID, batch_size=_BATCH))


def _key(header: HeaderDocument) -> dict[str, Any]:
    return {
        "symbol": header["symbol"],
        "expiry": header["expiry"],
        "fetched_at": header["fetched_at"],
    }


def _insert(collection: Collection[Any], documents: Sequence[Any]) -> Committed:
    try:
        collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        errors = error.details["writeErrors"]
        if error.details.get("writeConcernErrors") or any(
            row["code"] != _DUPLICATE_KEY for row in errors
        ):
            raise
        return Committed(inserted=error.details["nInserted"], duplicates=len(errors))
    return Committed(inserted=len(documents), duplicates=0)
