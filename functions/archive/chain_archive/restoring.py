"""Brings a sealed day back into MongoDB, equal document by document, `_id` aside.

The order is that of the recorder: contracts first, and headers last, because a header commits its
snapshot. So readers see whole snapshots at any moment, and a run that is cut off is repeated.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pymongo.database import Database

from chain_archive.archived_day import ArchivedDay, numbers_of
from chain_archive.natural_keys import by_key, content_of, insert_missing, key_of
from chain_archive.restore_refusals import (
    Stored,
    known_documents,
    refuse_expiring,
    refuse_unknown,
)
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.manifest import Manifest
from optionchain.archive.object_stores import place_of
from optionchain.errors import RestoreRefused
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.index_changes import existing_indexes
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from optionchain.mongo.restored_days import RestoredDays
from optionchain.mongo.seal_register import Seal, SealRegister


@dataclass(frozen=True)
class RestoredDay:
    """What came of a day: how many documents were stored, and how many were there before.

    `kept` records are in the database with another content, because they went on after their day,
    as a listing does. They stay as they are.
    """

    symbol: str
    day: date
    stored: int
    known: int
    kept: int


class Restorer:
    """Restores days. `step` is told before each step, and may raise to end the work.

    Raises RestoreRefused if a day is not sealed, would expire at once, or would meet other
    documents; ArchiveUnavailable, ArchiveDamaged and StoreUnavailable.
    """

    def __init__(
        self,
        database: Database[Document],
        reader: ArchiveReader,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        step: Callable[[str], None] = lambda step: None,  # noqa: ARG005
    ) -> None:
        self._database = database
        self._reader = reader
        self._now = now
        self._step = step

    def restore(self, symbol: str, day: date) -> RestoredDay:
        """Store what the database lacks of a sealed day, and compare all of it afterwards."""
        catalogue = self._reader.catalogue
        manifest = catalogue.manifest(symbol, day, fresh=True)
        if manifest is None:
            raise RestoreRefused(f"{symbol} {day} is not sealed in {catalogue.store.url}")
        with database_errors():
            return _Restoring(self._database, ArchivedDay(self._reader, manifest), self._step).run(
                self._now()
            )


class _Restoring:
    """One day that is being restored; PyMongo's errors pass."""

    def __init__(
        self, database: Database[Document], archived: ArchivedDay, step: Callable[[str], None]
    ) -> None:
        self._database = database
        self._archived = archived
        self._step = step
        self._symbol, self._day = archived.manifest.symbol, archived.manifest.day
        self._parts = archived.parts()
        self._ticks = archived.ticks()
        self._records = archived.records()

    def run(self, now: datetime) -> RestoredDay:
        refuse_expiring(self._archived, kept_for(self._database), now)
        refuse_unknown(self._archived, (collection for collection, _ in self._records))
        self._step("compare")
        known = sum(known_documents(self._archived, *each) for each in self._pairs())
        new, kept = self._write()
        self._step("verify")
        if lacking := sum(_lacking(stored, wanted) for _, stored, wanted in self._pairs()):
            raise RestoreRefused(
                f"{lacking} documents of {self._archived} were changed or deleted while the day "
                "was restored: run it again"
            )
        self._step("seal")
        self._register()
        total = numbers_of(self._parts) + len(self._ticks)
        known_records = len(self._records) - new - kept
        return RestoredDay(
            self._symbol, self._day, total - known + new, known + known_records, kept
        )

    def _register(self) -> None:
        """Say that the day is sealed; what is known of this very version already says more."""
        archive = place_of(self._archived.archive)
        register = SealRegister(self._database, archive)
        seal = seal_of(self._archived.manifest)._replace(archive=archive)
        known = register.of_days(self._day, self._day, [self._symbol])
        if not known or known[0].version < seal.version:
            register.write(seal)

    def _pairs(self) -> Iterator[tuple[str, Stored, Stored]]:
        """Yield what the database has and what the archive has, part by part."""
        within = {"$gte": self._archived.begins, "$lt": self._archived.ends}
        yield TICKS, self._stored(TICKS, {"tick": within}), by_key(TICKS, self._ticks)
        for part in self._parts:
            at = {"fetched_at": {"$gte": part.begins, "$lt": part.ends}}
            headers = by_key(SNAPSHOTS, self._archived.headers(part))
            yield SNAPSHOTS, self._stored(SNAPSHOTS, at), headers
            contracts = by_key(CONTRACTS, self._archived.contracts(part))
            of_chains = {"expiry": {"$in": self._archived.expiries}, **at}
            yield CONTRACTS, self._stored(CONTRACTS, of_chains), contracts

    def _stored(self, collection: str, query: Document) -> Stored:
        found = self._database[collection].find(
            {"symbol": self._symbol, **query}, {"_id": False}, batch_size=10_000
        )
        return by_key(collection, found)

    def _write(self) -> tuple[int, int]:
        """Store everything; return how many records are new, and how many others were kept."""
        for part in self._parts:
            self._step("contracts")
            insert_missing(self._database[CONTRACTS], self._archived.contracts(part))
        self._step("ticks")
        insert_missing(self._database[TICKS], self._ticks)
        self._step("records")
        outcomes = [self._write_record(*each) for each in self._records]
        origin = self._archived.manifest.origin
        RestoredDays(self._database).write(self._symbol, self._day, origin)
        for part in self._parts:
            self._step("headers")
            insert_missing(self._database[SNAPSHOTS], self._archived.headers(part))
        return outcomes.count("new"), outcomes.count("kept")

    def _write_record(self, collection: str, document: Document) -> str:
        found = self._database[collection].find_one(key_of(collection, document))
        if found is None:
            insert_missing(self._database[collection], [document])
            return "new"
        return "known" if content_of(found) == content_of(document) else "kept"


def kept_for(database: Database[Document]) -> timedelta | None:
    """Return how long a database keeps headers; None if it deletes none."""
    found = existing_indexes(database, SNAPSHOTS)
    seconds = [each.ttl_seconds for each in found if each.ttl_seconds is not None]
    return timedelta(seconds=min(seconds)) if seconds else None


def seal_of(manifest: Manifest) -> Seal:
    """Return what the database keeps of a manifest."""
    rows = {kind: file.rows for kind, file in manifest.files.items()}
    return Seal(
        manifest.symbol,
        manifest.day,
        manifest.version,
        manifest.sealed_at,
        rows["headers"],
        rows["contracts"],
        rows["ticks"],
    )


def _lacking(stored: Stored, wanted: Stored) -> int:
    return sum(stored.get(key) != content for key, content in wanted.items())
