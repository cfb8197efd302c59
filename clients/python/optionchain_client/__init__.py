"""Recorded option chains, from the API or from its archive.

from optionchain_client import Client

with Client("http://127.0.0.1:8000") as source:
    for snapshot in source.chains("NIFTY", "2026-11-02", "2026-11-27"):
        print(snapshot.ist, snapshot.underlying_value, len(snapshot.contracts))
"""

from optionchain_client.archive import Archive
from optionchain_client.client import Client
from optionchain_client.errors import (
    ApiError,
    ArchiveError,
    BadRequest,
    ChainsError,
    IncompleteSnapshot,
    NotFound,
    Unavailable,
)
from optionchain_client.frames import frame
from optionchain_client.snapshots import Contract, Snapshot

__all__ = [
    "ApiError",
    "Archive",
    "ArchiveError",
    "BadRequest",
    "ChainsError",
    "Client",
    "Contract",
    "IncompleteSnapshot",
    "NotFound",
    "Snapshot",
    "Unavailable",
    "frame",
]
