"""Writes snapshots to MongoDB: contracts first, then the header that commits them.

Readers start from headers, so they see a snapshot whole or not at all, without transactions.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from optionchain.errors import SnapshotTorn, StoreUnavailable
from optionchain.exchange_time import ist_text
from optionchain.mongo.bulk_writes import insert_groups
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.documents import HeaderDocument, contract_documents, header_document
from optionchain.mongo.snapshot_reader import SnapshotReader, key_of
from optionchain.mongo.stored_snapshot import snapshot_of
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts

if TYPE_CHECKING:  # importing analytics would load the option model as well
    from optionchain.analytics.document import AnalyticsDocument

# Several threads may commit at once; this many write contracts at the same time.
_WRITERS = 2


class Derive(Protocol):
    """How the analytics of a snapshot are derived."""

    def __call__(self, snapshot: Snapshot, /, *, facts: SnapshotFacts) -> "AnalyticsDocument":
        """Return the analytics; raise nothing."""


@dataclass(frozen=True)
class Commit:
    """A snapshot to be stored, and what its header says about it.

    `legs_missing` and `settled` are as in the header. `facts` are what the record knows of it.
    `derive` returns the analytics for the header.
    """

    snapshot: Snapshot
    revised: bool = False
    earlier_hashes: Sequence[str] = field(default=())
    legs_missing: int | None = None
    settled: bool = False
    facts: SnapshotFacts = NOTHING_KNOWN
    derive: "Derive | None" = None


@dataclass(frozen=True)
class CommitResult:
    """How many contract documents were inserted, and how many existed before."""

    inserted: int
    duplicates: int


type Committed = CommitResult | SnapshotTorn | StoreUnavailable


class Confirmation(NamedTuple):
    """That a source still sent the snapshot of a header at the tick `seen_at`.

    With `settled`, it is the final chain of its day from this tick on, unless the header says that
    it was before.
    """

    header: HeaderDocument
    seen_at: datetime
    settled: bool = False

    def update(self) -> UpdateOne:
        """Return what is to be written."""
        change: Document = {"$max": {"last_seen_at": self.seen_at}}
        if self.settled and not self.header.get("settled"):
            change |= {"$set": {"settled": True}, "$min": {"settled_at": self.seen_at}}
        return UpdateOne(key_of(self.header), change)


class SnapshotWriter(SnapshotReader):
    """Reads and writes snapshots; raises StoreUnavailable if MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        super().__init__(database)
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="write")

    def commit(self, commit: Commit) -> CommitResult:
        """Commit one snapshot; raise SnapshotTorn as `commit_all` returns it."""
        (done,) = self.commit_all([commit])
        if isinstance(done, CommitResult):
            return done
        raise done

    def commit_all(self, commits: Sequence[Commit]) -> list[Committed]:
        """Insert the contracts of several snapshots in one unordered bulk, then their headers.

        An existing document is counted. What is wrong with a document is the result of its own
        snapshot alone, whose header is not inserted then: SnapshotTorn if existing contracts are of
        another attempt with other numbers. If this raises, some of them may be committed.
        """
        documents = [contract_documents(each.snapshot, each.facts) for each in commits]
        with database_errors():
            writing = self._writers.submit(insert_groups, self._contracts, documents)
            try:  # the analytics are derived while the contracts are written
                headers = [_header(each) for each in commits]
            finally:
                written = writing.result()
        attempts = [*zip(headers, documents, written, strict=True)]
        results = [self._result(*each, self._stored_hash) for each in attempts]
        whole = [place for place, each in enumerate(results) if isinstance(each, CommitResult)]
        with database_errors():
            committed = insert_groups(self._headers, [[headers[place]] for place in whole])
        for place, existing in zip(whole, committed, strict=True):
            if existing:
                header, contracts, _ = attempts[place]
                done = self._result(header, contracts, existing, self._committed_hash)
                if not isinstance(done, CommitResult):
                    results[place] = done
        return results

    def confirm(self, header: HeaderDocument, seen_at: datetime, *, settled: bool = False) -> None:
        """Record one confirmation."""
        self.confirm_all([Confirmation(header, seen_at, settled)])

    def confirm_all(self, confirmations: Sequence[Confirmation]) -> None:
        """Record what was seen again, by one operation; a part may be written if it raises."""
        if not confirmations:
            return
        updates = [each.update() for each in confirmations]
        with database_errors():
            self._headers.bulk_write(updates, ordered=False)

    def _result(
        self,
        header: HeaderDocument,
        documents: Sequence[Any],
        existing: int | BulkWriteError,
        hash_of: Callable[[HeaderDocument], str],
    ) -> Committed:
        try:
            with database_errors():
                if isinstance(existing, BulkWriteError):
                    raise existing
                if existing:
                    self._check(header, documents, hash_of)
        except (SnapshotTorn, StoreUnavailable) as error:
            return error
        return CommitResult(len(documents) - existing, existing)

    def _check(
        self,
        header: HeaderDocument,
        documents: Sequence[Any],
        hash_of: Callable[[HeaderDocument], str],
    ) -> None:
        """Raise SnapshotTorn if the stored content differs; take the inserted documents out."""
        if hash_of(header) == header["content_hash"]:
            return
        # Only the documents of this attempt: the others may be committed.
        inserted = [document["_id"] for document in documents]
        self._contracts.delete_many({**key_of(header), "_id": {"$in": inserted}})
        raise SnapshotTorn(
            f"{header['symbol']} {header['expiry_date']} {ist_text(header['fetched_at'])}: "
            "contracts of another attempt stand under this tick"
        )

    def _stored_hash(self, header: HeaderDocument) -> str:
        return snapshot_of(header, self._find(key_of(header))).content_hash

    def _committed_hash(self, header: HeaderDocument) -> str:
        found = self._headers.find_one(key_of(header), {"content_hash": True}) or {}
        return str(found.get("content_hash"))


def _header(commit: Commit) -> HeaderDocument:
    return header_document(
        commit.snapshot,
        revised=commit.revised,
        earlier_hashes=commit.earlier_hashes,
        legs_missing=commit.legs_missing,
        settled=commit.settled,
        facts=commit.facts,
        analytics=commit.derive(commit.snapshot, facts=commit.facts) if commit.derive else None,
    )
