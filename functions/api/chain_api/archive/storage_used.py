"""Where the numbers of an answer were read: in the database, in the archive, or in both."""

from contextvars import ContextVar
from typing import Literal

type Storage = Literal["database", "archive"]

HEADER = "X-Storage"

_used: ContextVar[set[Storage] | None] = ContextVar("storage_used", default=None)


def begin() -> set[Storage]:
    """Begin a request; return the set that the readers will put in what they read from."""
    used: set[Storage] = set()
    _used.set(used)
    return used


def note(storage: Storage) -> None:
    """Note that snapshots, contracts or ticks were read from here. Safe outside of a request."""
    used = _used.get()
    if used is not None:
        used.add(storage)


def header_value(used: set[Storage]) -> str:
    """Return the value of the header: `database`, `archive` or `both`."""
    return "both" if len(used) > 1 else next(iter(used), "database")
