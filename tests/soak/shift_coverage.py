"""Which ticks were covered by an invocation: judged by take-overs and kills, not by the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

# A claim takes some milliseconds, on a busy machine more; so does the take-over before it.
_EDGE = timedelta(seconds=1)
# The longest shift, two minutes, less the start of the process.
_STAY = timedelta(seconds=115)


@dataclass
class Invocation:
    """One invocation and its times; `ended` is also the time of a kill."""

    request_id: str
    begun: datetime
    ended: datetime | None = None
    killed: bool = False

    def outlives(self, tick: datetime) -> bool:
        """Tell whether it was surely alive until it had claimed a tick."""
        return not self.killed or self.ended is None or self.ended > tick + _EDGE


class TakeOver(NamedTuple):
    """An invocation took over the shift."""

    since: datetime
    owner: str


def covered(
    tick: datetime, takeovers: Sequence[TakeOver], invocations: Mapping[str, Invocation]
) -> bool:
    """Tell whether an invocation was surely on duty for a tick.

    An invocation that took over at about the time of the tick may have claimed it, so that one
    must have stayed alive as well.
    """
    before = [each for each in takeovers if each.since <= tick]
    if not before or tick - max(before).since > _STAY:
        return False
    newcomers = [each for each in takeovers if tick < each.since <= tick + _EDGE]
    responsible = [invocations.get(each.owner) for each in [max(before), *newcomers]]
    return all(each is not None and each.outlives(tick) for each in responsible)


def replaces_killed(
    tick: datetime, takeovers: Sequence[TakeOver], invocations: Mapping[str, Invocation]
) -> bool:
    """Tell whether the owner of a tick had just taken over from a killed invocation.

    Its process is still starting, so its ticks may be late.
    """
    before = sorted(each for each in takeovers if each.since <= tick)
    if len(before) < 2 or before[-1].since < tick - _EDGE:
        return False
    killed = invocations.get(before[-2].owner)
    return killed is not None and killed.killed


def overlap(invocations: Sequence[Invocation]) -> float:
    """Return the share of the paid time in which more than one invocation ran."""
    paid = without_overlap = 0.0
    until = None
    for invocation in sorted(invocations, key=lambda each: each.begun):
        if invocation.ended is None:
            continue
        paid += (invocation.ended - invocation.begun).total_seconds()
        since = invocation.begun if until is None else max(invocation.begun, until)
        without_overlap += max((invocation.ended - since).total_seconds(), 0.0)
        until = invocation.ended if until is None else max(until, invocation.ended)
    return (paid - without_overlap) / paid if paid else 0.0
