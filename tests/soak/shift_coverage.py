"""Who was on duty for a tick, by take-overs and kills alone: not by what the ledger says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

# A claim, or the take-over that a claim waits for, takes some milliseconds; a busy machine more.
_EDGE = timedelta(seconds=1)
# Two minutes, but for the start of the process, which the invocation does not count.
_STAY = timedelta(seconds=115)


@dataclass
class Invocation:
    """One invocation and when its process worked on it; `ended` is also when it was killed."""

    request_id: str
    begun: datetime
    ended: datetime | None = None
    killed: bool = False

    def outlives(self, tick: datetime) -> bool:
        """Tell whether it was surely not killed before it had claimed a tick."""
        return not self.killed or self.ended is None or self.ended > tick + _EDGE


class TakeOver(NamedTuple):
    """An invocation came on duty."""

    since: datetime
    owner: str


def covered(
    tick: datetime, takeovers: Sequence[TakeOver], invocations: Mapping[str, Invocation]
) -> bool:
    """Tell whether somebody was surely on duty for a tick.

    Within the edge of a tick a newcomer may or may not have it, so it must live on as well.
    """
    before = [one for one in takeovers if one.since <= tick]
    if not before or tick - max(before).since > _STAY:
        return False
    newcomers = [one for one in takeovers if tick < one.since <= tick + _EDGE]
    responsible = [invocations.get(one.owner) for one in [max(before), *newcomers]]
    return all(one is not None and one.outlives(tick) for one in responsible)


def replaces_killed(
    tick: datetime, takeovers: Sequence[TakeOver], invocations: Mapping[str, Invocation]
) -> bool:
    """Tell whether who has a tick came within the edge of it, in the place of one killed.

    Its process is still at its start, and nobody was there to be on time meanwhile.
    """
    before = sorted(one for one in takeovers if one.since <= tick)
    if len(before) < 2 or before[-1].since < tick - _EDGE:
        return False
    killed = invocations.get(before[-2].owner)
    return killed is not None and killed.killed


def overlap(invocations: Sequence[Invocation]) -> float:
    """Return the share of paid time during which more than one invocation ran."""
    paid = covered = 0.0
    until = None
    for one in sorted(invocations, key=lambda one: one.begun):
        if one.ended is None:
            continue
        paid += (one.ended - one.begun).total_seconds()
        since = one.begun if until is None else max(one.begun, until)
        covered += max((one.ended - since).total_seconds(), 0.0)
        until = one.ended if until is None else max(until, one.ended)
    return (paid - covered) / paid if paid else 0.0
