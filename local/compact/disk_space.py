"""The bytes of a collection on disk, and whether there is room for a copy of it."""

from typing import Any, NamedTuple

from pymongo.database import Database
from pymongo.errors import OperationFailure

from local.compact.refused import CompactRefused
from optionchain.mongo.client import Document

_MEGABYTE = 1e6


class StoredBytes(NamedTuple):
    """The documents of a collection, and the bytes of its data and of its indexes on disk."""

    documents: int
    data: int
    indexes: int

    @property
    def total(self) -> int:
        """The bytes of data and indexes."""
        return self.data + self.indexes

    def __str__(self) -> str:
        """Return the bytes in words: `81.3 MB + 14.2 MB of indexes`."""
        return f"{self.data / _MEGABYTE:,.1f} MB + {self.indexes / _MEGABYTE:,.1f} MB of indexes"


def stored_bytes(database: Database[Document], name: str) -> StoredBytes:
    """Return what a collection takes; nothing if it does not exist."""
    found: dict[str, Any] = database.command("collStats", name)
    return StoredBytes(
        found.get("count", 0), found.get("storageSize", 0), found.get("totalIndexSize", 0)
    )


def is_written(database: Database[Document]) -> bool:
    """Have the server write everything to its files now; return False if it refuses.

    The bytes that it tells are those of its files, which it writes once a minute.
    """
    try:
        database.client.admin.command("fsync")
    except OperationFailure:
        return False
    return True


def check_space(database: Database[Document], source: StoredBytes, copy: str) -> str | None:
    """Raise CompactRefused without room for a copy as large as the collection itself.

    A copy takes less than half of it; the rest is for sorting its indexes and for the oplog. What
    there is of the copy already counts as room. Returns a remark where the server does not tell.
    """
    disk: dict[str, Any] = database.command("dbStats")
    if "fsTotalSize" not in disk:
        return "the server does not tell how much room its disk has; a copy takes half as much more"
    room = disk["fsTotalSize"] - disk["fsUsedSize"] + stored_bytes(database, copy).total
    if room < source.total:
        raise CompactRefused(
            f"the server's disk has {room / _MEGABYTE:,.0f} MB of room, and a copy may take "
            f"{source.total / _MEGABYTE:,.0f} MB"
        )
    return None
