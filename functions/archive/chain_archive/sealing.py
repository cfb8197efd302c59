"""Seals a symbol's day: reads it from MongoDB, writes its files, and then the manifest.

Only the manifest makes a day visible. So a run that is cut off anywhere leaves nothing but files
that nobody reads, and they are deleted later.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from pymongo.database import Database

from chain_archive.contract_sums import duckdb_connection
from chain_archive.day_evidence import evidence_of
from chain_archive.day_files import DayWriter, WrittenFile
from chain_archive.day_records import DayRecord, records_of
from chain_archive.patience import Patience
from chain_archive.sealed_versions import (
    SealedVersions,
    VisibleVersion,
    check_may_replace,
    same_content,
)
from chain_archive.stored_day import Committed, StoredDay, whole_from
from chain_archive.verification import Verification
from optionchain.archive.layout import FileKind
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.archive.object_store import ObjectStore
from optionchain.archive.object_stores import place_of
from optionchain.archive.temporary_folder import TemporaryFolder
from optionchain.errors import DayNotSealed
from optionchain.mongo.client import Document
from optionchain.mongo.database_identity import identity_of
from optionchain.mongo.day_stops import DayStops
from optionchain.mongo.seal_register import Seal, SealRegister
from optionchain.mongo.unsealed_days import UnsealedDays
from optionchain.recorder_stops import Stop

type Status = Literal["sealed", "unchanged", "empty"]

# How often a day is sealed again that changes meanwhile, or that another sealer seals too.
_TRIES = 4


class SealedDay(NamedTuple):
    """What came of a symbol's day: `sealed` is a new version, `empty` that nothing is stored."""

    symbol: str
    day: date
    status: Status
    manifest: Manifest | None


def seal(
    database: Database[Document],
    store: ObjectStore,
    symbol: str,
    day: date,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Manifest | None:
    """Seal a symbol's day in India; return its manifest, None if nothing is stored of it.

    Raises as Sealer does.
    """
    return Sealer(database, store, now).seal(symbol, day).manifest


class Sealer:
    """Seals days. `step` is told before each step, and may raise to end the work.

    Raises DayNotSealed, SnapshotIncomplete and StoreUnavailable if the database does not have the
    day whole, ArchiveUnavailable if the store is away, ArchiveDamaged if what it has is not what
    was written, and OSError if the disk of this machine is full. Then nothing has become visible.
    """

    def __init__(
        self,
        database: Database[Document],
        store: ObjectStore,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        step: Callable[[str], None] = lambda step: None,  # noqa: ARG005
        patience: Patience | None = None,
    ) -> None:
        self._database = database
        self._store = store
        self._now = now
        self._step = step
        self._patience = patience or Patience()
        self._archive = place_of(store.url)
        self._register = SealRegister(database, self._archive)

    def seal(self, symbol: str, day: date) -> SealedDay:
        """Seal a day in India as the database has it now; equal content makes no new version."""
        for _ in range(_TRIES):
            if sealed := self._try(symbol, day):
                return sealed
        raise DayNotSealed(f"{symbol} {day} changed {_TRIES} times while it was sealed")

    def _try(self, symbol: str, day: date) -> SealedDay | None:
        """Return None if the day has changed meanwhile, or if another sealer was faster."""
        versions = SealedVersions(self._store, symbol, day, self._step)
        # Read first: what another sealer makes visible from now on is not replaced by older data.
        before = versions.visible()
        if self._is_cut(day):
            return self._as_sealed_before(symbol, day, before.manifest)
        begun_at, evidence = self._now(), self._evidence(symbol, day)
        source = StoredDay(self._database, symbol, day, self._patience)
        committed = source.committed()
        with (
            TemporaryFolder("seal") as folder,
            closing(duckdb_connection()) as connection,
        ):
            writer = DayWriter(folder.path, connection, self._step)
            files = writer.all_files(source, committed, self._records(symbol, day))
            check = Verification(connection).check
            if not any(each.rows for each in files if each.kind != "records"):
                return SealedDay(symbol, day, "empty", before.manifest)
            store = partial(versions.store, files, check, folder.path)
            stops = self._stops(symbol, day, before.manifest)
            if (
                before.manifest
                and self._has_stops(before.manifest, stops)
                and self._stands(versions, before.manifest, files, evidence, folder.path, store)
            ):
                return self._registered(versions, before.manifest, evidence, begun_at)
            check_may_replace(before.manifest, files, self._identity())
            stored = store()
        if self._evidence(symbol, day) != evidence or self._is_cut(day):
            return None
        manifest = self._manifest(symbol, day, before, committed, stored, stops)
        self._step("publish")
        if not versions.publish(manifest, before):
            return None
        return self._registered(versions, manifest, evidence)

    def _stands(
        self,
        versions: SealedVersions,
        manifest: Manifest,
        files: Sequence[WrittenFile],
        evidence: str,
        folder: Path,
        store: Callable[[], object],
    ) -> bool:
        """Tell whether the visible version stays; its files are stored anew if any is damaged."""
        if not self._is_same(manifest, files, evidence):
            return False
        is_whole = versions.is_whole(manifest, folder)
        if is_whole or not same_content(manifest, files):
            return is_whole
        store()
        return True

    def _is_cut(self, day: date) -> bool:
        """Tell whether MongoDB deletes documents of a day, or has ever deleted some."""
        return day < self._patience.of(partial(whole_from, self._database))

    def _as_sealed_before(self, symbol: str, day: date, manifest: Manifest | None) -> SealedDay:
        """Return a cut day as it was sealed when it was whole; raise DayNotSealed if it was not."""
        if manifest is not None:
            return SealedDay(symbol, day, "unchanged", manifest)
        days = UnsealedDays(self._database)
        if self._patience.of(partial(days.recorded_days, day, day, [symbol])):
            raise DayNotSealed(
                f"MongoDB is deleting {symbol} {day}, or has deleted a part of it: what is left is "
                "not sealed as a day"
            )
        return SealedDay(symbol, day, "empty", None)

    def _identity(self) -> str:
        return self._patience.of(partial(identity_of, self._database))

    def _is_same(self, manifest: Manifest, files: Sequence[WrittenFile], evidence: str) -> bool:
        """Tell whether a version has this content; when a list was read last does not matter."""
        if same_content(manifest, files):
            return True
        of_day = partial(self._register.of_days, manifest.day, manifest.day, [manifest.symbol])
        sealed = self._patience.of(of_day)
        known = [each.evidence for each in sealed if each.version == manifest.version]
        return known == [evidence] and same_content(manifest, files, but="records")

    def _stops(self, symbol: str, day: date, manifest: Manifest | None) -> tuple[Stop, ...]:
        """Return the stops of a day; what is sealed of them stays, though the switch forgets."""
        sealed = manifest.origin if manifest else None
        found = DayStops(self._database)
        return tuple(self._patience.of(partial(found.of_day, symbol, day, sealed)))

    def _has_stops(self, manifest: Manifest, stops: tuple[Stop, ...]) -> bool:
        """Tell whether a version has these stops; one of another database is not to be replaced."""
        if manifest.origin.stops == stops:
            return True
        return manifest.database not in (None, self._identity())

    def _records(self, symbol: str, day: date) -> Callable[[], list[DayRecord]]:
        return partial(self._patience.of, partial(records_of, self._database, symbol, day))

    def _evidence(self, symbol: str, day: date) -> str:
        self._step("compare")
        return self._patience.of(partial(evidence_of, self._database, symbol, day))

    def _manifest(
        self,
        symbol: str,
        day: date,
        before: VisibleVersion,
        committed: Sequence[Committed],
        files: dict[FileKind, ArchivedFile],
        stops: tuple[Stop, ...],
    ) -> Manifest:
        return Manifest(
            symbol=symbol,
            day=day,
            version=before.manifest.version + 1 if before.manifest else 1,
            sealed_at=self._now(),
            sources=tuple(sorted({each.source for each in committed})),
            files=files,
            expiries=tuple(sorted({each.expiry.date() for each in committed})),
            database=self._identity(),
            stops=stops,
        )

    def _registered(
        self,
        versions: SealedVersions,
        manifest: Manifest,
        evidence: str,
        compared_at: datetime | None = None,
    ) -> SealedDay:
        self._step("register")
        rows = {kind: file.rows for kind, file in manifest.files.items()}
        seal = Seal(
            manifest.symbol,
            manifest.day,
            manifest.version,
            manifest.sealed_at,
            headers=rows["headers"],
            contracts=rows["contracts"],
            ticks=rows["ticks"],
            evidence=evidence,
            archive=self._archive,
            compared_at=compared_at,
        )
        self._patience.of(partial(self._register.write, seal))
        self._step("delete leftovers")
        # The age of files is of the wall clock, whatever time is simulated.
        versions.delete_leftovers(manifest, datetime.now(UTC))
        status: Status = "unchanged" if compared_at else "sealed"
        return SealedDay(manifest.symbol, manifest.day, status, manifest)
