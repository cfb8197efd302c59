"""An archive in a folder."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from io import BufferedWriter
from pathlib import Path
from uuid import uuid4

from optionchain.archive.object_store import ObjectInfo, StoredObject
from optionchain.errors import ArchiveUnavailable

# A file that is not whole yet. No key ends like this.
_PARTIAL = ".partial"
_LOCK = ".lock"
# No writer takes that long: the file is of a writer that was killed.
_PARTIAL_SECONDS = 3_600


class FolderStore:
    """Keeps each object in a file of its own, which is renamed into place when it is whole.

    A folder that is not there yet is an empty archive. One that was there and is gone is away, like
    a disk that is no longer mounted.
    """

    has_links = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser().absolute()
        self._was_there = self._folder.is_dir()

    @property
    def url(self) -> str:
        """Return the folder."""
        return str(self._folder)

    def read(self, key: str) -> StoredObject | None:
        """Return an object, None if there is none of this key."""
        with _errors():
            try:
                with self._path(key).open("rb") as file:
                    return StoredObject(file.read(), _tag(os.fstat(file.fileno())))
            except FileNotFoundError:
                self._check_there()
                return None

    def local_path(self, key: str) -> Path | None:
        """Return the file of an object, None if there is none of this key."""
        with _errors():
            path = self._path(key)
            return path if path.is_file() else None

    def download(self, key: str, path: Path) -> bool:
        """Copy an object to a new file; return False if there is none of this key."""
        with _errors():
            try:
                source = self._path(key).open("rb")
            except FileNotFoundError:
                self._check_there()
                return False
            with source:
                try:
                    with path.open("wb") as copy:
                        shutil.copyfileobj(source, copy)
                except BaseException:
                    path.unlink(missing_ok=True)
                    raise
        return True

    def upload(self, key: str, path: Path) -> None:
        """Store a file; an object of the same key is replaced at once."""
        with (
            _errors(),
            path.open("rb") as source,
            self._whole(key) as partial,
            partial.open("wb") as copy,
        ):
            shutil.copyfileobj(source, copy)
            _sync(copy)

    def replace(self, key: str, data: bytes, tag: str | None) -> bool:
        """Store an object if the one of this key still has this tag; None: if there is none."""
        with _errors(), self._locked():
            found = self.read(key)
            if (found.tag if found else None) != tag:
                return False
            with self._whole(key) as partial, partial.open("wb") as copy:
                copy.write(data)
                _sync(copy)
        return True

    def keys(self, prefix: str) -> Iterator[ObjectInfo]:
        """Return the objects whose keys begin with `prefix`, in the order of their keys."""
        folder = prefix.rpartition("/")[0]
        with _errors():
            yield from _objects(self._path(folder), f"{folder}/" if folder else "", prefix)
            self._check_there()

    def folders(self, prefix: str) -> Iterator[str]:
        """Return what stands between `prefix` and the next `/` of the keys that have both."""
        folder, _, start = prefix.rpartition("/")
        with _errors():
            for entry in _entries(self._path(folder)):
                below = f"{folder}/{entry.name}/" if folder else f"{entry.name}/"
                if entry.is_dir() and entry.name.startswith(start) and any(self.keys(below)):
                    yield entry.name.removeprefix(start)
            self._check_there()

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is deleted already."""
        with _errors():
            self._path(key).unlink(missing_ok=True)

    def link(self, key: str, seconds: int) -> str | None:  # noqa: ARG002
        """Return None: who can read the folder needs no link."""
        return None

    def _path(self, key: str) -> Path:
        if ".." in key.split("/"):
            raise ArchiveUnavailable(f"{key!r} leads out of {self._folder}")
        return self._folder / key

    def _check_there(self) -> None:
        """Raise ArchiveUnavailable if the folder was there before and is gone."""
        was_there = self._was_there  # first of all, as another thread may make the folder now
        if self._folder.is_dir():
            self._was_there = True
        elif was_there:
            raise ArchiveUnavailable(f"the folder {self._folder} is gone")

    @contextmanager
    def _whole(self, key: str) -> Iterator[Path]:
        """Give the path of a new file, which becomes the object when the block ends well."""
        path = self._path(key)
        self._make_folder(path.parent)
        _sweep(path.parent)
        partial = path.with_name(f".{path.name}-{uuid4().hex}{_PARTIAL}")
        try:
            yield partial
            partial.replace(path)
            _sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._make_folder(self._folder)
        with (self._folder / _LOCK).open("w") as file:
            flock(file, LOCK_EX)  # it ends with the file, and with the process
            yield

    def _make_folder(self, folder: Path) -> None:
        self._check_there()
        folder.mkdir(parents=True, exist_ok=True)
        self._was_there = True


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, in the order of keys: a folder's name ends with a slash."""
    try:
        with os.scandir(folder) as found:
            entries = [each for each in found if not each.name.endswith((_PARTIAL, _LOCK))]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(entries, key=lambda each: f"{each.name}/" if each.is_dir() else each.name)


def _objects(folder: Path, start: str, prefix: str) -> Iterator[ObjectInfo]:
    """Return the objects below a folder, whose keys begin with `start`."""
    for entry in _entries(folder):
        key = start + entry.name
        if entry.is_dir():
            if f"{key}/".startswith(prefix):
                yield from _objects(folder / entry.name, f"{key}/", prefix)
        elif key.startswith(prefix):
            with suppress(FileNotFoundError):  # deleted since the folder was read
                state = entry.stat()
                stored_at = datetime.fromtimestamp(state.st_mtime, UTC)
                yield ObjectInfo(key, state.st_size, _tag(state), stored_at)


def _tag(state: os.stat_result) -> str:
    """Return what changes whenever a file is renamed into place, or written to."""
    return f"{state.st_mtime_ns}-{state.st_size}-{state.st_ino}"


def _sweep(folder: Path) -> None:
    """Delete what killed writers have left in a folder."""
    before = time.time() - _PARTIAL_SECONDS
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_PARTIAL):
                with suppress(FileNotFoundError):
                    if entry.stat().st_mtime < before:
                        Path(entry.path).unlink()


def _sync(file: BufferedWriter) -> None:
    """Write a file to the disk, so that what is renamed is whole after a power cut too."""
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Write the names of a folder to the disk, so that a rename outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveUnavailable(f"{type(error).__name__}: {error}") from error
