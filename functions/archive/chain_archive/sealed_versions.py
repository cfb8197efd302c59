"""The versions of a sealed day in a store: the visible one, and how another one takes its place."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from chain_archive.day_files import WrittenFile
from optionchain.archive.layout import FileKind, file_key, files_of, manifest_key
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.archive.object_store import ObjectStore
from optionchain.errors import ArchiveDamaged, DayNotSealed

# Longer than any reader keeps a manifest, and than any sealer works.
_LEFT_OVER_AFTER = timedelta(hours=1)
# What MongoDB once had of a day it cannot have less of, unless it has deleted some.
_NEVER_FEWER: tuple[FileKind, ...] = ("contracts", "headers", "ticks")


class VisibleVersion(NamedTuple):
    """The manifest that is visible, and its tag in the store; None and None: there is none."""

    manifest: Manifest | None
    tag: str | None


class SealedVersions:
    """The versions of a symbol's day; `step` is told before each file that is stored.

    Raises ArchiveUnavailable, and ArchiveDamaged.
    """

    def __init__(
        self, store: ObjectStore, symbol: str, day: date, step: Callable[[str], None]
    ) -> None:
        self._store = store
        self._step = step
        self._symbol, self._day = symbol, day
        self._key = manifest_key(symbol, day)

    def visible(self) -> VisibleVersion:
        """Return the version that readers see now."""
        found = self._store.read(self._key)
        if found is None:
            return VisibleVersion(None, None)
        return VisibleVersion(Manifest.from_json(found.data, self._key), found.tag)

    def is_whole(self, manifest: Manifest, folder: Path) -> bool:
        """Tell whether every file of a manifest is in the store, with its bytes.

        They are read: a file that was damaged has its size and its name still.
        """
        return all(
            self._digest(file.key, folder) == file.sha256 for file in manifest.files.values()
        )

    def _digest(self, key: str, folder: Path) -> str | None:
        """Return the SHA-256 of an object, None if it is missing."""
        copy = folder / "copy.parquet"
        path = self._store.local_path(key)
        if path is None:
            if not self._store.download(key, copy):
                return None
            path = copy
        with path.open("rb") as content:
            digest = file_digest(content, "sha256").hexdigest()
        copy.unlink(missing_ok=True)
        return digest

    def publish(self, manifest: Manifest, instead_of: VisibleVersion) -> bool:
        """Make a version visible; return False if another sealer was faster."""
        return self._store.replace(self._key, manifest.to_json(), instead_of.tag)

    def delete_leftovers(self, manifest: Manifest, now: datetime) -> None:
        """Delete the files of older versions and of runs that were cut off.

        A younger file may be one that a reader of the version before is about to read, or that
        another sealer is about to name.
        """
        named = {file.key for file in manifest.files.values()}
        for each in list(self._store.keys(files_of(self._symbol, self._day))):
            if each.key not in named and now - each.stored_at > _LEFT_OVER_AFTER:
                self._store.delete(each.key)

    def store(
        self, files: Iterable[WrittenFile], check: Callable[[Path, WrittenFile], None], folder: Path
    ) -> dict[FileKind, ArchivedFile]:
        """Store files, and check the copy of each that is read back from the store."""
        return {each.kind: self._store_file(each, check, folder) for each in files}

    def _store_file(
        self, written: WrittenFile, check: Callable[[Path, WrittenFile], None], folder: Path
    ) -> ArchivedFile:
        self._step(f"store {written.kind}")
        key = file_key(self._symbol, self._day, written.kind, written.sha256)
        self._store.upload(key, written.path)
        copy = folder / f"{written.kind}-copy.parquet"
        if not self._store.download(key, copy):
            raise ArchiveDamaged(f"{key} is missing after it was stored")
        check(copy, written)
        copy.unlink()
        return ArchivedFile(key, written.size, written.sha256, written.rows, written.columns)


def same_content(
    manifest: Manifest, files: Iterable[WrittenFile], but: FileKind | None = None
) -> bool:
    """Tell whether a version has exactly these files, but for one kind."""
    return all(
        manifest.files[each.kind].sha256 == each.sha256 for each in files if each.kind != but
    )


def check_may_replace(
    manifest: Manifest | None, files: Iterable[WrittenFile], database: str
) -> None:
    """Raise DayNotSealed if the visible version is of another database, or has more than this."""
    if manifest is None:
        return
    if manifest.database not in (None, database):
        raise DayNotSealed(
            f"{manifest.symbol} {manifest.day} is sealed from another database, with other "
            "content, and stays: seal this database into an archive of its own (ARCHIVE_URL). If "
            "it has taken the place of the other one, give it the other one's id: "
            f"{manifest.database} in the document `database` of the collection `control`"
        )
    sealed: Mapping[FileKind, ArchivedFile] = manifest.files
    for each in files:
        if each.kind in _NEVER_FEWER and each.rows < sealed[each.kind].rows:
            raise DayNotSealed(
                f"the archive has {sealed[each.kind].rows} {each.kind} of "
                f"{manifest.symbol} {manifest.day}, and MongoDB has only {each.rows}: it has "
                "deleted some, so the sealed version stays"
            )
