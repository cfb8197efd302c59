"""When the exchange is asked again after it refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.recording.source_choice.backoff_rules import after_tick
from chain_fetch.refused import Refused
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason
from tests.support.snapshots import INTERVAL, TICK

DAY = 86_400.0
# For each reason: the first and the longest wait (seconds), and how many failures are tolerated.
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


def failed(ticks: int, *reasons: Reason) -> SourceState:
    """The state after so many failed ticks in a row, each for all of the reasons."""
    counts = dict.fromkeys(reasons, ticks)
    since = TICK - INTERVAL
    return SourceState("timeout", "why", since, None, ticks, counts) if ticks else SourceState()


def wait(*refusals: Refused, failures: int = 0, chance: Callable[[], float] = lambda: 0.0) -> float:
    """For how many seconds nothing is requested after so many failures for the same reasons."""
    before = failed(failures, *(refusal.reason for refusal in refusals))
    state = after_tick(before, refusals, TICK, chance)
    return (state.until - TICK).total_seconds() if state.until else 0.0


@pytest.mark.parametrize("reason", WAITS)
def test_tolerated_failures_wait_nothing_then_each_doubles_the_wait(reason: Reason) -> None:
    first, longest, tolerated = WAITS[reason]
    waits = [wait(refused(reason), failures=ticks) for ticks in range(tolerated + 20)]
    doubled = [min(first * 2**number, longest) for number in range(20)]
    assert waits == [0.0] * tolerated + doubled


@pytest.mark.parametrize("retry_after", [None, 5.0])
def test_after_a_day_of_failures_the_wait_is_the_longest(retry_after: float | None) -> None:
    assert wait(refused("blocked", retry_after), failures=100_000) == 3_600


@pytest.mark.parametrize(
    ("reason", "retry_after", "seconds"),
    [
        *((reason, 700, 700) for reason in WAITS),  # even while failures are tolerated
        ("blocked", 1, 300),  # but not less than our own wait
        ("rate_limited", 600.0, 600),
        *(("rate_limited", asked, DAY) for asked in (DAY + 1, 1e12, 1e300, float("inf"))),
    ],
)
def test_retry_after_holds_up_to_a_day(reason: Reason, retry_after: float, seconds: float) -> None:
    assert wait(refused(reason, retry_after)) == seconds


@given(REFUSALS, FAILURES, CHANCES)
def test_chance_adds_at_most_a_tenth(refusal: Refused, failures: int, chance: float) -> None:
    least = wait(refusal, failures=failures)
    lengthened = wait(refusal, failures=failures, chance=lambda: chance)
    assert 0 <= least <= lengthened <= 1.1 * least + 1e-5
    assert lengthened <= 1.1 * DAY
    assert wait(refusal, failures=failures, chance=lambda: 0.5) == pytest.approx(1.05 * least)


def test_several_recorders_do_not_come_back_at_one_moment() -> None:
    untils = {after_tick(SourceState(), [refused("blocked")], TICK).until for _ in range(20)}
    assert len(untils) == 20


@given(REFUSALS, FAILURES)
def test_a_further_failure_never_shortens_the_wait(refusal: Refused, failures: int) -> None:
    assert wait(refusal, failures=failures) <= wait(refusal, failures=failures + 1)


@given(st.lists(REFUSALS, min_size=1, max_size=6), FAILURES)
def test_the_longest_wait_holds_in_any_order(refusals: list[Refused], failures: int) -> None:
    longest = max(wait(refusal, failures=failures) for refusal in refusals)
    assert wait(*refusals, failures=failures) == longest
    assert wait(*reversed(refusals), failures=failures) == longest


@pytest.mark.parametrize(
    ("reasons", "shown"),
    [
        (("server_error", "timeout", "empty", "blocked"), "blocked"),
        (("server_error", "not_json", "rate_limited"), "rate_limited"),
        (("empty", "timeout"), "timeout"),  # without a wait yet
    ],
)
def test_the_most_severe_refusal_is_named(reasons: tuple[Reason, ...], shown: Reason) -> None:
    state = after_tick(SourceState(), list(map(refused, reasons)), TICK)
    assert (state.reason, state.detail) == (shown, f"why {shown}")
    assert (state.until is None) is (shown == "timeout")


@pytest.mark.parametrize(("failures", "seconds"), [(0, 1_000), (3, 2_400)])
def test_a_long_retry_after_outweighs_a_block_until_it_grows(failures: int, seconds: float) -> None:
    refusals = refused("blocked"), refused("server_error", 1_000)
    assert wait(*refusals, failures=failures) == seconds


def series(*reasons: Reason) -> SourceState:
    """The state after a tick for each reason, one after another."""
    state = SourceState()
    for reason in reasons:
        state = after_tick(state, [refused(reason)], TICK, lambda: 0.0)
    return state


@pytest.mark.parametrize(
    ("before", "last", "seconds"),
    [
        (["timeout"] * 8, "rate_limited", 10),
        (["server_error"] * 6, "blocked", 300),
        (["server_error"] * 6, "timeout", 0),
        (["blocked"], "rate_limited", 10),
        (["timeout", "rate_limited"] * 2, "rate_limited", 40),  # another reason is no answer
        (["blocked", "timeout", "timeout", "timeout"], "timeout", 30),
    ],
)
def test_failures_in_a_row_count_by_reason(
    before: list[Reason], last: Reason, seconds: float
) -> None:
    state = series(*before, last)
    assert ((state.until or TICK) - TICK).total_seconds() == seconds
    assert state.failures == len(before) + 1


@given(st.lists(REASONS, max_size=12), REASONS)
def test_a_first_failure_waits_as_if_nothing_had_failed(before: list[Reason], last: Reason) -> None:
    others = [reason for reason in before if reason != last]
    assert series(*others, last).until == series(last).until


@given(st.lists(REFUSALS, min_size=1, max_size=4), FAILURES)
def test_refusals_count_one_tick_and_keep_the_start(refusals: list[Refused], failures: int) -> None:
    before = failed(failures)
    state = after_tick(before, refusals, TICK)
    assert state.failures == failures + 1
    assert state.since == (before.since or TICK)
    assert state.reason in {refusal.reason for refusal in refusals}
    assert state.until is None or state.until > TICK or wait(*refusals) < 1e-5


@given(FAILURES)
def test_a_tick_without_a_refusal_resets_the_state(failures: int) -> None:
    assert after_tick(failed(failures), [], TICK) == SourceState()


@pytest.mark.parametrize("reason", ["invalid_payload", "truncated", "database", "busy"])
def test_a_reason_without_a_wait_is_recorded_and_requests_go_on(reason: Reason) -> None:
    state = after_tick(SourceState(), [refused(reason)], TICK)
    assert (state.reason, state.until, state.failures) == (reason, None, 1)


def test_a_wait_ends_by_itself() -> None:
    state = after_tick(SourceState(), [refused("blocked")], TICK, lambda: 0.0)
    seconds = (0, 299.999, 300)
    assert [state.waits(TICK + timedelta(seconds=each)) for each in seconds] == [True, True, False]
