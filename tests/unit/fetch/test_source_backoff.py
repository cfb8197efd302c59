"""Nothing is asked while the source is known to refuse; what is known is stored."""

from datetime import timedelta

import pytest

from chain_fetch.recording.request_result import RequestResult
from chain_fetch.recording.source_backoff import SourceBackoff
from chain_fetch.refused import Refused
from optionchain.errors import StoreUnavailable
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason
from tests.support.fakes import FakeStateStore, SimulatedClock
from tests.support.results import failed, good
from tests.support.snapshots import INTERVAL, TICK

HOUR = timedelta(hours=1)
BLOCKS: tuple[Reason, ...] = ("blocked", "rate_limited")
LIGHT: tuple[Reason, ...] = ("timeout", "server_error", "empty", "unauthorised", "not_json")


class ShakyStore(FakeStateStore):
    """Does not answer while `away`; counts the writes."""

    away = False
    writes = 0

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
def store() -> ShakyStore:
    return ShakyStore()


@pytest.fixture
def backoff(store: ShakyStore, clock: SimulatedClock) -> SourceBackoff:
    return SourceBackoff(store, clock.now)


def record(backoff: SourceBackoff, *results: RequestResult) -> None:
    backoff.record_results({"NIFTY": results})


def reason_to_wait(backoff: SourceBackoff) -> Reason | None:
    state = backoff.current_wait()
    return state.reason if state else None


def test_answers_alone_write_nothing(backoff: SourceBackoff, store: ShakyStore) -> None:
    for _ in range(3):
        assert backoff.current_wait() is None
        record(backoff, good(), good())
    assert store.writes == 0


@pytest.mark.parametrize("reason", BLOCKS)
@pytest.mark.parametrize("others", [(), (good(),), (failed("timeout"),)])
def test_a_block_holds_whatever_else_was_answered(
    backoff: SourceBackoff, store: ShakyStore, reason: Reason, others: tuple[RequestResult, ...]
) -> None:
    record(backoff, *others, failed(reason))
    assert backoff.current_wait() == store.state
    assert store.state.reason == reason


@pytest.mark.parametrize("reason", LIGHT)
def test_a_light_refusal_does_not_count_if_another_request_was_answered(
    backoff: SourceBackoff, store: ShakyStore, reason: Reason
) -> None:
    for _ in range(10):
        record(backoff, failed(reason), good())
    assert store.state == SourceState()


@pytest.mark.parametrize("reason", LIGHT)
def test_four_ticks_of_light_refusals_mean_a_wait(backoff: SourceBackoff, reason: Reason) -> None:
    for _ in range(4):
        record(backoff, failed(reason), failed(reason))
    assert reason_to_wait(backoff) == reason


def test_retry_after_holds_from_the_start(backoff: SourceBackoff, clock: SimulatedClock) -> None:
    record(backoff, failed("server_error", retry_after=30))
    assert backoff.current_wait()
    clock.sleep(33)
    assert backoff.current_wait() is None


def test_a_web_page_instead_of_data_is_no_answer(backoff: SourceBackoff) -> None:
    """It came with status 200 and was received, but it is not data."""
    for _ in range(3):
        record(backoff, failed("not_json", received=True))
    assert reason_to_wait(backoff) == "not_json"


@pytest.mark.parametrize("reason", ["empty", "invalid_payload", "truncated", "database"])
def test_a_bad_body_is_an_answer(backoff: SourceBackoff, store: ShakyStore, reason: Reason) -> None:
    record(backoff, failed("server_error"))
    assert store.state.failures == 1
    record(backoff, failed(reason, received=True))
    assert store.state == SourceState()


@pytest.mark.parametrize("reason", ["busy", "database", "invalid_payload", "truncated"])
def test_a_tick_without_a_request_changes_nothing(
    backoff: SourceBackoff, store: ShakyStore, reason: Reason
) -> None:
    record(backoff, failed("server_error"))
    record(backoff, failed(reason))
    record(backoff)
    assert (store.state.reason, store.state.failures, store.writes) == ("server_error", 1, 1)


@pytest.mark.parametrize("reason", BLOCKS)
def test_a_block_outside_of_a_tick_counts(backoff: SourceBackoff, reason: Reason) -> None:
    backoff.record_refusal(Refused(reason, "why"))
    assert reason_to_wait(backoff) == reason


@pytest.mark.parametrize("reason", ["timeout", "server_error", "empty", "not_json", "busy"])
def test_a_light_refusal_outside_of_a_tick_does_not_count(
    backoff: SourceBackoff, store: ShakyStore, reason: Reason
) -> None:
    backoff.record_refusal(Refused(reason, "why", retry_after=60))
    assert (backoff.current_wait(), store.writes) == (None, 0)


def test_another_environment_obeys_and_ends_the_wait(
    backoff: SourceBackoff, store: ShakyStore, clock: SimulatedClock
) -> None:
    record(backoff, failed("blocked"))
    another = SourceBackoff(store, clock.now)
    assert another.current_wait() == backoff.current_wait() is not None
    clock.sleep(HOUR.total_seconds())
    assert another.current_wait() is None
    record(another, good())
    assert (store.state, backoff.current_wait()) == (SourceState(), None)
    record(backoff, failed("blocked"))
    assert store.state.failures == 1, "the success of the other environment counts for both"


@pytest.mark.parametrize("wait", [INTERVAL, 24 * HOUR])
def test_a_stored_wait_is_obeyed_until_its_end(
    backoff: SourceBackoff, store: ShakyStore, clock: SimulatedClock, wait: timedelta
) -> None:
    store.state = SourceState("blocked", "HTTP 403", TICK, TICK + wait, 1)
    assert backoff.current_wait() == store.state
    clock.sleep(wait.total_seconds())
    assert backoff.current_wait() is None


def test_without_a_database_the_known_wait_holds(backoff: SourceBackoff, store: ShakyStore) -> None:
    record(backoff, failed("blocked"))
    store.away = True
    assert [reason_to_wait(backoff) for _ in range(4)] == ["blocked"] * 4


def while_away(store: ShakyStore, backoff: SourceBackoff, result: RequestResult) -> None:
    store.away = True
    record(backoff, result)
    store.away = False


def test_an_unwritten_wait_is_written_later(backoff: SourceBackoff, store: ShakyStore) -> None:
    while_away(store, backoff, failed("blocked"))
    assert store.state == SourceState()
    assert backoff.current_wait()
    assert store.state.reason == "blocked"


@pytest.mark.parametrize("unwritten", [failed("server_error", retry_after=30), good()])
def test_an_unwritten_state_does_not_replace_a_longer_stored_wait(
    backoff: SourceBackoff, store: ShakyStore, unwritten: RequestResult
) -> None:
    record(backoff, failed("server_error"))
    while_away(store, backoff, unwritten)
    longer = SourceState("rate_limited", "HTTP 403", TICK, TICK + HOUR, 3)
    store.state = longer
    assert backoff.current_wait() == longer == store.state


def test_a_wait_says_until_when_and_why(backoff: SourceBackoff) -> None:
    record(backoff, failed("rate_limited", retry_after=600))
    state = backoff.current_wait()
    assert state is not None
    assert state.until is not None
    assert state.until_text() == (
        f"nothing is asked until {state.until:%H:%M:%S} UTC: rate_limited: why"
    )
