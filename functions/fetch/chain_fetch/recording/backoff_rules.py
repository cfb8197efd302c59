"""When to ask the exchange again after it refused. Pure.

A block is an answer: the recorder waits as long as the exchange asks, or longer each time, and
does nothing else about it.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chain_fetch.nse.refusals import Refused
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason


@dataclass(frozen=True)
class _Wait:
    """How long to wait, in seconds: `first`, twice as long each time, at most `longest`.

    `patience`: how many ticks in a row may fail so before there is a wait at all.
    """

    first: float
    longest: float
    patience: int = 0


_WAITS: dict[Reason, _Wait] = {
    # The firewall: it has been seen to last from minutes to a day.
    "blocked": _Wait(first=300, longest=3_600),
    # The firewall names ten minutes itself; a 429 may name nothing.
    "rate_limited": _Wait(first=10, longest=3_600),
    "server_error": _Wait(first=5, longest=300, patience=1),
    # No answer at all is how cloud addresses are often turned away.
    "timeout": _Wait(first=30, longest=900, patience=3),
    "empty": _Wait(first=10, longest=300, patience=2),
    "unauthorised": _Wait(first=30, longest=900, patience=2),
    "not_json": _Wait(first=30, longest=900, patience=2),
}


# However long the exchange asks for, it is tried again the next day.
_LONGEST_ASKED = 86_400.0


def after_tick(
    state: SourceState,
    refusals: Sequence[Refused],
    now: datetime,
    chance: Callable[[], float] = random.random,
) -> SourceState:
    """Return the state of the source after a tick with these refusals; none: it answers again.

    The wait is the longest that one of them asks for, lengthened by up to a tenth (`chance`, 0 to
    1) so that several recorders do not come back at one moment.
    """
    if not refusals:
        return SourceState()
    failures = state.failures + 1
    worst = max(refusals, key=lambda each: (_seconds(each, failures), _gravity(each)))
    seconds = _seconds(worst, failures) * (1 + chance() / 10)
    return SourceState(
        reason=worst.reason,
        detail=worst.detail,
        since=state.since or now,
        until=now + timedelta(seconds=seconds) if seconds else None,
        failures=failures,
    )


def _seconds(refusal: Refused, failures: int) -> float:
    """Return how long to wait for a refusal at the end of so many failed ticks."""
    asked = min(refusal.retry_after or 0.0, _LONGEST_ASKED)
    wait = _WAITS.get(refusal.reason)
    if wait is None or failures <= wait.patience:
        return asked
    doublings = min(failures - wait.patience - 1, 20)
    return max(min(wait.first * 2.0**doublings, wait.longest), asked)


def _gravity(refusal: Refused) -> float:
    """Return what decides between refusals for which there is no wait yet."""
    wait = _WAITS.get(refusal.reason)
    return wait.first / (1 + wait.patience) if wait else 0.0
