"""Sealing beside a bare `find` of the same documents: time, and the memory of a process for it."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from pymongo.database import Database

from chain_archive.sealing import Sealer
from local.mongod import Mongod
from optionchain.archive.folder_store import FolderStore
from optionchain.mongo.client import Document
from optionchain.mongo.documents import contract_documents, header_document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS, Indexes
from optionchain.snapshot import Snapshot
from tests.performance import sessions
from tests.performance.dataset import open_at
from tests.performance.measure import Figure, Ratio, Row
from tests.performance.sample_bodies import steady_body

DAY = date(2026, 6, 19)
SYMBOLS = ("NIFTY", "BANKNIFTY")
EXPIRIES = (date(2026, 6, 23), date(2026, 6, 30), date(2026, 7, 28))
SNAPSHOTS_OF_AN_EXPIRY = 1_000
_OPENS, _EVERY = datetime(2026, 6, 19, 3, 45, tzinfo=UTC), timedelta(seconds=20)
_NAME = "sealing"
_MOST_MEGABYTES = 256
# Of so many contracts numbers change from one snapshot to the next.
_SHARE_THAT_MOVES = 0.4


def rows() -> Iterator[Row]:
    """Yield the time of sealing a day of 1.24 million contracts, and the peak of its memory."""
    with TemporaryDirectory() as folder, Mongod(Path(folder) / "mongod") as mongod:
        database = open_at(mongod.uri, _NAME)
        number = _load(database)
        database.client.close()
        bare = min(_in_process(mongod.uri, "find", folder)[0] for _ in range(2))
        runs = [_in_process(mongod.uri, "seal", f"{folder}/{run}") for run in range(2)]
        yield Ratio(f"seal {number:,} contracts (CPU)", min(run[0] for run in runs), bare, 2.0)
        peak = max(run[1] for run in runs)
        yield Figure("seal: peak memory of the process, MB", peak, _MOST_MEGABYTES)


def _load(database: Database[Document]) -> int:
    Indexes(database, 3_650).ensure()
    number = 0
    for symbol in SYMBOLS:
        for expiry in EXPIRIES:
            for some in batched(_snapshots(symbol, expiry), 20, strict=False):
                contracts: list[Any] = [row for each in some for row in contract_documents(each)]
                headers: list[Any] = [header_document(each) for each in some]
                database[CONTRACTS].insert_many(contracts, ordered=False)
                database[SNAPSHOTS].insert_many(headers, ordered=False)
                number += len(contracts)
        ticks = sessions.ledger(symbol, DAY)
        database[TICKS].insert_many(ticks, ordered=False)
    database.client.admin.command("fsync")
    return number


def _snapshots(symbol: str, expiry: date) -> Iterator[Snapshot]:
    draw, times = Random(f"{symbol} {expiry}").random, sessions.SYMBOLS[symbol]
    first = sessions.first_snapshot(steady_body())
    quotes = [sessions.scaled_quote(quote, times) for quote in first.quotes]
    for number in range(SNAPSHOTS_OF_AN_EXPIRY):
        tick = _OPENS + number * _EVERY
        quotes = [
            sessions.next_quote(each, draw) if draw() < _SHARE_THAT_MOVES else each
            for each in quotes
        ]
        underlying = first.underlying_value
        yield Snapshot(symbol, expiry, tick, tick - _EVERY / 4, underlying, tuple(quotes))


def _in_process(uri: str, what: str, folder: str) -> tuple[float, float]:
    """Return the CPU milliseconds of the work in a new process, and its peak megabytes."""
    command = (sys.executable, "-m", "tests.performance.sealing", uri, what, folder)
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    milliseconds, megabytes = map(float, ran.stdout.split())
    return milliseconds, megabytes


def _peak_megabytes() -> float:
    """Return the peak of this program's memory; `ru_maxrss` has that of its parent's fork too."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line) / 1_024


def _main(uri: str, what: str, folder: str) -> None:
    database = open_at(uri, _NAME)
    begun = time.process_time()
    if what == "find":
        for _ in database[CONTRACTS].find():
            pass
    else:
        sealer = Sealer(database, FolderStore(Path(folder)))
        for symbol in SYMBOLS:
            sealer.seal(symbol, DAY)
    sys.stdout.write(f"{(time.process_time() - begun) * 1e3} {_peak_megabytes()}\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
