"""Reads stored snapshots: first a header, then the contracts that it commits."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.errors import SnapshotIncomplete
from optionchain.exchange_time import ist_text
from optionchain.mongo.client import Document, database_errors, find_documents, naive_collection
from optionchain.mongo.documents import ContractDocument, HeaderDocument
from optionchain.mongo.header_reader import HeaderReader
from optionchain.mongo.indexes import CONTRACTS
from optionchain.mongo.one_of_each import is_sharded, of_each
from optionchain.mongo.stored_snapshot import add_missing_fields
from optionchain.mongo.united_pipelines import Stages
from optionchain.snapshot import Leg

# PyMongo asks for 101 documents first; a whole chain in one batch saves a round trip.
_BATCH = 5_000


class SnapshotReader(HeaderReader):
    """Reads snapshots; raises StoreUnavailable if MongoDB does not answer.

    A snapshot is read whole or not at all: if another number of contracts is stored than its header
    commits, SnapshotIncomplete is raised.

    With `naive`, the datetimes of contracts are naive, in UTC, and are read a fifth faster: for
    callers that only write them out. The datetimes of headers are always aware.
    """

    def __init__(self, database: Database[Document], *, naive: bool = False) -> None:
        super().__init__(database)
        self._database = database
        self._contracts: Collection[Any] = (
            naive_collection(database, CONTRACTS) if naive else database[CONTRACTS]
        )

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
        key = key_of(header)
        with database_errors():
            documents = self._find({**(where or {}), **key}, columns)
            # The index alone tells how many there are, so this reads no document.
            stored = self._contracts.count_documents(key) if where else len(documents)
        check_whole([header], stored)
        documents.sort(key=by_strike)
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
        committed = {"$or": [key_of(header) for header in headers]}
        with database_errors():
            documents = self._find({**where, **committed}, columns)
            stored = self._contracts.count_documents(committed) if where else len(documents)
        check_whole(headers, stored)
        documents.sort(key=lambda row: (row["expiry"], *by_strike(row)))
        return documents

    def strikes(self, header: HeaderDocument) -> list[float]:
        """Return the strike prices of a snapshot, in order."""
        with database_errors():
            documents = self._find(key_of(header), ("strike_price",))
        check_whole([header], len(documents))
        return sorted({document["strike_price"] for document in documents})

    def legs(self, header: HeaderDocument) -> frozenset[Leg]:
        """Return which contracts a header commits."""
        rows = self.contracts(header, columns=("strike_price", "type"))
        return frozenset((row["strike_price"], row["type"]) for row in rows)

    def newest_documents(
        self, identifiers: Sequence[str], columns: Sequence[str]
    ) -> list[ContractDocument]:
        """Return the newest document of each of these contracts that has one.

        It is looked up by index, so it does not matter how many documents they have. A header may
        not commit it: it is evidence that the exchange sent the contract.
        """
        with database_errors():
            if is_sharded(self._contracts):
                stages = self._looked_up(identifiers, columns)
            else:
                stages = _grouped(identifiers, columns)
            return list(self._contracts.aggregate(stages))

    def _looked_up(self, identifiers: Sequence[str], columns: Sequence[str]) -> Stages:
        newest: Stages = [
            {"$sort": {"fetched_at": DESCENDING}},
            {"$limit": 1},
            {"$project": {"_id": False, **dict.fromkeys(columns, True)}},
        ]
        return of_each(self._contracts, "identifier", identifiers, newest)

    def symbols(self) -> list[str]:
        """Return every symbol that has a snapshot, in order."""
        with database_errors():
            return sorted(self._headers.distinct("symbol"))

    def recorded_symbols(self) -> list[str]:
        """Return every symbol that is known to have been recorded at any time, in order."""
        return self.symbols()

    def _find(
        self, query: Mapping[str, Any], columns: Sequence[str] | None = None
    ) -> list[ContractDocument]:
        found = find_documents(self._contracts, query, columns, batch_size=_BATCH)
        add_missing_fields(found, columns)
        return found


def _grouped(identifiers: Sequence[str], columns: Sequence[str]) -> Stages:
    # Sorted like the index, backwards: MongoDB skips from one contract to the next.
    order = {"identifier": DESCENDING, "fetched_at": DESCENDING}
    newest = {name: {"$first": f"${name}"} for name in columns}
    return [
        {"$match": {"identifier": {"$in": list(identifiers)}}},
        {"$sort": order},
        {"$group": {"_id": "$identifier", **newest}},
    ]


def by_strike(document: ContractDocument) -> tuple[float, str]:
    """Return the place of a contract in a snapshot: by strike, the call before the put."""
    return document["strike_price"], document["type"]


def check_whole(headers: Sequence[HeaderDocument], stored: int) -> None:
    """Raise SnapshotIncomplete unless so many contracts are what these headers commit."""
    committed = sum(header["calls"] + header["puts"] for header in headers)
    if stored == committed:
        return
    first = headers[0]
    name = f"{first['symbol']} {first['expiry_date']} of {ist_text(first['fetched_at'])}"
    others = f" and {len(headers) - 1} more" if len(headers) > 1 else ""
    raise SnapshotIncomplete(f"The snapshot {name}{others} has {stored} of {committed} contracts")


def key_of(header: HeaderDocument) -> dict[str, Any]:
    """Return the fields that identify a snapshot, in its header and in its contracts."""
    return {
        "symbol": header["symbol"],
        "expiry": header["expiry"],
        "fetched_at": header["fetched_at"],
    }
