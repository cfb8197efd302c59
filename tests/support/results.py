"""Results of requests as a tick has them, and shifts that record without an exchange."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from chain_fetch.recording.bodies.deduplication import Verdict
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.source_switches import SourceSwitches
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.recording.source_choice.source_reader import ReadTick, SourceOrder, SourceReader
from chain_fetch.recording.ticks.plan import PlannedRequest
from chain_fetch.refused import Refused
from optionchain.mongo.snapshot_writer import CommitResult
from optionchain.mongo.tick_ledger import Outcome, Reason
from tests.support.bodies import EXPIRY, STAMP
from tests.support.fakes import FakeStateStore
from tests.support.snapshots import TICK


def one_source(read: ReadTick, now: Callable[[], datetime]) -> SourceOrder:
    """The order of a recorder of one source, which refuses nothing."""
    reader = SourceReader("nse", read, SourceBackoff(FakeStateStore(), now))
    return SourceOrder([reader], SourceSwitches(NoHistory()))


class NoHistory:
    """A SourceHistory that knows no tick."""

    def last_sources(self, symbols: Sequence[str], before: datetime) -> dict[str, str]:  # noqa: ARG002
        return {}


def good(
    outcome: Outcome = "stored",
    verdict: Verdict = Verdict.NEW,
    *,
    required: bool = True,
    **changes: object,
) -> RequestResult:
    """The result of a request that brought a chain of 206 contracts."""
    values: dict[str, object] = {
        "received_at": TICK,
        "exchange_timestamp": STAMP,
        "legs": 206,
        "committed": CommitResult(206 if outcome == "stored" else 0, duplicates=0),
    }
    result = RequestResult(PlannedRequest("NIFTY", EXPIRY, required), outcome, verdict)
    for name, value in (values | changes).items():
        setattr(result, name, value)
    return result


def failed(
    reason: Reason = "timeout",
    *,
    required: bool = True,
    received: bool = False,
    retry_after: float | None = None,
    expiry: date = EXPIRY,
) -> RequestResult:
    """The result of a request that failed; `received` if the source sent a body all the same."""
    result = RequestResult(PlannedRequest("NIFTY", expiry, required))
    result.received_at = TICK if received else None
    result.fail(reason, Refused(reason, "why", retry_after))
    result.retry_after = retry_after
    return result


def stale(*, required: bool = True) -> RequestResult:
    """The result of a request that brought a body of an earlier session."""
    result = good("unchanged", Verdict.EARLIER_SESSION, required=required)
    result.fail("stale", "of Friday")
    return result


def all_stored(
    note: Callable[[tuple[str, ...], datetime], object],
) -> ReadTick:
    """Return a reader of ticks that notes each one and says that every symbol was stored."""

    def read(
        symbols: Sequence[str],
        tick: datetime,
        *_time: object,
    ) -> dict[str, list[RequestResult]]:
        note(tuple(symbols), tick)
        return {
            name: [RequestResult(PlannedRequest(name, EXPIRY, required=True), outcome="stored")]
            for name in symbols
        }

    return read


class OfTheSession:
    """An Agenda for which every tick is one of a session."""

    def due(self, symbols: Sequence[str], tick: datetime) -> list[str]:  # noqa: ARG002
        return list(symbols)

    def remarks(
        self,
        symbol: str,  # noqa: ARG002
        tick: datetime,  # noqa: ARG002
        *,
        database_away: bool = False,  # noqa: ARG002
    ) -> dict[str, object]:
        return {}
