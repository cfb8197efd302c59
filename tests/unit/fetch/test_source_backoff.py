"""Nothing is asked while the exchange is known to refuse; what is known is remembered."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chain_fetch.nse.refusals import Refused
from chain_fetch.recording.plan import Reading
from chain_fetch.recording.source_backoff import SourceWatch
from chain_fetch.recording.tick import Read
from optionchain.errors import StoreUnavailable
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason
from tests.support.bodies import EXPIRY
from tests.support.fakes import Memory, SimulatedClock
from tests.support.snapshots import INTERVAL, TICK

HOUR = timedelta(hours=1)


class ShakyMemory(Memory):
    """A memory that is not there while `away`; counts what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.writes = 0

    def read(self) -> SourceState:
        self._answer()
        return super().read()

    def write(self, state: SourceState) -> None:
        self._answer()
        self.writes += 1
        super().write(state)

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailable("nobody answers")


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(TICK)


@pytest.fixture
def memory() -> ShakyMemory:
    return ShakyMemory()


@pytest.fixture
def watch(memory: ShakyMemory, clock: SimulatedClock) -> SourceWatch:
    return SourceWatch(memory, clock.now)


def good() -> Read:
    return Read(Reading("NIFTY", EXPIRY, required=True), outcome="stored", received_at=TICK)


def failed(reason: Reason, *, received: bool = False, retry_after: float | None = None) -> Read:
    """A reading that failed; `received`: the exchange answered with a body."""
    read = Read(Reading("NIFTY", EXPIRY, required=True), received_at=TICK if received else None)
    read.fail(reason, Refused(reason, "why", retry_after))
    read.retry_after = retry_after
    return read


def learn(watch: SourceWatch, *reads: Read) -> None:
    watch.learn({"NIFTY": reads})


# ── what is learnt ───────────────────────────────────────────────────────────────────────────


def test_a_source_that_answers_is_asked_and_nothing_is_written(
    watch: SourceWatch, memory: ShakyMemory
) -> None:
    for _ in range(3):
        assert watch.waiting() is None
        learn(watch, good(), good())
    assert memory.writes == 0


@pytest.mark.parametrize("reason", ["blocked", "rate_limited"])
@pytest.mark.parametrize("others", [(), (good(),), (failed("timeout"),)])
def test_a_grave_refusal_holds_whatever_else_was_answered(
    watch: SourceWatch, memory: ShakyMemory, reason: Reason, others: tuple[Read, ...]
) -> None:
    learn(watch, *others, failed(reason))
    state = watch.waiting()
    assert state is not None
    assert (state.reason, state) == (reason, memory.state)


@pytest.mark.parametrize("reason", ["timeout", "server_error", "empty", "unauthorised", "not_json"])
def test_a_light_refusal_is_forgiven_where_another_request_was_answered(
    watch: SourceWatch, memory: ShakyMemory, reason: Reason
) -> None:
    for _ in range(10):
        learn(watch, failed(reason), good())
    assert memory.state == SourceState()


@pytest.mark.parametrize("reason", ["timeout", "server_error", "empty", "unauthorised", "not_json"])
def test_a_light_refusal_of_everything_is_waited_for_in_the_end(
    watch: SourceWatch, reason: Reason
) -> None:
    for _ in range(4):
        learn(watch, failed(reason), failed(reason))
    state = watch.waiting()
    assert state is not None
    assert state.reason == reason


def test_the_time_that_a_refusal_names_is_kept_from_its_first_tick(
    watch: SourceWatch, clock: SimulatedClock
) -> None:
    learn(watch, failed("server_error", retry_after=30))
    assert watch.waiting()
    clock.sleep(33)
    assert watch.waiting() is None


def test_a_page_in_the_place_of_data_is_no_answer(watch: SourceWatch) -> None:
    """It came with status 200 and was received: data it is not."""
    for _ in range(3):
        learn(watch, failed("not_json", received=True))
    state = watch.waiting()
    assert state is not None
    assert state.reason == "not_json"


@pytest.mark.parametrize("reason", ["empty", "invalid_payload", "truncated", "database"])
def test_a_body_at_fault_says_that_the_source_answers(
    watch: SourceWatch, memory: ShakyMemory, reason: Reason
) -> None:
    learn(watch, failed("server_error"))
    assert memory.state.failures == 1
    learn(watch, failed(reason, received=True))
    assert memory.state == SourceState()


@pytest.mark.parametrize("reason", ["busy", "database", "invalid_payload", "truncated"])
def test_a_tick_that_asked_nothing_teaches_nothing(
    watch: SourceWatch, memory: ShakyMemory, reason: Reason
) -> None:
    learn(watch, failed("server_error"))
    learn(watch, failed(reason))
    learn(watch)
    assert (memory.state.reason, memory.state.failures, memory.writes) == ("server_error", 1, 1)


def test_a_success_ends_what_was_remembered(
    watch: SourceWatch, memory: ShakyMemory, clock: SimulatedClock
) -> None:
    learn(watch, failed("blocked"))
    clock.sleep(HOUR.total_seconds())
    assert watch.waiting() is None
    learn(watch, good())
    assert memory.state == SourceState()


@pytest.mark.parametrize("reason", ["blocked", "rate_limited"])
def test_a_grave_refusal_outside_of_a_tick_is_heeded(watch: SourceWatch, reason: Reason) -> None:
    watch.heed(Refused(reason, "why"))
    assert watch.waiting()


@pytest.mark.parametrize("reason", ["timeout", "server_error", "empty", "not_json", "busy"])
def test_a_light_refusal_outside_of_a_tick_is_none_of_the_ticks_concern(
    watch: SourceWatch, memory: ShakyMemory, reason: Reason
) -> None:
    watch.heed(Refused(reason, "why", retry_after=60))
    assert (watch.waiting(), memory.writes) == (None, 0)


# ── what is remembered ───────────────────────────────────────────────────────────────────────


def test_another_environment_obeys_and_ends_the_wait(
    watch: SourceWatch, memory: ShakyMemory, clock: SimulatedClock
) -> None:
    learn(watch, failed("blocked"))
    another = SourceWatch(memory, clock.now)
    assert another.waiting() == watch.waiting() is not None
    clock.sleep(HOUR.total_seconds())
    assert another.waiting() is None
    learn(another, good())
    assert watch.waiting() is None
    learn(watch, failed("blocked"))
    assert memory.state.failures == 1, "the other one's success counts for both"


@pytest.mark.parametrize("when", ["near", "far"])
def test_a_wait_that_somebody_wrote_is_obeyed_until_its_end(
    watch: SourceWatch, memory: ShakyMemory, clock: SimulatedClock, when: str
) -> None:
    until = TICK + (INTERVAL if when == "near" else 24 * HOUR)
    memory.state = SourceState("blocked", "HTTP 403", TICK, until, 1)
    assert watch.waiting() == memory.state
    clock.sleep((until - TICK).total_seconds())
    assert watch.waiting() is None


def away_and_back(memory: ShakyMemory, work: Callable[[], object]) -> None:
    memory.away = True
    work()
    memory.away = False


def test_without_the_database_what_is_known_here_holds(
    watch: SourceWatch, memory: ShakyMemory
) -> None:
    learn(watch, failed("blocked"))
    away_and_back(memory, lambda: [watch.waiting() for _ in range(3)])
    memory.away = True
    assert watch.waiting()


def test_a_wait_that_could_not_be_written_is_kept_and_written_later(
    watch: SourceWatch, memory: ShakyMemory
) -> None:
    away_and_back(memory, lambda: learn(watch, failed("blocked")))
    assert memory.state == SourceState()
    assert watch.waiting()
    assert memory.state.reason == "blocked"


def test_a_longer_wait_of_another_is_not_written_over(
    watch: SourceWatch, memory: ShakyMemory
) -> None:
    away_and_back(memory, lambda: learn(watch, failed("server_error", retry_after=30)))
    longer = SourceState("rate_limited", "HTTP 403", TICK, TICK + HOUR, 3)
    memory.state = longer
    assert watch.waiting() == longer == memory.state


def test_a_success_that_could_not_be_written_does_not_wipe_a_wait_of_another(
    watch: SourceWatch, memory: ShakyMemory
) -> None:
    learn(watch, failed("server_error"))
    away_and_back(memory, lambda: learn(watch, good()))
    memory.state = SourceState("blocked", "HTTP 403", TICK, TICK + HOUR, 1)
    assert watch.waiting() == memory.state


# ── what a person reads ──────────────────────────────────────────────────────────────────────


def test_a_wait_says_until_when_and_why(watch: SourceWatch) -> None:
    learn(watch, failed("rate_limited", retry_after=600))
    state = watch.waiting()
    assert state is not None
    until: datetime | None = state.until
    assert until is not None
    assert state.until_text() == f"nothing is asked until {until:%H:%M:%S} UTC: {state.detail}"
    assert state.detail == "rate_limited: why"
