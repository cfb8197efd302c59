"""Which ticks of a session the ledger has, and which it lacks. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from chain_api.calculations.ages import age_seconds
from chain_api.json_types import Answer
from optionchain.market import Session

_GOOD = ("stored", "unchanged")
_OUTCOMES = (*_GOOD, "failed", "skipped", "open", "missing")
# A tick's requests end with its interval. To write their results takes at most this long, because
# a database that has not answered by then counts as away.
_LONGEST_WRITE = timedelta(seconds=3)


class TickOutcome(NamedTuple):
    """The outcome of a tick in the ledger. `open`: claimed without an outcome, after a crash."""

    outcome: str
    reason: str | None


# The ledger has no document of the tick: no recorder was on duty.
_MISSING = TickOutcome("missing", None)
# The tick may still get an outcome, so it does not count yet.
_PENDING = TickOutcome("pending", None)

type Ledger = Mapping[datetime, TickOutcome]
type Ticks = Sequence[tuple[datetime, TickOutcome]]


def gaps_answer(
    symbol: str,
    day: date,
    session: Session | None,
    interval: int,
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
) -> Answer:
    """Return the counts of a symbol's ticks by outcome, and the gaps between good ones. UTC.

    `rows` are ledger documents of the day. Without a session no tick is expected or missing.
    """
    hours = session and Session(session.opens.astimezone(UTC), session.closes.astimezone(UTC))
    step = timedelta(seconds=interval)
    ticks = list(_due_ticks(hours, step, _outcomes(rows), now)) if hours else []
    counts = Counter(result.outcome for _, result in ticks)
    expected = len(ticks) - counts[_PENDING.outcome]
    good = [tick for tick, result in ticks if result.outcome in _GOOD]
    return {
        "symbol": symbol,
        "date": day,
        "market": "open" if hours and now in hours else "closed",
        "session": hours and hours._asdict(),
        "interval_seconds": interval,
        "expected_ticks": expected,
        "ticks": {outcome: counts[outcome] for outcome in _OUTCOMES},
        "coverage_percent": round(100 * len(good) / expected, 3) if expected else None,
        "gaps": list(_gaps(ticks, step)),
        "age_seconds": age_seconds(good[-1], now) if good else None,
    }


def _outcomes(rows: Iterable[Mapping[str, Any]]) -> Ledger:
    return {row["tick"]: TickOutcome(row.get("outcome", "open"), row.get("reason")) for row in rows}


def _due_ticks(
    hours: Session, step: timedelta, ledger: Ledger, now: datetime
) -> Iterator[tuple[datetime, TickOutcome]]:
    """Yield each tick that is due by now, with its outcome."""
    tick, until = hours.opens, min(hours.closes, now)
    while tick < until:
        result = ledger.get(tick, _MISSING)
        unsettled = result.outcome in ("open", "missing") and now - tick < step + _LONGEST_WRITE
        yield tick, _PENDING if unsettled else result
        tick += step


def _gaps(ticks: Ticks, step: timedelta) -> Iterator[Answer]:
    """Yield each run of ticks that have the same outcome, if that is not a good one."""
    for result, group in groupby(ticks, key=lambda pair: pair[1]):
        if result.outcome in (*_GOOD, _PENDING.outcome):
            continue
        run = [tick for tick, _ in group]
        yield {
            "outcome": result.outcome,
            "reason": result.reason,
            "start": run[0],
            "end": run[-1] + step,
            "ticks": len(run),
        }
