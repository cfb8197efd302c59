"""What the ledger has, and has not, of a session's ticks. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from chain_api.rendering.answers import Answer, age_seconds
from optionchain.market import Session

_GOOD = ("stored", "unchanged")
_OUTCOMES = (*_GOOD, "failed", "skipped", "open", "missing")
# A tick's requests end with its interval; to write what they brought takes this long at most, as
# a database that has not answered by then is away.
_SETTLES = timedelta(seconds=3)


class Kept(NamedTuple):
    """What the ledger says of a tick: `open` is claimed without an outcome, as a crash leaves."""

    outcome: str
    reason: str | None


# No document at all: nobody was on duty.
_MISSING = Kept("missing", None)
# It may have an outcome yet, so that it counts for nothing now.
_PENDING = Kept("pending", None)

type Ledger = Mapping[datetime, Kept]
type Ticks = Sequence[tuple[datetime, Kept]]


def answer(
    symbol: str,
    day: date,
    session: Session | None,
    interval: int,
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
) -> Answer:
    """Return what ledger documents have, and have not, of a symbol's session; UTC.

    Without a session nothing is expected, so nothing can be missing.
    """
    hours = session and Session(session.opens.astimezone(UTC), session.closes.astimezone(UTC))
    step = timedelta(seconds=interval)
    ticks = list(_settled(hours, step, _kept(rows), now)) if hours else []
    counts = Counter(kept.outcome for _, kept in ticks)
    expected = len(ticks) - counts[_PENDING.outcome]
    good = [tick for tick, kept in ticks if kept.outcome in _GOOD]
    return {
        "symbol": symbol,
        "date": day,
        "market": "open" if hours and now in hours else "closed",
        "session": hours and hours._asdict(),
        "interval_seconds": interval,
        "expected_ticks": expected,
        "ticks": {outcome: counts[outcome] for outcome in _OUTCOMES},
        "coverage_percent": round(100 * len(good) / expected, 3) if expected else None,
        "gaps": list(_stretches(ticks, step)),
        "age_seconds": age_seconds(good[-1], now) if good else None,
    }


def _kept(rows: Iterable[Mapping[str, Any]]) -> Ledger:
    return {row["tick"]: Kept(row.get("outcome", "open"), row.get("reason")) for row in rows}


def _settled(
    hours: Session, step: timedelta, ledger: Ledger, now: datetime
) -> Iterator[tuple[datetime, Kept]]:
    """Yield each tick that is due by now, with what became of it."""
    tick, until = hours.opens, min(hours.closes, now)
    while tick < until:
        kept = ledger.get(tick, _MISSING)
        unsettled = kept.outcome in ("open", "missing") and now - tick < step + _SETTLES
        yield tick, _PENDING if unsettled else kept
        tick += step


def _stretches(ticks: Ticks, step: timedelta) -> Iterator[Answer]:
    for kept, group in groupby(ticks, key=lambda pair: pair[1]):
        if kept.outcome in (*_GOOD, _PENDING.outcome):
            continue
        stretch = [tick for tick, _ in group]
        yield {
            "outcome": kept.outcome,
            "reason": kept.reason,
            "start": stretch[0],
            "end": stretch[-1] + step,
            "ticks": len(stretch),
        }
