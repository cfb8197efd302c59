"""Where the files of an archive lie: in a folder, or in a bucket of S3."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from optionchain_client.errors import ArchiveError


class MissingObject(ArchiveError):
    """There is no object of a key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is missing")


class Objects(Protocol):
    """Reads objects by their keys; raises MissingObject, or ArchiveError if the place is away."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin like this; the prefix ends with a slash."""
        ...

    def read(self, key: str) -> bytes:
        """Return an object."""
        ...

    def download(self, key: str, path: Path) -> None:
        """Write an object into a file."""
        ...


class Folder:
    """Objects that are the files of a folder. Raises ArchiveError if there is no such folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser()
        if not self._folder.is_dir():
            raise ArchiveError(f"{folder} is no folder")

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin like this."""
        for path in sorted((self._folder / prefix).glob("*")):
            yield f"{prefix}{path.name}"

    def read(self, key: str) -> bytes:
        """Return an object."""
        with _disk_errors(key):
            return (self._folder / key).read_bytes()

    def download(self, key: str, path: Path) -> None:
        """Copy an object into a file: a newer version may delete the original meanwhile."""
        with _disk_errors(key):
            shutil.copyfile(self._folder / key, path)


@contextmanager
def _disk_errors(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise MissingObject(key) from error
    except OSError as error:
        raise ArchiveError(f"{key}: {error.strerror}") from error
