"""Nothing is asked while the source is known to refuse; what is known is stored."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.refused import Refused
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import ist_clock
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


@dataclass
class Scene:
    """One recorder's backoff, with the store and the clock that it uses."""

    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(TICK))
    store: ShakyStore = field(default_factory=ShakyStore)

    def __post_init__(self) -> None:
        self.backoff = SourceBackoff(self.store, self.clock.now)

    def record(self, *results: RequestResult) -> None:
        self.backoff.record_results({"NIFTY": results})

    def record_while_away(self, result: RequestResult) -> None:
        self.store.away = True
        self.record(result)
        self.store.away = False

    def wait(self) -> SourceState | None:
        return self.backoff.current_wait()

    def reason(self) -> Reason | None:
        state = self.wait()
        return state.reason if state else None


@pytest.fixture
def here() -> Scene:
    return Scene()


@pytest.mark.parametrize("answer", [good(), failed("timeout"), failed("rate_limited")])
def test_what_another_group_was_told_to_wait_is_not_ended_by_an_earlier_answer(
    here: Scene, answer: RequestResult
) -> None:
    """Both have asked; one was blocked, and the other one's tick ends a little later."""
    here.record(failed("timeout"))
    other = Scene(here.clock, here.store)
    assert (here.wait(), other.wait()) == (None, None)
    here.record(failed("blocked"))
    other.record(answer)
    assert (here.reason(), other.reason()) == ("blocked", "blocked")


def test_a_source_that_answers_is_asked_and_nothing_is_written(here: Scene) -> None:
    for _ in range(3):
        assert here.wait() is None
        here.record(good(), good())
    assert here.store.writes == 0


@pytest.mark.parametrize("reason", BLOCKS)
@pytest.mark.parametrize("others", [(), (good(),), (failed("timeout"),)])
def test_a_block_holds_whatever_else_was_answered(
    here: Scene, reason: Reason, others: tuple[RequestResult, ...]
) -> None:
    here.record(*others, failed(reason))
    assert here.wait() == here.store.state
    assert here.store.state.reason == reason


@pytest.mark.parametrize("reason", LIGHT)
def test_a_light_refusal_beside_an_answer_does_not_count(here: Scene, reason: Reason) -> None:
    for _ in range(10):
        here.record(failed(reason), good())
    assert here.store.state == SourceState()


@pytest.mark.parametrize("reason", LIGHT)
def test_after_four_ticks_of_light_refusals_there_is_a_wait(here: Scene, reason: Reason) -> None:
    for _ in range(4):
        here.record(failed(reason), failed(reason))
    assert here.reason() == reason


def test_the_time_that_a_refusal_names_is_kept_from_its_first_tick(here: Scene) -> None:
    here.record(failed("server_error", retry_after=30))
    assert here.wait()
    here.clock.sleep(33)
    assert here.wait() is None


@pytest.mark.parametrize("reason", ["empty", "invalid_payload", "truncated", "database"])
def test_a_bad_body_shows_that_the_source_answers(here: Scene, reason: Reason) -> None:
    here.record(failed("server_error"))
    assert here.store.state.failures == 1
    here.record(failed(reason, received=True))
    assert here.store.state == SourceState()


@pytest.mark.parametrize("reason", ["busy", "database", "invalid_payload", "truncated", "stale"])
def test_a_tick_without_a_request_changes_nothing(here: Scene, reason: Reason) -> None:
    here.record(failed("server_error"))
    here.record(failed(reason))
    here.record()
    state = here.store.state
    assert (state.reason, state.failures, here.store.writes) == ("server_error", 1, 1)


@pytest.mark.parametrize("reason", BLOCKS)
def test_a_block_outside_of_a_tick_counts(here: Scene, reason: Reason) -> None:
    here.backoff.record_refusal(Refused(reason, "why"))
    assert here.reason() == reason


@pytest.mark.parametrize("reason", ["timeout", "server_error", "empty", "not_json", "busy"])
def test_a_light_refusal_outside_of_a_tick_does_not_count(here: Scene, reason: Reason) -> None:
    here.backoff.record_refusal(Refused(reason, "why", retry_after=60))
    assert (here.wait(), here.store.writes) == (None, 0)


def test_another_environment_obeys_and_ends_the_wait(here: Scene) -> None:
    here.record(failed("blocked"))
    another = Scene(here.clock, here.store)
    assert another.wait() == here.wait() is not None
    here.clock.sleep(HOUR.total_seconds())
    assert another.wait() is None
    another.record(good())
    assert (here.store.state, here.wait()) == (SourceState(), None)
    here.record(failed("blocked"))
    assert here.store.state.failures == 1, "the success of the other environment counts for both"


@pytest.mark.parametrize("wait", [INTERVAL, 24 * HOUR])
def test_a_stored_wait_is_obeyed_until_its_end(here: Scene, wait: timedelta) -> None:
    here.store.state = SourceState("blocked", "HTTP 403", TICK, TICK + wait, 1)
    assert here.wait() == here.store.state
    here.clock.sleep(wait.total_seconds())
    assert here.wait() is None


def test_without_a_database_the_known_wait_holds(here: Scene) -> None:
    here.record(failed("blocked"))
    here.store.away = True
    assert [here.reason() for _ in range(4)] == ["blocked"] * 4


def test_an_unwritten_wait_is_written_later(here: Scene) -> None:
    here.record_while_away(failed("blocked"))
    assert here.store.state == SourceState()
    assert here.wait()
    assert here.store.state.reason == "blocked"


@pytest.mark.parametrize("unwritten", [failed("server_error", retry_after=30), good()])
def test_an_unwritten_state_replaces_no_longer_wait(here: Scene, unwritten: RequestResult) -> None:
    here.record(failed("server_error"))
    here.record_while_away(unwritten)
    longer = SourceState("rate_limited", "HTTP 403", TICK, TICK + HOUR, 3)
    here.store.state = longer
    assert here.wait() == longer == here.store.state


def test_a_wait_says_until_when_and_why(here: Scene) -> None:
    here.record(failed("rate_limited", retry_after=600))
    state = here.wait()
    assert state is not None
    assert state.until is not None
    time = ist_clock(state.until)
    assert state.until_text() == f"nothing is asked until {time}: rate_limited: why"


@pytest.mark.parametrize(("reason", "left"), [("timeout", True), ("unauthorised", False)])
def test_a_source_is_preferred_again_when_the_cause_is_gone(
    here: Scene, reason: Reason, *, left: bool
) -> None:
    here.store.state = SourceState(left_until=TICK + HOUR, left_reason="unauthorised", times_left=2)
    here.backoff.forget(reason)
    assert here.wait() is None
    assert here.backoff.is_left() is left
    assert here.store.state.times_left == (2 if left else 0)
