"""Snapshots in MongoDB, written: contracts first, then the header that commits them.

Readers start from headers, so a snapshot is seen whole or not at all, without transactions.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from optionchain.errors import SnapshotTorn
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.documents import (
    ContractDocument,
    HeaderDocument,
    contract_documents,
    header_document,
    snapshot_of,
)
from optionchain.mongo.snapshot_reader import SnapshotReader, key_of
from optionchain.snapshot import Snapshot

if TYPE_CHECKING:
    from optionchain.analytics import AnalyticsDocument

_DUPLICATE_KEY = 11_000
# Two bulks under way at once: while the server writes one, the next is built and encoded, and
# headers derived. One expiry with nothing to derive is a single bulk, and takes no thread.
_WRITERS = 2
_BULK = 700


@dataclass(frozen=True)
class Commit:
    """A snapshot to be stored, and what its header says of it.

    `derive` makes the header's analytics, while the contracts are being written.
    """

    snapshot: Snapshot
    revised: bool = False
    earlier_hashes: Sequence[str] = field(default=())
    derive: "Callable[[Snapshot], AnalyticsDocument] | None" = None


@dataclass(frozen=True)
class CommitResult:
    """How many contract documents were written, and how many were there before."""

    inserted: int
    duplicates: int


class SnapshotWriter(SnapshotReader):
    """Reads and writes snapshots; raises StoreUnavailable where MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        super().__init__(database)
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="write")

    def commit(self, commits: Sequence[Commit]) -> CommitResult:
        """Write every contract of all snapshots in unordered bulks, then their headers.

        A document that is already there is counted, not raised. Raises SnapshotTorn where those
        are of another attempt with other numbers: then nothing is committed.
        """
        bulks: list[list[ContractDocument]] = []
        with database_errors():
            legs = sum(len(commit.snapshot.quotes) for commit in commits)
            busy = legs > _BULK or any(commit.derive for commit in commits)
            each = self._writers.map if busy else map
            writes = each(partial(_insert, self._contracts), _bulks(commits, bulks))
            headers = [_header(commit) for commit in commits]  # while the contracts are written
            committed = _sum(writes)
            documents = [document for bulk in bulks for document in bulk]
            if committed.duplicates:
                self._check(headers, documents, self._stored_hash)
            if _insert(self._headers, headers).duplicates:
                self._check(headers, documents, self._committed_hash)
        return committed

    def confirm(self, header: HeaderDocument, seen_at: datetime) -> None:
        """Note that the source still answered this snapshot at the tick `seen_at`."""
        with database_errors():
            self._headers.update_one(key_of(header), {"$max": {"last_seen_at": seen_at}})

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
                self._contracts.delete_many({**key_of(header), "_id": {"$in": ours}})
                raise SnapshotTorn(
                    f"{header['symbol']} {header['expiry_date']} {header['fetched_at']}: "
                    "contracts of another attempt stand under this tick"
                )

    def _stored_hash(self, header: HeaderDocument) -> str:
        return snapshot_of(header, self._find(key_of(header))).content_hash

    def _committed_hash(self, header: HeaderDocument) -> str:
        found = self._headers.find_one(key_of(header), {"content_hash": True}) or {}
        return str(found.get("content_hash"))


def _bulks(
    commits: Sequence[Commit], made: list[list[ContractDocument]]
) -> Iterator[list[ContractDocument]]:
    """Yield the documents in bulks of some hundreds, and note them in `made`."""
    bulk: list[ContractDocument] = []
    for number, commit in enumerate(commits, start=1):
        bulk += contract_documents(commit.snapshot)
        if len(bulk) >= _BULK or number == len(commits):
            made.append(bulk)
            yield bulk
            bulk = []


def _header(commit: Commit) -> HeaderDocument:
    return header_document(
        commit.snapshot,
        revised=commit.revised,
        earlier_hashes=commit.earlier_hashes,
        analytics=commit.derive(commit.snapshot) if commit.derive else None,
    )


def _sum(writes: Iterator[CommitResult]) -> CommitResult:
    each = list(writes)
    return CommitResult(
        inserted=sum(write.inserted for write in each),
        duplicates=sum(write.duplicates for write in each),
    )


def _insert(collection: Collection[Any], documents: Sequence[Any]) -> CommitResult:
    try:
        collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        errors = error.details["writeErrors"]
        if error.details.get("writeConcernErrors") or any(
            row["code"] != _DUPLICATE_KEY for row in errors
        ):
            raise
        return CommitResult(inserted=error.details["nInserted"], duplicates=len(errors))
    return CommitResult(inserted=len(documents), duplicates=0)
