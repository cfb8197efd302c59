"""Who was on duty for a symbol on a day, from the history of its shifts and its stops."""

from datetime import date, datetime, time, timedelta

from chain_api.calculations.duty_hours import DutyHours
from chain_api.dependencies import Dependencies
from optionchain.exchange_time import IST, exchange_date
from optionchain.mongo.shift_register import Duty


def duty_hours_of(deps: Dependencies, symbol: str, day: date) -> DutyHours:
    """Return the hours of duty on a day in India; raise StoreUnavailable."""
    midnight = datetime.combine(day, time.min, IST)
    first = deps.shifts.first_duty(symbol, midnight)
    oldest = deps.ledger.first_tick(symbol, midnight)
    return DutyHours(
        duties=deps.shifts.duties(symbol, midnight, midnight + timedelta(days=1)),
        stopped=deps.day_stops.of_day(symbol, day),
        begins=_begins(first, oldest),
        setting=deps.symbols.plan().rhythm_of(symbol),
        ends=_ends(deps, symbol),
        is_recorded=bool(first or oldest),
    )


def reads_evenings(deps: Dependencies, symbol: str, day: date) -> bool:
    """Tell whether the recorder of a day read the evening as well; raise StoreUnavailable.

    Headers of an older recorder do not say whether they are settled.
    """
    midnight = datetime.combine(day, time.min, IST)
    header = deps.snapshots.latest_header(symbol, as_of=midnight + timedelta(days=1))
    return header is None or header["fetched_at"] < midnight or "settled" in header


def _begins(first: Duty | None, oldest: datetime | None) -> datetime | None:
    """Return when the record of a symbol begins, None if that is before shifts were kept.

    A shift that starts slowly, or while the database is away, begins after its first ticks.
    """
    if first is None:
        return None
    if oldest is not None and exchange_date(oldest) < exchange_date(first.since):
        return None
    return min(first.since, oldest or first.since)


def _ends(deps: Dependencies, symbol: str) -> datetime | None:
    """Return when the record of a symbol ends, None if the symbol is recorded."""
    if symbol in deps.symbols.plan().by_symbol:
        return None
    last = deps.shifts.last_duty(symbol)
    return last.until if last else None
