"""An archive in a folder."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from optionchain.archive.object_store import ObjectInfo, StoredObject
from optionchain.errors import ArchiveUnavailable

# A file that is not whole yet. No key ends like this.
_PARTIAL = ".partial"
_LOCK = ".lock"


class FolderStore:
    """Keeps each object in a file of its own, which is renamed into place when it is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser().absolute()

    @property
    def url(self) -> str:
        """Return the folder."""
        return str(self._folder)

    def read(self, key: str) -> StoredObject | None:
        """Return an object, None if there is none of this key."""
        with _errors():
            try:
                data = (self._folder / key).read_bytes()
            except FileNotFoundError:
                return None
        return StoredObject(data, sha256(data).hexdigest())

    def download(self, key: str, path: Path) -> bool:
        """Copy an object to a new file; return False if there is none of this key."""
        with _errors():
            try:
                shutil.copyfile(self._folder / key, path)
            except FileNotFoundError:
                return False
        return True

    def upload(self, key: str, path: Path) -> None:
        """Store a file; an object of the same key is replaced at once."""
        with (
            _errors(),
            path.open("rb") as source,
            self._partial(key) as partial,
            partial.open("wb") as copy,
        ):
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())

    def replace(self, key: str, data: bytes, tag: str | None) -> bool:
        """Store an object if the one of this key still has this tag; None: if there is none."""
        with _errors(), self._locked():
            found = self.read(key)
            if (found.tag if found else None) != tag:
                return False
            with self._partial(key) as partial, partial.open("wb") as copy:
                copy.write(data)
                copy.flush()
                os.fsync(copy.fileno())
        return True

    def keys(self, prefix: str) -> Iterator[ObjectInfo]:
        """Return the objects whose keys begin with `prefix`, in the order of their keys."""
        with _errors():
            files = [path for path in self._folder.rglob("*") if path.is_file()]
            names = {path.relative_to(self._folder).as_posix(): path for path in files}
            for key in sorted(names):
                if key.startswith(prefix) and not key.endswith((_PARTIAL, _LOCK)):
                    state = names[key].stat()
                    yield ObjectInfo(key, state.st_size, f"{state.st_mtime_ns}-{state.st_ino}")

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is deleted already."""
        with _errors():
            (self._folder / key).unlink(missing_ok=True)

    def link(self, key: str, seconds: int) -> str | None:  # noqa: ARG002
        """Return None: who can read the folder needs no link."""
        return None

    @contextmanager
    def _partial(self, key: str) -> Iterator[Path]:
        """Give the path of a new file, which becomes the object when the block ends well."""
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
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
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / _LOCK).open("w") as file:
            flock(file, LOCK_EX)  # it ends with the file, and with the process
            yield


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
