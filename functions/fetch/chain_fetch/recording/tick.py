"""One tick: read what the plan says, side by side, and store what is news."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, wait
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Protocol

from chain_fetch.nse.refusals import Refused
from chain_fetch.payload.parser import parse
from chain_fetch.recording.deduplication import Verdict, commit_of, judge
from chain_fetch.recording.plan import Reading, readings
from chain_fetch.recording.tick_grid import tick_number
from optionchain.errors import PayloadInvalid, SnapshotTorn, StoreUnavailable
from optionchain.market import Market
from optionchain.mongo.client import OPERATION_TIMEOUT_MS
from optionchain.mongo.snapshot_writer import CommitResult, SnapshotWriter
from optionchain.mongo.tick_ledger import Outcome, Reason
from optionchain.snapshot import Snapshot

# A tick's requests end this long before the next tick begins.
_MARGIN = timedelta(seconds=0.25)
# Storing may begin at the deadline, and takes three operations at worst.
_LINGER_SECONDS = 3 * OPERATION_TIMEOUT_MS / 1e3


class ChainSource(Protocol):
    """Where expiries and chains come from: NseClient, or a fake in tests."""

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return a symbol's expiry dates, nearest first."""

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the body of one expiry, as received."""


@dataclass
class Read:
    """What became of one reading. Durations are in milliseconds."""

    reading: Reading
    outcome: Outcome = "failed"
    verdict: Verdict | None = None
    reason: Reason | None = None
    detail: str | None = None
    retry_after: float | None = None
    received_at: datetime | None = None
    exchange_timestamp: datetime | None = None
    legs: int = 0
    committed: CommitResult = field(default=CommitResult(0, 0))
    fetch_ms: float = 0.0
    parse_ms: float = 0.0
    store_ms: float = 0.0

    def fail(self, reason: Reason, error: Exception) -> None:
        """Record why there is nothing to store."""
        self.outcome, self.reason, self.detail = "failed", reason, str(error)


@dataclass(frozen=True)
class TickReader:
    """Reads a tick's expiries within the request budget and stores the news among them."""

    source: ChainSource
    store: SnapshotWriter
    pool: Executor
    nearest: int
    interval: int
    requests_per_second: int
    risk_free_rate: float
    market: Callable[[], Market] = lambda: Market("always")
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def read(self, symbols: Sequence[str], tick: datetime) -> dict[str, list[Read]]:
        """Return what became of each reading, by symbol; never raises for a bad tick."""
        whole = timedelta(seconds=self.interval)
        # Never longer than a tick, should the clock have been put back since it was due.
        left = min(tick + whole - _MARGIN - self.now(), whole)
        deadline = time.monotonic() + left.total_seconds()
        reads: dict[str, list[Read]] = {symbol: [] for symbol in symbols}
        expiries = self._expiries(symbols, deadline, reads)
        plan = readings(
            expiries,
            self.nearest,
            tick_number(tick, self.interval),
            self.requests_per_second * self.interval,
        )
        begun = [
            (reading, self.pool.submit(self._one, reading, tick, deadline)) for reading in plan
        ]
        # Requests end by the deadline by themselves, and the database has its own time-outs. This
        # is for what neither sees: a server that sends its headers a byte at a time.
        wait([future for _, future in begun], max(deadline - time.monotonic(), 0) + _LINGER_SECONDS)
        for reading, future in begun:
            reads[reading.symbol].append(future.result() if future.done() else _given_up(reading))
        return reads

    def _expiries(
        self, symbols: Sequence[str], deadline: float, reads: dict[str, list[Read]]
    ) -> dict[str, list[date]]:
        known = {}
        for symbol in symbols:
            read = Read(Reading(symbol, date.min, required=True))
            if found := _guarded(read, partial(self.source.expiries, symbol, deadline)):
                known[symbol] = found
            else:
                reads[symbol].append(read)
        return known

    def _one(self, reading: Reading, tick: datetime, deadline: float) -> Read:
        read = Read(reading)
        _guarded(read, lambda: self._fetch_and_store(read, tick, deadline))
        return read

    def _fetch_and_store(self, read: Read, tick: datetime, deadline: float) -> None:
        symbol, expiry, _ = read.reading
        started = time.perf_counter()
        try:
            body = self.source.chain(symbol, expiry, deadline)
        finally:
            fetched = time.perf_counter()
            read.fetch_ms = (fetched - started) * 1e3
        read.received_at = self.now()
        snapshot = _the_one(parse(body, symbol, tick), expiry)
        parsed = time.perf_counter()
        read.parse_ms = (parsed - fetched) * 1e3
        read.legs = len(snapshot.quotes)
        read.exchange_timestamp = snapshot.exchange_timestamp
        self._store(read, snapshot)
        read.store_ms = (time.perf_counter() - parsed) * 1e3

    def _store(self, read: Read, snapshot: Snapshot) -> None:
        last = self.store.latest_header(snapshot.symbol, snapshot.expiry)
        read.outcome = "unchanged"
        if self.market().is_earlier_session(snapshot.exchange_timestamp, snapshot.fetched_at):
            read.verdict = Verdict.EARLIER_SESSION
            return
        read.verdict = judge(snapshot, last)
        if read.verdict in (Verdict.NEW, Verdict.REVISED):
            commit = commit_of(snapshot, read.verdict, last, self.risk_free_rate)
            read.committed = self.store.commit([commit])
            read.outcome = "stored"
        elif read.verdict is Verdict.UNCHANGED and last is not None:
            self.store.confirm(last, snapshot.fetched_at)


def _the_one(snapshots: list[Snapshot], expiry: date) -> Snapshot:
    if [snapshot.expiry for snapshot in snapshots] != [expiry]:
        raise PayloadInvalid(f"the body is not of the expiry {expiry} alone", "records.data")
    return snapshots[0]


def _given_up(reading: Reading) -> Read:
    read = Read(reading)
    read.fail("timeout", Refused("timeout", "the answer was still dripping in"))
    return read


def _guarded[T](read: Read, work: Callable[[], T]) -> T | None:
    """Run `work`; on any failure that the project knows, record its reason instead."""
    try:
        return work()
    except Refused as error:
        read.fail(error.reason, error)
        read.retry_after = error.retry_after
    except PayloadInvalid as error:
        read.fail(error.reason, error)
    except (StoreUnavailable, SnapshotTorn) as error:
        read.fail("database", error)
    return None
