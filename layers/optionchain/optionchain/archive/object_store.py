"""Where the files of an archive lie, whatever keeps them: a folder, or a bucket of S3.

A key is a path such as `manifests/NIFTY/2026-11-27.json`. An object appears whole or not at all.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

LONGEST_LINK_SECONDS = 3_600
# How many requests several threads may send to a store side by side.
MOST_AT_ONCE = 16


class ObjectInfo(NamedTuple):
    """One object of a listing, stored at `stored_at`. `tag` changes with its content."""

    key: str
    size: int
    tag: str
    stored_at: datetime


class StoredObject(NamedTuple):
    """The content of a small object, and its tag."""

    data: bytes
    tag: str


class ObjectStore(Protocol):
    """Keeps objects; every method raises ArchiveUnavailable if what keeps them does not answer."""

    @property
    def url(self) -> str:
        """Return where the objects lie, without anything secret."""
        ...

    @property
    def has_links(self) -> bool:
        """Tell whether `link` returns links."""
        ...

    def read(self, key: str) -> StoredObject | None:
        """Return an object, None if there is none of this key."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Return the file of an object that lies on this machine; None if none lies there."""
        ...

    def download(self, key: str, path: Path) -> bool:
        """Write an object to a new file; return False if there is none of this key."""
        ...

    def upload(self, key: str, path: Path) -> None:
        """Store a file; an object of the same key is replaced at once, or stays as it is."""
        ...

    def replace(self, key: str, data: bytes, tag: str | None) -> bool:
        """Store an object if the one of this key still has this tag; None: if there is none.

        Returns False, and stores nothing, if another writer was faster.
        """
        ...

    def keys(self, prefix: str) -> Iterator[ObjectInfo]:
        """Return the objects whose keys begin with `prefix`, in the order of their keys."""
        ...

    def folders(self, prefix: str) -> Iterator[str]:
        """Return what stands between `prefix` and the next `/` of the keys that have both.

        Each once, in order: of `manifests/` the folders of all symbols.
        """
        ...

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is deleted already."""
        ...

    def link(self, key: str, seconds: int) -> str | None:
        """Return a URL at which anybody can read an object for some time; None in a folder.

        An hour is the longest.
        """
        ...
