"""Takes in the bodies that the requests of a tick brought, together.

Their newest headers are found by one operation, and those that bring nothing new are confirmed by
one. A snapshot that is new is stored by itself, several of them at the same time.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from chain_fetch.recording.ingestion import Ingestion
from chain_fetch.recording.newest_headers import Chain
from chain_fetch.recording.request_result import RequestResult
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid, SnapshotTorn, StoreUnavailable
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_writer import Confirmation


@dataclass(frozen=True)
class Intake:
    """Has bodies judged and stored; `pool` does the work of those that may be new."""

    ingestion: Ingestion
    pool: Executor

    def take_in(self, bodies: Sequence[RequestResult], until: float) -> list[RequestResult]:
        """Take in bodies of a tick, and tell their results what became of them.

        Returns those that were not stored by the `time.monotonic()` second `until`: what becomes of
        them is not known, and they must not be used.
        """
        unfinished: list[RequestResult] = []
        if bodies:
            started = time.perf_counter()
            with _failing(bodies):
                if time.monotonic() > until:
                    raise StoreUnavailable("it took too long for the bodies before")
                newest = self.ingestion.newest.of(_chain(body) for body in bodies)
                _share_time(bodies, started)
                unfinished = self._judge_all(bodies, newest, until)
        return unfinished

    def _judge_all(
        self,
        bodies: Sequence[RequestResult],
        newest: Mapping[Chain, HeaderDocument],
        until: float,
    ) -> list[RequestResult]:
        seen: list[tuple[RequestResult, Confirmation]] = []
        running = {}
        for body in bodies:
            header = newest.get(_chain(body))
            if same := self.ingestion.take_in_known(body, header):
                seen.append((body, same))
            else:
                running[self.pool.submit(self._take_in, body, header)] = body
        done, unfinished = wait(running, max(until - time.monotonic(), 0))
        for each in done:
            running[each].error = each.exception()
        good = [each for each in done if not each.exception()]
        seen += [(running[each], same) for each in good if (same := each.result())]
        self._confirm(seen, until)
        return [running[each] for each in unfinished]

    def _take_in(self, body: RequestResult, newest: HeaderDocument | None) -> Confirmation | None:
        return guarded(body, lambda: self._parse_and_store(body, newest))

    def _parse_and_store(
        self, body: RequestResult, newest: HeaderDocument | None
    ) -> Confirmation | None:
        if (snapshot := body.body()) is None:
            return None
        started = time.perf_counter()
        try:
            return self.ingestion.take_in(snapshot, newest, body)
        finally:
            _share_time([body], started)

    def _confirm(self, seen: Sequence[tuple[RequestResult, Confirmation]], until: float) -> None:
        if not seen:
            return
        bodies = [body for body, _ in seen]
        started = time.perf_counter()
        with _failing(bodies):
            self.ingestion.store.confirm_all([same for _, same in seen])
            _share_time(bodies, started)
            self._prepare([same.header for _, same in seen], until)

    def _prepare(self, headers: Sequence[HeaderDocument], until: float) -> None:
        """Have in memory what the next snapshots are compared with."""
        facts = self.ingestion.facts
        missing = [header for header in headers if not facts.is_prepared(header)]
        reading = [self.pool.submit(facts.prepare, header) for header in missing]
        wait(reading, max(until - time.monotonic(), 0))


def guarded[T](result: RequestResult, work: Callable[[], T]) -> T | None:
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


def _chain(body: RequestResult) -> Chain:
    return body.request.symbol, body.request.expiry


@contextmanager
def _failing(bodies: Sequence[RequestResult]) -> Iterator[None]:
    """Let all these bodies fail if the database is away."""
    try:
        yield
    except StoreUnavailable as error:
        for body in bodies:
            body.fail("database", error)


def _share_time(bodies: Sequence[RequestResult], started: float) -> None:
    """Add to each body its share of the time since `started`, which they took in common."""
    share = (time.perf_counter() - started) * 1e3 / len(bodies)
    for body in bodies:
        body.store_ms += share
