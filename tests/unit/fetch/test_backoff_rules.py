"""When the exchange is asked again after it refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.recording.backoff_rules import after_tick
from chain_fetch.refused import Refused
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason
from tests.support.snapshots import INTERVAL, TICK

DAY = 86_400.0
# For each reason: its first wait, its longest (seconds), and the failed ticks it is forgiven.
WAITS: dict[Reason, tuple[float, float, int]] = {
    "blocked": (300, 3_600, 0),
    "rate_limited": (10, 3_600, 0),
    "server_error": (5, 300, 1),
    "timeout": (30, 900, 3),
    "empty": (10, 300, 2),
    "unauthorised": (30, 900, 2),
    "not_json": (30, 900, 2),
}
REASONS = st.sampled_from(sorted(WAITS))
REFUSALS = st.builds(
    Refused, REASONS, st.just("why"), st.none() | st.floats(0, 1e12, allow_nan=False)
)
CHANCES = st.floats(0, 1, exclude_max=True)
FAILURES = st.integers(0, 10_000)


def refused(reason: Reason, retry_after: float | None = None) -> Refused:
    return Refused(reason, f"why {reason}", retry_after)


def failed(ticks: int) -> SourceState:
    """The state after so many failed ticks in a row."""
    return SourceState("timeout", "why", TICK - INTERVAL, None, ticks) if ticks else SourceState()


def wait(*refusals: Refused, failures: int = 0, chance: Callable[[], float] = lambda: 0.0) -> float:
    """For how many seconds nothing is asked; 0: asked on."""
    state = after_tick(failed(failures), refusals, TICK, chance)
    return (state.until - TICK).total_seconds() if state.until else 0.0


# ── one refusal ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reason", WAITS)
def test_a_refusal_is_forgiven_for_as_many_ticks_as_there_is_patience(reason: Reason) -> None:
    first, _, patience = WAITS[reason]
    waits = [wait(refused(reason), failures=ticks) for ticks in range(patience + 1)]
    assert waits == [0.0] * patience + [first]


@pytest.mark.parametrize("reason", WAITS)
def test_each_further_failure_doubles_the_wait_up_to_the_longest(reason: Reason) -> None:
    first, longest, patience = WAITS[reason]
    waits = [wait(refused(reason), failures=patience + number) for number in range(20)]
    assert waits == [min(first * 2**number, longest) for number in range(20)]


@pytest.mark.parametrize("retry_after", [None, 5.0])
def test_after_a_failing_day_a_wait_is_still_a_wait(retry_after: float | None) -> None:
    assert wait(refused("blocked", retry_after), failures=100_000) == 3_600


@pytest.mark.parametrize("reason", WAITS)
def test_the_time_that_the_exchange_names_is_kept_however_patient_one_would_be(
    reason: Reason,
) -> None:
    assert wait(refused(reason, retry_after=700)) == 700


def test_the_exchange_may_name_no_shorter_time_than_ours() -> None:
    assert wait(refused("blocked", retry_after=1)) == 300


def test_a_rate_limit_that_names_ten_minutes_waits_ten_minutes() -> None:
    assert wait(refused("rate_limited", 600.0)) == 600
    assert 600 <= wait(refused("rate_limited", 600.0), chance=lambda: 0.999) <= 660


@pytest.mark.parametrize("asked", [DAY + 1, 1e12, 1e300, float("inf")])
def test_a_time_out_of_all_bounds_is_a_day(asked: float) -> None:
    assert wait(refused("rate_limited", asked)) == DAY


@given(REFUSALS, FAILURES, CHANCES)
def test_a_wait_is_lengthened_by_up_to_a_tenth_and_never_shortened(
    refusal: Refused, failures: int, chance: float
) -> None:
    least = wait(refusal, failures=failures)
    assert least <= wait(refusal, failures=failures, chance=lambda: chance) <= 1.1 * least + 1e-5
    assert wait(refusal, failures=failures, chance=lambda: 0.5) == pytest.approx(1.05 * least)


def test_several_recorders_do_not_come_back_at_one_moment() -> None:
    """By default chance decides."""
    untils = {after_tick(SourceState(), [refused("blocked")], TICK).until for _ in range(20)}
    assert len(untils) == 20


@given(REFUSALS, FAILURES, CHANCES)
def test_no_wait_outlasts_a_day_and_a_tenth(refusal: Refused, failures: int, chance: float) -> None:
    assert 0 <= wait(refusal, failures=failures, chance=lambda: chance) <= 1.1 * DAY


@given(REFUSALS, FAILURES)
def test_a_wait_never_grows_shorter_by_failing_on(refusal: Refused, failures: int) -> None:
    assert wait(refusal, failures=failures) <= wait(refusal, failures=failures + 1)


# ── several refusals ─────────────────────────────────────────────────────────────────────────


@given(st.lists(REFUSALS, min_size=1, max_size=6), FAILURES)
def test_of_several_refusals_the_longest_wait_holds_in_whatever_order(
    refusals: list[Refused], failures: int
) -> None:
    longest = max(wait(refusal, failures=failures) for refusal in refusals)
    assert wait(*refusals, failures=failures) == longest
    assert wait(*reversed(refusals), failures=failures) == longest


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        (("server_error", "timeout", "empty"), "blocked"),
        (("server_error", "not_json"), "rate_limited"),
    ],
)
def test_the_gravest_refusal_gives_the_reason_and_the_detail(
    others: tuple[Reason, ...], reason: Reason
) -> None:
    state = after_tick(SourceState(), [*map(refused, others), refused(reason)], TICK)
    assert (state.reason, state.detail) == (reason, f"why {reason}")


def test_where_there_is_no_wait_yet_the_graver_reason_is_shown() -> None:
    state = after_tick(SourceState(), [refused("empty"), refused("timeout")], TICK)
    assert (state.reason, state.until) == ("timeout", None)


def test_a_time_that_a_light_refusal_names_outweighs_a_shorter_wait_of_a_grave_one() -> None:
    assert wait(refused("blocked"), refused("server_error", 1_000)) == 1_000
    # And gives way once the grave one has grown.
    assert wait(refused("blocked"), refused("server_error", 1_000), failures=3) == 2_400


# ── the state ────────────────────────────────────────────────────────────────────────────────


@given(st.lists(REFUSALS, min_size=1, max_size=4), FAILURES)
def test_a_refusal_counts_one_failed_tick_and_keeps_when_it_began(
    refusals: list[Refused], failures: int
) -> None:
    before = failed(failures)
    state = after_tick(before, refusals, TICK)
    assert state.failures == failures + 1
    assert state.since == (before.since or TICK)
    assert state.reason in {refusal.reason for refusal in refusals}
    assert state.until is None or state.until > TICK or wait(*refusals) < 1e-5


@given(FAILURES)
def test_a_tick_without_a_refusal_forgets_everything(failures: int) -> None:
    assert after_tick(failed(failures), [], TICK) == SourceState()


def test_growth_begins_anew_after_a_success() -> None:
    state = SourceState()
    for _ in range(5):
        state = after_tick(state, [refused("blocked")], TICK, lambda: 0.0)
    assert state.until == TICK + timedelta(seconds=3_600)
    state = after_tick(state, [], TICK)
    state = after_tick(state, [refused("blocked")], TICK, lambda: 0.0)
    assert state.until == TICK + timedelta(seconds=300)


@pytest.mark.parametrize("reason", ["invalid_payload", "truncated", "database", "busy"])
def test_a_reason_without_a_wait_is_noted_and_asked_on(reason: Reason) -> None:
    state = after_tick(SourceState(), [refused(reason)], TICK)
    assert (state.reason, state.until, state.failures) == (reason, None, 1)


def test_a_wait_ends_by_itself() -> None:
    state = after_tick(SourceState(), [refused("blocked")], TICK, lambda: 0.0)
    assert state.waits(TICK)
    assert state.waits(TICK + timedelta(seconds=299.999))
    assert not state.waits(TICK + timedelta(seconds=300))
