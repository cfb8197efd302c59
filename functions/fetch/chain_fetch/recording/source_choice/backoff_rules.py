"""When to ask a source again after it refused. Pure.

The recorder waits as long as the source asks, or longer after each further refusal. It does
nothing to get around a block. Where another source can take over, a source is also left: for some
time the other one is preferred, so that a source that fails now and then is not left and taken
again at each tick.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chain_fetch.refused import Refused
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason


@dataclass(frozen=True)
class _Wait:
    """How long to wait, in seconds: `first`, then twice as long each time, at most `longest`.

    `tolerated` is how many ticks in a row may fail so before there is a wait at all.
    """

    first: float
    longest: float
    tolerated: int = 0


_WAITS: dict[Reason, _Wait] = {
    # The firewall: blocks from minutes to a day were seen.
    "blocked": _Wait(first=300, longest=3_600),
    # The firewall asks for ten minutes; a 429 may come without a time.
    "rate_limited": _Wait(first=10, longest=3_600),
    "server_error": _Wait(first=5, longest=300, tolerated=1),
    # The exchange often answers requests from clouds not at all.
    "timeout": _Wait(first=30, longest=900, tolerated=3),
    "empty": _Wait(first=10, longest=300, tolerated=2),
    "unauthorised": _Wait(first=30, longest=900, tolerated=2),
    "not_json": _Wait(first=30, longest=900, tolerated=2),
}
# The longest time that the exchange may ask for; after a day it is tried again.
_LONGEST_RETRY_AFTER = 86_400.0
# How long a source is left, in seconds: twice as long each time, up to a quarter of an hour.
_LEFT_FIRST, _LEFT_LONGEST = 60.0, 900.0
# So long it has to answer after its return until it counts as good again.
_PROVED_AFTER = timedelta(minutes=10)


def after_tick(
    state: SourceState,
    refusals: Sequence[Refused],
    now: datetime,
    chance: Callable[[], float] = random.random,
) -> SourceState:
    """Return the state of a source after a tick; without refusals, that it answers again.

    The wait is the longest of those of the refusals. How often a reason came since the source last
    answered decides its wait: after eight time-outs the first 429 is still a first one. `chance`
    (0 to 1) lengthens the wait by up to a tenth, so that several recorders do not come back at the
    same moment.
    """
    if not refusals:
        return _answering(state, now)
    came = {refusal.reason for refusal in refusals}
    counts = {**state.failures_by_reason}
    counts |= {reason: counts.get(reason, 0) + 1 for reason in came}

    def wait_seconds(refusal: Refused) -> float:
        return _wait_seconds(refusal, counts[refusal.reason])

    worst = max(refusals, key=lambda each: (wait_seconds(each), _severity(each)))
    seconds = wait_seconds(worst) * (1 + chance() / 10)
    return SourceState(
        reason=worst.reason,
        detail=worst.detail,
        since=state.since or now,
        until=now + timedelta(seconds=seconds) if seconds else None,
        failures=state.failures + 1,
        failures_by_reason=counts,
        left_until=state.left_until,
        left_reason=state.left_reason,
        times_left=state.times_left,
    )


def leave(
    state: SourceState, reason: Reason, now: datetime, chance: Callable[[], float] = random.random
) -> SourceState:
    """Return the state of a source that is left because another one can take over."""
    seconds = min(_LEFT_FIRST * 2.0 ** min(state.times_left, 20), _LEFT_LONGEST)
    until = now + timedelta(seconds=seconds * (1 + chance() / 10))
    times = state.times_left + 1
    return replace(state, left_until=until, left_reason=reason, times_left=times)


def _answering(state: SourceState, now: datetime) -> SourceState:
    """Return the state of a source that answers; for a while it is known that it was left."""
    if state.left_until is None or now >= state.left_until + _PROVED_AFTER:
        return SourceState()
    return SourceState(
        left_until=state.left_until, left_reason=state.left_reason, times_left=state.times_left
    )


def _wait_seconds(refusal: Refused, failures: int) -> float:
    """Return how long to wait after a refusal whose reason came in this many failed ticks."""
    retry_after = min(refusal.retry_after or 0.0, _LONGEST_RETRY_AFTER)
    wait = _WAITS.get(refusal.reason)
    if wait is None or failures <= wait.tolerated:
        return retry_after
    doublings = min(failures - wait.tolerated - 1, 20)
    return max(min(wait.first * 2.0**doublings, wait.longest), retry_after)


def _severity(refusal: Refused) -> float:
    """Return what decides between refusals that have no wait yet."""
    wait = _WAITS.get(refusal.reason)
    return wait.first / (1 + wait.tolerated) if wait else 0.0
