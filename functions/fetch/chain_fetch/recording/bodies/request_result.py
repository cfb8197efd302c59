"""The result of one planned request of a tick."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from chain_fetch.recording.bodies.deduplication import Verdict
from chain_fetch.recording.bodies.known_bodies import KnownBody
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.errors import StoreUnavailable
from optionchain.mongo.snapshot_writer import CommitResult
from optionchain.mongo.tick_ledger import Outcome, Reason
from optionchain.snapshot import Snapshot


@dataclass
class RequestResult:
    """What a request brought, and what was stored of it. Durations are in milliseconds.

    Once a body has come, `parse` makes a snapshot of it for its `tick`: at once, or when `body`
    asks for it if its bytes are `known` from before. Its numbers have been what they are since
    `data_since`: its time stamp, else the tick at which they came first. An `unfinished` request
    has still not ended, so its body may yet be stored. `error` is one that nobody foresaw.
    """

    request: PlannedRequest
    outcome: Outcome = "failed"
    verdict: Verdict | None = None
    reason: Reason | None = None
    detail: str | None = None
    retry_after: float | None = None
    received_at: datetime | None = None
    exchange_timestamp: datetime | None = None
    data_since: datetime | None = None
    snapshot: Snapshot | None = None
    tick: datetime | None = None
    known: KnownBody | None = None
    parse: Callable[[], Snapshot] | None = None
    listed_expiries: tuple[date, ...] = ()
    legs: int = 0
    committed: CommitResult = field(default=CommitResult(0, 0))
    fetch_ms: float = 0.0
    parse_ms: float = 0.0
    store_ms: float = 0.0
    unfinished: bool = False
    error: BaseException | None = None

    @property
    def has_body(self) -> bool:
        """Tell whether a body came that may be taken in."""
        return self.parse is not None and self.reason is None

    def body(self) -> Snapshot | None:
        """Return what was received, whole; one whose bytes were known is parsed only now."""
        if self.snapshot is None and self.parse is not None:
            self.snapshot = self.parse()
        return self.snapshot

    def fail(self, reason: Reason, detail: object) -> None:
        """Record why nothing is stored."""
        self.outcome, self.reason, self.detail = "failed", reason, str(detail)


@contextmanager
def failing(bodies: Sequence[RequestResult]) -> Iterator[None]:
    """Let all these bodies fail if the database is away."""
    try:
        yield
    except StoreUnavailable as error:
        for body in bodies:
            body.fail("database", error)


def share_time(bodies: Sequence[RequestResult], started: float) -> None:
    """Add to each body its share of the time since `started`, which they took in common."""
    share = (time.perf_counter() - started) * 1e3 / len(bodies)
    for body in bodies:
        body.store_ms += share
