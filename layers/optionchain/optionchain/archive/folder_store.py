"""An archive in a folder."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path
from uuid import uuid4

from optionchain.archive.folder_files import (
    LOCK,
    PARTIAL,
    entries_of,
    folder_errors,
    objects_below,
    sweep,
    sync,
    sync_folder,
    tag_of,
)
from optionchain.archive.object_store import ObjectInfo, StoredObject
from optionchain.errors import ArchiveUnavailable


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
        with folder_errors():
            try:
                with self._path(key).open("rb") as file:
                    return StoredObject(file.read(), tag_of(os.fstat(file.fileno())))
            except FileNotFoundError:
                self._check_there()
                return None

    def local_path(self, key: str) -> Path | None:
        """Return the file of an object, None if there is none of this key."""
        with folder_errors():
            path = self._path(key)
            return path if path.is_file() else None

    def download(self, key: str, path: Path) -> bool:
        """Copy an object to a new file; return False if there is none of this key."""
        with folder_errors():
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
            folder_errors(),
            path.open("rb") as source,
            self._whole(key) as partial,
            partial.open("wb") as copy,
        ):
            shutil.copyfileobj(source, copy)
            sync(copy)

    def replace(self, key: str, data: bytes, tag: str | None) -> bool:
        """Store an object if the one of this key still has this tag; None: if there is none."""
        with folder_errors(), self._locked():
            found = self.read(key)
            if (found.tag if found else None) != tag:
                return False
            with self._whole(key) as partial, partial.open("wb") as copy:
                copy.write(data)
                sync(copy)
        return True

    def keys(self, prefix: str) -> Iterator[ObjectInfo]:
        """Return the objects whose keys begin with `prefix`, in the order of their keys."""
        folder = prefix.rpartition("/")[0]
        with folder_errors():
            yield from objects_below(self._path(folder), f"{folder}/" if folder else "", prefix)
            self._check_there()

    def folders(self, prefix: str) -> Iterator[str]:
        """Return what stands between `prefix` and the next `/` of the keys that have both."""
        folder, _, start = prefix.rpartition("/")
        with folder_errors():
            for entry in entries_of(self._path(folder)):
                below = f"{folder}/{entry.name}/" if folder else f"{entry.name}/"
                if entry.is_dir() and entry.name.startswith(start) and any(self.keys(below)):
                    yield entry.name.removeprefix(start)
            self._check_there()

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is deleted already."""
        with folder_errors():
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
        sweep(path.parent)
        partial = path.with_name(f".{path.name}-{uuid4().hex}{PARTIAL}")
        try:
            yield partial
            partial.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._make_folder(self._folder)
        with (self._folder / LOCK).open("w") as file:
            flock(file, LOCK_EX)  # it ends with the file, and with the process
            yield

    def _make_folder(self, folder: Path) -> None:
        self._check_there()
        folder.mkdir(parents=True, exist_ok=True)
        self._was_there = True
