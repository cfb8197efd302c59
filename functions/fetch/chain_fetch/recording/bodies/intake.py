"""Takes in the bodies that the requests of a tick brought, together.

Their newest headers are found by one operation, and those that bring nothing new are confirmed by
one. Snapshots that are new are committed as they are judged, several by one operation.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass

from chain_fetch.recording.bodies.committing import commit_group, grouped
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.newest_headers import Chain
from chain_fetch.recording.bodies.request_result import RequestResult, failing, share_time
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid, SnapshotTorn, StoreUnavailable
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_writer import Commit, Confirmation

# What was judged in so many seconds is committed while the rest is judged.
_TOGETHER_SECONDS = 0.25

type Judged = Commit | Confirmation | None


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
            with failing(bodies):
                if time.monotonic() > until:
                    raise StoreUnavailable("it took too long for the bodies before")
                newest = self.ingestion.newest.of(_chain(body) for body in bodies)
                share_time(bodies, started)
                unfinished = self._judge_all(bodies, newest, until)
        return unfinished

    def _judge_all(
        self,
        bodies: Sequence[RequestResult],
        newest: Mapping[Chain, HeaderDocument],
        until: float,
    ) -> list[RequestResult]:
        seen: list[tuple[RequestResult, Confirmation]] = []
        judging: dict[Future[Judged], RequestResult] = {}
        for body in bodies:
            header = newest.get(_chain(body))
            if same := self.ingestion.take_in_known(body, header):
                seen.append((body, same))
            else:
                judging[self.pool.submit(self._take_in, body, header)] = body
        storing: dict[Future[None], list[RequestResult]] = {}
        while judging:
            left = max(until - time.monotonic(), 0)
            done, _ = wait(judging, min(left, _TOGETHER_SECONDS))
            judged = [_judged(judging.pop(each), each) for each in done]
            seen += [(body, each) for body, each in judged if isinstance(each, Confirmation)]
            storing |= self._begin_commits(judged)
            if not left:
                break
        _, unfinished = wait(storing, max(until - time.monotonic(), 0))
        self._confirm(seen, until)
        return [*judging.values(), *(body for each in unfinished for body in storing[each])]

    def _begin_commits(
        self, judged: Sequence[tuple[RequestResult, Judged]]
    ) -> dict[Future[None], list[RequestResult]]:
        news = [(body, each) for body, each in judged if isinstance(each, Commit)]
        return {
            self.pool.submit(commit_group, self.ingestion.store, group): [body for body, _ in group]
            for group in grouped(news)
        }

    def _take_in(self, body: RequestResult, newest: HeaderDocument | None) -> Judged:
        return guarded(body, lambda: self._parse_and_judge(body, newest))

    def _parse_and_judge(self, body: RequestResult, newest: HeaderDocument | None) -> Judged:
        if (snapshot := body.body()) is None:
            return None
        started = time.perf_counter()
        try:
            return self.ingestion.take_in(snapshot, newest, body)
        finally:
            share_time([body], started)

    def _confirm(self, seen: Sequence[tuple[RequestResult, Confirmation]], until: float) -> None:
        if not seen:
            return
        bodies = [body for body, _ in seen]
        started = time.perf_counter()
        with failing(bodies):
            self.ingestion.store.confirm_all([same for _, same in seen])
            share_time(bodies, started)
            self._prepare([same.header for _, same in seen], until)

    def _prepare(self, headers: Sequence[HeaderDocument], until: float) -> None:
        """Have in memory what the next snapshots are compared with."""
        facts = self.ingestion.facts
        missing = [header for header in headers if not facts.is_prepared(header)]
        reading = [self.pool.submit(facts.prepare, header) for header in missing]
        wait(reading, max(until - time.monotonic(), 0))


def _judged(body: RequestResult, judging: Future[Judged]) -> tuple[RequestResult, Judged]:
    """Return what a body was judged to be: nothing, and the error in it, if that is unforeseen."""
    body.error = judging.exception()
    return body, None if body.error else judging.result()


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
