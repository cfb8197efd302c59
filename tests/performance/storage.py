"""What the compression of collections saves and costs, beside what MongoDB does by itself.

Two databases are written by one loop at a session's pace: some ten snapshots of each chain are
within the server's history, and there are checkpoints in between. The pace matters: an entry of an
index has a time stamp while it is in that history, and for ever on a page that is full by then.
A last session is written while it is measured, with checkpoints on demand; these keep no stamps.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import batched
from random import Random
from statistics import median
from typing import Any, NamedTuple

from local.mongod import Mongod
from local.terminal import progress_bar
from optionchain.exchange_time import expiry_text
from optionchain.mongo.documents import HeaderDocument, identifier
from optionchain.mongo.indexes import CONTRACTS, RECORDED, Indexes
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.snapshot import Snapshot
from tests.performance import dataset, sessions
from tests.performance.measure import Ratio
from tests.performance.processor_time import ProcessorTime
from tests.performance.sample_bodies import steady_body

_PLAIN, _ZSTD = "plain", "zstd"
# 309,000 documents, and a session that is measured while it is written.
_DAYS = 3
_BETWEEN = 2  # snapshots of a chain between two checkpoints
# Seconds. The server takes whole ones between checkpoints, so twice as much is written in between.
_PACE, _CHECKPOINTS, _HISTORY, _NEVER = 0.5, 1, 3, 3_600
SERVER = (
    *("--syncdelay", str(_CHECKPOINTS)),
    *("--setParameter", f"minSnapshotHistoryWindowInSeconds={_HISTORY}"),
)
"""The options of the server: its history and its checkpoints, in proportion to the pace."""
_LARGE, _SMALL = "2G", "64M"  # caches: that of all data, and one of a seventh of them
_ROUNDS, _READS = range(-3, 60), 10


type Times = dict[str, list[float]]


class _Moment(NamedTuple):
    """A stored snapshot, and one of its contracts."""

    header: HeaderDocument
    identifier: str


class StorageBench:
    """A plain and a compressed database on one server of their own."""

    def __init__(self, mongod: Mongod) -> None:
        self._databases = {name: dataset.open_at(mongod.uri, name) for name in (_PLAIN, _ZSTD)}
        self._admin = self._databases[_PLAIN].client.admin
        self._processor = ProcessorTime(mongod.pid)
        self._first = sessions.first_snapshot(steady_body())
        for name in RECORDED:
            self._databases[_PLAIN].create_collection(name, check_exists=False)
        for database in self._databases.values():
            Indexes(database, dataset.RETENTION_DAYS).ensure()

    def rows(self) -> Iterator[Ratio]:
        """Write, and measure bytes and processor time."""
        self._cache(_LARGE)
        *days, last = sessions.days()[-_DAYS - 1 :]
        self._write(days)
        yield self._bytes()
        commits, checkpoints = self._write_and_measure(last)
        legs = len(self._first.quotes)
        name = f"{legs} legs committed, processor time of client and server"
        yield _ratio(f"{name}, zstd / plain", commits, 1.05)
        both = {
            each: [one + other for one, other in zip(commits[each], checkpoints[each], strict=True)]
            for each in commits
        }
        yield _ratio(f"{name}, with its checkpoint", both, None)
        for cache in (_LARGE, _SMALL):
            self._cache(cache)
            yield from self._reads(f"cache of {cache}B")

    def _write(self, days: Sequence[date]) -> None:
        """Write sessions at their pace."""
        parts = [part for day in days for part in self._parts(day)]
        writers = [SnapshotWriter(each) for each in self._databases.values()]
        bar = progress_bar(len(parts), "Three sessions, twice", " checkpoints")
        for part in parts:
            until = time.monotonic() + _PACE
            for writer in writers:
                for snapshot in part:
                    writer.commit(Commit(snapshot))
            time.sleep(max(until - time.monotonic(), 0))
            bar.update()
        bar.close()
        time.sleep(_HISTORY + 2 * _CHECKPOINTS)
        self._checkpoint()

    def _write_and_measure(self, day: date) -> tuple[Times, Times]:
        """Return the milliseconds of commits and of checkpoints a snapshot, of a session."""
        self._set(syncdelay=_NEVER)
        writers = {name: SnapshotWriter(each) for name, each in self._databases.items()}
        commits, checkpoints = ({name: list[float]() for name in writers} for _ in range(2))
        for number, part in enumerate(self._parts(day)):
            for name in list(writers)[:: 1 if number % 2 else -1]:
                before = self._processor.now()
                for snapshot in part:
                    writers[name].commit(Commit(snapshot))
                between = self._processor.now()
                self._checkpoint()
                commits[name].append((between - before) / len(part))
                checkpoints[name].append((self._processor.now() - between) / len(part))
        return commits, checkpoints

    def _parts(self, day: date) -> Iterator[Sequence[Snapshot]]:
        """Yield what is written between two checkpoints."""
        chains = [sessions.snapshots(each, day, self._first) for each in sessions.SYMBOLS]
        for moments in batched(zip(*chains, strict=True), _BETWEEN, strict=False):
            yield [snapshot for moment in moments for snapshot in moment]

    def _bytes(self) -> Ratio:
        """Return the bytes of a contract, with its part of headers."""
        found = {}
        for name, database in self._databases.items():
            rows = [database.command("collStats", each) for each in RECORDED]
            taken = sum(row["storageSize"] + row["totalIndexSize"] for row in rows)
            found[name] = taken / database[CONTRACTS].estimated_document_count()
        name = "bytes of a contract on disk, data and indexes, zstd / plain"
        return Ratio(name, found[_ZSTD], found[_PLAIN], 0.48)

    def _reads(self, cache: str) -> Iterator[Ratio]:
        readers = {name: SnapshotReader(each, naive=True) for name, each in self._databases.items()}
        moments = self._moments()

        def latest(name: str, _: _Moment) -> int:
            header = readers[name].latest_header("NIFTY")
            return len(readers[name].contracts(header)) if header else 0

        def as_of(name: str, moment: _Moment) -> int:
            return len(readers[name].contracts(moment.header))

        def window(name: str, moment: _Moment) -> int:
            middle = moment.header["underlying_value"] or 0.0
            where = {"strike_price": {"$gte": middle * 0.99, "$lte": middle * 1.01}}
            return len(readers[name].contracts(moment.header, where))

        def history(name: str, moment: _Moment) -> int:
            day = moment.header["fetched_at"].replace(hour=0, minute=0)
            query = {"identifier": moment.identifier, "fetched_at": {"$gte": day}}
            found = self._databases[name][CONTRACTS].find(query, limit=sessions.SNAPSHOTS)
            return len(list(found.batch_size(sessions.SNAPSHOTS)))

        for read in (latest, as_of, history, window):
            label = f"{read.__name__.replace('_', '-')}, processor time, {cache}, zstd / plain"
            yield _ratio(label, self._read(read, moments), 1.1)

    def _read(self, read: Callable[[str, _Moment], int], moments: Sequence[_Moment]) -> Times:
        """Return the milliseconds of a read in each round."""
        times = {name: list[float]() for name in self._databases}
        for number in _ROUNDS:
            drawn = Random(number).sample(moments, _READS)
            for name in list(times)[:: 1 if number % 2 else -1]:
                before = self._processor.now()
                assert all(read(name, moment) for moment in drawn), read.__name__
                if number >= 0:
                    times[name].append((self._processor.now() - before) / _READS)
        return times

    def _moments(self) -> list[_Moment]:
        draw = Random(sessions.SEED)
        headers: list[Any] = list(self._databases[_ZSTD]["snapshots"].find())
        found = []
        for header in headers:
            leg, symbol = draw.choice(self._first.quotes), header["symbol"]
            strike = leg.strike_price * sessions.SYMBOLS[symbol]
            name = identifier(symbol, leg.side, strike, expiry_text(header["expiry"].date()))
            found.append(_Moment(header, name))
        return found

    def _checkpoint(self) -> None:
        self._admin.command("fsync")

    def _cache(self, size: str) -> None:
        self._set(wiredTigerEngineRuntimeConfig=f"cache_size={size}")

    def _set(self, **parameters: object) -> None:
        self._admin.command({"setParameter": 1, **parameters})


def _ratio(name: str, times: Times, limit: float | None) -> Ratio:
    return Ratio(name, median(times[_ZSTD]), median(times[_PLAIN]), limit)
