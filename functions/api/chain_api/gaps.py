"""What the ledger has, and has not, of a session's ticks. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from optionchain.market import Session

type Answer = dict[str, Any]

_GOOD = ("stored", "unchanged")


class Kept(NamedTuple):
    """What the ledger says of a tick: `open` is claimed without an outcome, as a crash leaves."""

    outcome: str
    reason: str | None


# No document at all: nobody was on duty.
MISSING = Kept("missing", None)


def expected_ticks(session: Session, interval: int, now: datetime) -> list[datetime]:
    """Return the ticks of a session that are due by now."""
    step = timedelta(seconds=interval)
    until = min(session.closes, now)
    count = max(-((session.opens - until) // step), 0)
    return [session.opens + step * number for number in range(count)]


def kept(rows: Iterable[Mapping[str, Any]]) -> dict[datetime, Kept]:
    """Return what ledger documents say, by tick."""
    return {row["tick"]: Kept(row.get("outcome", "open"), row.get("reason")) for row in rows}


def summary(ticks: list[datetime], ledger: Mapping[datetime, Kept], interval: int) -> Answer:
    """Return counts by outcome, coverage in percent, and each stretch that is not covered."""
    each = [(tick, ledger.get(tick, MISSING)) for tick in ticks]
    counts = Counter(kept.outcome for _, kept in each)
    good = sum(counts[outcome] for outcome in _GOOD)
    return {
        "expected_ticks": len(ticks),
        "ticks": dict(counts),
        "coverage_percent": round(100 * good / len(ticks), 3) if ticks else None,
        "gaps": list(_stretches(each, timedelta(seconds=interval))),
    }


def _stretches(each: list[tuple[datetime, Kept]], step: timedelta) -> Iterator[Answer]:
    for kept, group in groupby(each, key=lambda pair: pair[1]):
        if kept.outcome in _GOOD:
            continue
        ticks = [tick for tick, _ in group]
        yield {
            "outcome": kept.outcome,
            "reason": kept.reason,
            "start": ticks[0],
            "end": ticks[-1] + step,
            "ticks": len(ticks),
        }
