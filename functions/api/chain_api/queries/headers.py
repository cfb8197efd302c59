"""The stored headers that a request names, or the problem to answer when there are none."""

from datetime import date, datetime, time, timedelta

from chain_api.dependencies import Dependencies
from chain_api.parameters.moments import Moment as NamedMoment
from chain_api.parameters.types import expiry_of
from chain_api.problems.catalogue import (
    invalid,
    no_previous_close,
    nothing_yet,
    unknown_expiry,
    unknown_symbol,
)
from chain_api.queries.listed_headers import Moment, listed_headers, nearest_header
from optionchain.exchange_time import IST, exchange_date, expiry_text, ist_text
from optionchain.mongo.client import Document
from optionchain.mongo.documents import HeaderDocument

# A client's clock may be this far ahead of ours.
_CLOCK_SKEW = timedelta(minutes=1)


def instant_of(moment: NamedMoment | None, now: datetime, field: str) -> datetime | None:
    """Return the last instant that a request asks about, in UTC; at most `now`.

    Raises the Problem of a moment in the future; `field` is where the request named it.
    """
    if moment is None:
        return None
    if moment.start(now) > now + _CLOCK_SKEW:
        allowed = f"must not be in the future; it is {ist_text(now)}"
        raise invalid(field, ist_text(moment.start(now)), allowed)
    return min(moment.end(now), now)


def headers_of(
    deps: Dependencies,
    symbol: str,
    expiry: str,
    at: datetime | None,
    field: str = "expiry",
    moment_field: str = "as_of",
    listed_at: datetime | None = None,
) -> list[HeaderDocument]:
    """Return the newest header of each expiry chosen, at or before `at`; at least one.

    `expiry` is a date as the exchange writes it, or nearest, next or all: of those that were listed
    at `listed_at`, by default at `at`. `field` is where the request named it, `moment_field` where
    it named the moment. Raises Problem where there is none.
    """
    moment = Moment(at, listed_at or at)
    match expiry:
        case "all":
            found = listed_headers(deps, symbol, moment)
        case "nearest":
            found = _one(nearest_header(deps, symbol, moment))
        case "next":
            found = listed_headers(deps, symbol, moment)[1:2]
        case _:
            found = _one(deps.snapshots.latest_header(symbol, expiry_of(expiry), at))
    if not found:
        raise _not_found(deps, symbol, expiry, at, (field, moment_field))
    return found


def _one(header: HeaderDocument | None) -> list[HeaderDocument]:
    return [header] if header else []


def _not_found(
    deps: Dependencies, symbol: str, expiry: str, at: datetime | None, fields: tuple[str, str]
) -> Exception:
    """Return the 404 that says most: unknown symbol, nothing recorded yet, or unknown expiry."""
    field, moment_field = fields
    known = [expiry_text(day) for day in deps.snapshots.expiries(symbol, date.min)]
    if not known:
        return unknown_symbol(symbol, deps.snapshots.recorded_symbols())
    named = expiry_of(expiry) if expiry in known else None
    first = deps.snapshots.first_header(symbol, named)
    if at and first and at < first["fetched_at"]:
        return nothing_yet(moment_field, symbol, expiry if named else None, first["fetched_at"])
    if at:  # list only the expiries that were recorded by then
        known = [expiry_text(day) for day in deps.snapshots.expiries_by(symbol, at)]
    return unknown_expiry(field, symbol, expiry, known)


def closing_header(deps: Dependencies, symbol: str, expiry: str, end: datetime) -> HeaderDocument:
    """Return the settled header of the day in India that ends at `end`, else its newest one.

    `expiry` is a date as the exchange writes it. Raises the Problem of a day without a header.
    """
    named, day = expiry_of(expiry), exchange_date(end)
    newest = deps.snapshots.latest_header(symbol, named, end)
    if newest is None or exchange_date(newest["fetched_at"]) != day:
        raise no_previous_close(symbol, expiry, day)
    if newest.get("settled"):
        return newest
    return deps.snapshots.settled_header(symbol, named, day) or newest


def ticks_of_day(deps: Dependencies, symbol: str, day: date) -> list[Document]:
    """Return the ledger's ticks of a symbol on a day in India.

    Raises the Problem of a day that is still to come, or whose ticks have expired and are in no
    archive: its missing ticks would look like gaps.
    """
    now = deps.now()
    today, days = exchange_date(now), deps.settings.retention_days
    oldest = exchange_date(now - timedelta(days=days)) + timedelta(days=1)
    midnight = datetime.combine(day, time.min, IST)
    is_cold = deps.cold is not None and deps.cold.of(symbol, midnight) is not None
    if not (oldest <= day <= today or is_cold):
        allowed = f"must be from {oldest} to {today}; ticks are kept for {days} days"
        if deps.cold:
            allowed += ", and those of sealed days in the archive"
        raise invalid("date", day.isoformat(), allowed)
    rows = deps.ledger.between(symbol, midnight, midnight + timedelta(days=1))
    # A recorded symbol is known even if it never had an answer.
    if not rows and symbol not in deps.symbols.plan().by_symbol:
        headers_of(deps, symbol, "all", None)
    return rows
