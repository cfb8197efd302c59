"""Which ticks of a day's sessions the ledger has, and which it lacks. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any, NamedTuple

from chain_api.calculations.ages import age_seconds
from chain_api.calculations.day_settlement import settlement_answer
from chain_api.calculations.duty_hours import DutyHours, Stretch
from chain_api.calculations.evening_ticks import due_in_the_evening
from chain_api.calculations.source_switches import source_switches
from chain_api.calculations.tick_tally import PENDING
from chain_api.json_types import Answer
from optionchain.evening_rounds import EVENING_INTERVAL
from optionchain.exchange_time import IST
from optionchain.market import Market, Session
from optionchain.mongo.settlement_register import Settlement
from optionchain.mongo.shift_register import HANDOVER

_GOOD = ("stored", "unchanged")
_OUTCOMES = (*_GOOD, "failed", "skipped", "open", "missing", "off_duty", "stopped")
# A tick's requests end with its interval. To write their results takes at most this long, because
# a database that has not answered by then counts as away.
LONGEST_WRITE = timedelta(seconds=3)
_EVENING_STEP = timedelta(seconds=EVENING_INTERVAL)
_STOPPED = "stopped"


class DueTick(NamedTuple):
    """A tick that was due, with what became of it; `open`: claimed without an outcome.

    The tick after it was due at `end`, or later.
    """

    tick: datetime
    end: datetime
    outcome: str
    reason: str | None


@dataclass(frozen=True)
class DayOfTicks:
    """What is known of a symbol's day: its sessions, its shifts, its ledger documents (`rows`).

    `settlements` are what the next session says of its settled chains. `reads_evenings` is false of
    a day that an older recorder recorded, which read nothing in the evening. `backfilled` says that
    chains of the day come from the exchange's daily file.
    """

    symbol: str
    day: date
    market: Market
    duty: DutyHours
    rows: Sequence[Mapping[str, Any]]
    settlements: Sequence[Settlement] = ()
    reads_evenings: bool = True
    backfilled: bool = False


def gaps_answer(known: DayOfTicks, now: datetime) -> Answer:
    """Return the counts of a symbol's ticks by outcome, and the gaps between good ones. UTC.

    Without a session no tick is expected or missing.
    """
    sessions = [_utc(session) for session in known.market.sessions(known.day)]
    ticks = list(_due_ticks(known, sessions, now))
    counts = Counter(tick.outcome for tick in ticks)
    expected = len(ticks) - counts[PENDING]
    good = [tick.tick for tick in ticks if tick.outcome in _GOOD]
    stretches = list(_stretches(known.duty, sessions))
    rhythm = stretches[-1].rhythm if stretches else known.duty.setting
    return {
        "symbol": known.symbol,
        "date": known.day,
        "market": "open" if any(now in session for session in sessions) else "closed",
        "session": sessions[0]._asdict() if sessions else None,
        "sessions": [session._asdict() for session in sessions],
        "interval_seconds": rhythm.interval,
        "intervals": [_interval(stretch) for stretch in stretches],
        "interval_known": not ticks or known.duty.is_known(ticks[0].tick),
        "recorded_since": known.duty.begins,
        "recorded_until": known.duty.ends,
        "expected_ticks": expected,
        "ticks": {outcome: counts[outcome] for outcome in _OUTCOMES},
        "coverage_percent": round(100 * len(good) / expected, 3) if expected else None,
        "gaps": list(_gaps(ticks)),
        "backfilled": known.backfilled,
        "stops": _stops(known),
        "source_switches": list(source_switches(known.rows)),
        "age_seconds": age_seconds(good[-1], now) if good else None,
        "settlement": settlement_answer(known.settlements),
    }


def _utc(session: Session) -> Session:
    return Session(session.opens.astimezone(UTC), session.closes.astimezone(UTC))


def _stops(known: DayOfTicks) -> list[Answer]:
    """Return when recording was switched off on purpose on the day, and when on again."""
    midnight = datetime.combine(known.day, time.min, IST)
    stops = known.duty.stops(midnight, midnight + timedelta(days=1))
    return [{"stopped_at": stop.since, "started_at": stop.until} for stop in stops]


def _interval(stretch: Stretch) -> Answer:
    interval, offset = stretch.rhythm
    return {"since": stretch.since, "interval_seconds": interval, "offset_seconds": offset}


def _stretches(duty: DutyHours, sessions: Sequence[Session]) -> Iterator[Stretch]:
    """Yield the rhythms from the first opening to the last close."""
    if sessions:
        yield from duty.stretches(sessions[0].opens, sessions[-1].closes)


def _due_ticks(known: DayOfTicks, sessions: Sequence[Session], now: datetime) -> Iterator[DueTick]:
    """Yield each tick that is due by now, with its outcome.

    They are those of the rhythm that held then, those of the evening, and whatever else the
    ledger has of the sessions.
    """
    duty, rows = known.duty, {row["tick"]: row for row in known.rows}
    due = set(_closing_ticks(known))
    for session in sessions:
        stretches = duty.stretches(session.opens + HANDOVER, session.closes + HANDOVER)
        due.update(tick for stretch in stretches for tick in stretch.ticks())
    others = rows.keys() - due
    due |= {tick for tick in others if any(tick in session for session in sessions)}
    evening = set[datetime]()
    if known.reads_evenings:
        evening.update(due_in_the_evening(known.market, known.day, rows))
    due |= evening
    if known.backfilled and not duty.is_recorded:
        due.clear()  # that day was before the record, and the recorder cannot have missed it
    ticks = sorted(tick for tick in due if tick < now and (tick in rows or duty.is_expected(tick)))
    for tick, after in zip_longest(ticks, ticks[1:]):
        step = _EVENING_STEP if tick in evening else duty.rhythm_at(tick).step
        row = rows.get(tick)
        outcome = duty.absence(tick) if row is None else row.get("outcome", "open")
        unsettled = row is None or outcome == "open"
        if unsettled and now - tick < step + LONGEST_WRITE:
            outcome = PENDING
        end = min(tick + step, after) if after else tick + step
        # A stop is no failure, and says so where others have the reason of theirs.
        reason = row.get("reason") if row else _STOPPED if outcome == _STOPPED else None
        yield DueTick(tick, end, outcome, reason)


def _closing_ticks(known: DayOfTicks) -> Iterator[datetime]:
    """Yield the tick after each close, by the rhythm that held then."""
    for tick in known.market.closing_ticks(known.day):
        yield tick.astimezone(UTC) + known.duty.rhythm_at(tick + HANDOVER).delay


def _gaps(ticks: Iterable[DueTick]) -> Iterator[Answer]:
    """Yield each run of ticks that have the same outcome, if that is not a good one."""
    run: list[DueTick] = []
    for tick in ticks:
        if run and (run[-1].end != tick.tick or run[-1][2:] != tick[2:]):
            yield from _gap(run)
            run = []
        run.append(tick)
    yield from _gap(run)


def _gap(run: Sequence[DueTick]) -> Iterator[Answer]:
    if run and run[0].outcome not in (*_GOOD, PENDING):
        yield {
            "outcome": run[0].outcome,
            "reason": run[0].reason,
            "start": run[0].tick,
            "end": run[-1].end,
            "ticks": len(run),
        }
