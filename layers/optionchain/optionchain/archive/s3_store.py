"""An archive in a bucket of Amazon S3."""

from collections.abc import Iterator
from pathlib import Path

from optionchain.archive.object_store import ObjectInfo, StoredObject


class S3Store:
    """Keeps objects in a bucket, under a prefix. See ObjectStore."""

    def __init__(self, url: str) -> None:
        self.url = url

    def read(self, key: str) -> StoredObject | None:
        """Return an object, None if there is none of this key."""
        raise NotImplementedError

    def download(self, key: str, path: Path) -> bool:
        """Write an object to a new file; return False if there is none of this key."""
        raise NotImplementedError

    def upload(self, key: str, path: Path) -> None:
        """Store a file."""
        raise NotImplementedError

    def replace(self, key: str, data: bytes, tag: str | None) -> bool:
        """Store an object if the one of this key still has this tag; None: if there is none."""
        raise NotImplementedError

    def keys(self, prefix: str) -> Iterator[ObjectInfo]:
        """Return the objects whose keys begin with `prefix`, in the order of their keys."""
        raise NotImplementedError

    def delete(self, key: str) -> None:
        """Delete an object."""
        raise NotImplementedError

    def link(self, key: str, seconds: int) -> str | None:
        """Return a URL at which anybody can read an object for some time."""
        raise NotImplementedError
