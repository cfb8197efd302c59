"""The data set of the measures: made once, in `.local/bench`, and used by every later run.

Its marker is written last. A data set that is incomplete, or of another shape, is made again.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any, NamedTuple

from pymongo import MongoClient
from pymongo.database import Database
from tqdm import tqdm

from local.mongod import Mongod
from local.terminal import progress_bar
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.documents import contract_documents, header_document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS, Indexes
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from tests.performance import sessions
from tests.performance.sample_bodies import steady_body

FOLDER = Path(__file__).parents[2] / ".local" / "bench"
THIRTY, ONE = "thirty_sessions", "one_session"
# Raised when the generated data change but their counts do not.
VERSION = 3
# Within the last session, early enough for a measure.
NOW = sessions.moments(sessions.LAST_DAY)[-1] + timedelta(seconds=5)
RETENTION_DAYS = 3_650
_MARKER = "benchmark_marker"
_WRITERS = 2
_BULK = 10  # snapshots
_CACHE = 4 << 30  # bytes: the data set fits, as recent sessions do in a larger server

type Bar = tqdm[Any]


class DataSet(NamedTuple):
    """The databases to measure on, at `uri`, and the first snapshot of their sessions."""

    uri: str
    first: Snapshot
    thirty: Database[Document]
    one: Database[Document]
    scratch: Database[Document]


@contextmanager
def opened(folder: Path = FOLDER) -> Iterator[DataSet]:
    """Start the server, and make the data set if it does not exist."""
    with Mongod(folder / "mongod") as mongod:
        with MongoClient[Document](mongod.uri, tz_aware=True) as client:
            _give_memory(client)
            first = sessions.first_snapshot(body := steady_body())
            marker = _marker(len(first.quotes), body.origin)
            if not _is_complete(client, marker):
                _make(client, marker, first)
            client.drop_database("scratch")
        names = (THIRTY, ONE, "scratch")
        databases = [open_at(mongod.uri, name) for name in names]
        yield DataSet(mongod.uri, first, *databases)
        for database in databases:
            database.client.close()


def open_at(uri: str, name: str) -> Database[Document]:
    """Open a database as the project does."""
    return open_database(Settings.from_env({"MONGODB_URI": uri, "MONGODB_DATABASE": name}))


def _give_memory(client: MongoClient[Document]) -> None:
    """Let the server cache the data set, in at most a quarter of the machine's memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    size = f"cache_size={min(_CACHE, memory // 4)}"
    client.admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig=size)


def _marker(legs: int, origin: str) -> Document:
    a_session = len(sessions.SYMBOLS) * sessions.SNAPSHOTS * legs
    return {
        "_id": "shape",
        "version": VERSION,
        "seed": sessions.SEED,
        "last_day": sessions.LAST_DAY.isoformat(),
        "every_seconds": sessions.EVERY.total_seconds(),
        "origin": origin,
        "documents": {THIRTY: sessions.SESSIONS * a_session, ONE: a_session},
    }


def _is_complete(client: MongoClient[Document], marker: Document) -> bool:
    found = client[_MARKER]["marker"].find_one({"_id": "shape"})
    counts = {name: client[name][CONTRACTS].estimated_document_count() for name in (THIRTY, ONE)}
    return found == marker and counts == marker["documents"]


def _make(client: MongoClient[Document], marker: Document, first: Snapshot) -> None:
    """Write every session of both databases, two at a time, and the marker."""
    for name in (_MARKER, THIRTY, ONE):
        client.drop_database(name)
    for name in (THIRTY, ONE):
        Indexes(client[name], RETENTION_DAYS).ensure()
    units = [
        (client[THIRTY], symbol, day) for day in sessions.days() for symbol in sessions.SYMBOLS
    ]
    units += [(client[ONE], symbol, sessions.LAST_DAY) for symbol in sessions.SYMBOLS]
    total = sum(marker["documents"].values())
    with (
        progress_bar(total, "The sessions, once", " documents") as bar,
        ThreadPoolExecutor(_WRITERS) as pool,
    ):
        for _ in pool.map(partial(_write, bar, first), *zip(*units, strict=True)):
            pass
    client[_MARKER]["marker"].insert_one(marker)
    client.admin.command("fsync")  # so that no measure waits for the disk


def _write(bar: Bar, first: Snapshot, database: Database[Document], symbol: str, day: date) -> None:
    """Write a symbol's session as the recorder's documents."""
    for some in batched(sessions.snapshots(symbol, day, first), _BULK, strict=False):
        contracts: list[Any] = [row for each in some for row in contract_documents(each)]
        headers: list[Any] = [header_document(each) for each in some]
        for header in headers:
            header["last_seen_at"] += sessions.EVERY - sessions.TICK
        database[CONTRACTS].insert_many(contracts, ordered=False)
        database[SNAPSHOTS].insert_many(headers, ordered=False)
        bar.update(len(contracts))
    database[TICKS].insert_many(sessions.ledger(symbol, day), ordered=False)
