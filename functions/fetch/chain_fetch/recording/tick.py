"""One tick: send its requests side by side, and take in what they bring."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, wait
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from math import ceil, inf
from typing import Protocol

from chain_fetch.recording.ingestion import Ingestion
from chain_fetch.recording.plan import PlannedRequest, plan_requests
from chain_fetch.recording.request_result import RequestResult
from chain_fetch.recording.tick_grid import tick_number
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid, SnapshotTorn, StoreUnavailable
from optionchain.mongo.client import OPERATION_TIMEOUT_MS
from optionchain.snapshot import Snapshot

# A tick's requests end this long before the next tick begins.
_MARGIN = timedelta(seconds=0.25)
# Storing may begin at the deadline, and takes at most three operations of the database.
_STORE_SECONDS = 3 * OPERATION_TIMEOUT_MS / 1e3


class ChainSource(Protocol):
    """Where expiries and chains come from: NseClient, or a fake in tests."""

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return a symbol's expiry dates, nearest first."""

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the body of one expiry, as received."""


class ParseBody(Protocol):
    """How a body of the source becomes a snapshot."""

    def __call__(self, body: bytes, symbol: str, fetched_at: datetime, /) -> Snapshot:
        """Return the snapshot; raise PayloadInvalid."""


@dataclass(frozen=True)
class TickReader:
    """Requests a tick's expiries within the request budget and has their bodies taken in."""

    source: ChainSource
    parse: ParseBody
    ingestion: Ingestion
    pool: Executor
    nearest: int
    interval: int
    requests_per_second: int
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def read(
        self, symbols: Sequence[str], tick: datetime, longest: float = inf
    ) -> dict[str, list[RequestResult]]:
        """Return the results of a tick's requests, by symbol; never raises for a bad tick.

        The requests end after `longest` seconds at the latest.
        """
        deadline = min(self._deadline(tick), time.monotonic() + longest)
        results: dict[str, list[RequestResult]] = {symbol: [] for symbol in symbols}
        requests = plan_requests(
            self._expiries(symbols, deadline, results),
            self.nearest,
            tick_number(tick, self.interval),
            ceil(self.requests_per_second * min(self.interval, longest)),
        )
        running = [
            (request, self.pool.submit(self._send, request, tick, deadline)) for request in requests
        ]
        # Requests end by the deadline, and the database has time-outs of its own. This limit is for
        # a server that sends its headers so slowly, byte by byte, that no time-out applies.
        futures = [future for _, future in running]
        wait(futures, max(deadline - time.monotonic(), 0) + _STORE_SECONDS)
        for request, future in running:
            result = future.result() if future.done() else _timed_out(request)
            results[request.symbol].append(result)
        return results

    def _deadline(self, tick: datetime) -> float:
        """Return the `time.monotonic()` second by which a tick's requests must have ended."""
        interval = timedelta(seconds=self.interval)
        # Not longer than an interval, even if the wall clock was set back since the tick was due.
        left = min(tick + interval - _MARGIN - self.now(), interval)
        return time.monotonic() + left.total_seconds()

    def _expiries(
        self, symbols: Sequence[str], deadline: float, results: dict[str, list[RequestResult]]
    ) -> dict[str, list[date]]:
        """Return the expiries of each symbol; if they are not known, add a failed result."""
        found = {}
        for symbol in symbols:
            result = RequestResult(PlannedRequest(symbol, date.min, required=True))
            if expiries := _guarded(result, partial(self.source.expiries, symbol, deadline)):
                found[symbol] = expiries
            else:
                results[symbol].append(result)
        return found

    def _send(self, request: PlannedRequest, tick: datetime, deadline: float) -> RequestResult:
        result = RequestResult(request)
        _guarded(result, lambda: self._fetch_and_store(result, tick, deadline))
        return result

    def _fetch_and_store(self, result: RequestResult, tick: datetime, deadline: float) -> None:
        symbol, expiry, _ = result.request
        started = time.perf_counter()
        try:
            body = self.source.chain(symbol, expiry, deadline)
        finally:
            fetched = time.perf_counter()
            result.fetch_ms = (fetched - started) * 1e3
        result.received_at = self.now()
        snapshot = self.parse(body, symbol, tick)
        if snapshot.expiry != expiry:
            raise PayloadInvalid(f"the body is not of the expiry {expiry} alone", "records.data")
        parsed = time.perf_counter()
        result.parse_ms = (parsed - fetched) * 1e3
        result.legs = len(snapshot.quotes)
        self.ingestion.take_in(snapshot, result)
        result.store_ms = (time.perf_counter() - parsed) * 1e3


def _timed_out(request: PlannedRequest) -> RequestResult:
    result = RequestResult(request)
    result.fail("timeout", Refused("timeout", "the answer was still dripping in"))
    return result


def _guarded[T](result: RequestResult, work: Callable[[], T]) -> T | None:
    """Run `work`; if it raises an error that the project knows, record its reason instead."""
    try:
        return work()
    except Refused as error:
        result.fail(error.reason, error)
        result.retry_after = error.retry_after
    except PayloadInvalid as error:
        result.fail(error.reason, error)
    except (StoreUnavailable, SnapshotTorn) as error:
        result.fail("database", error)
    return None
