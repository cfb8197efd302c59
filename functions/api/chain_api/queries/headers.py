"""From what a request names to headers of the store, or the problem to answer instead."""

from datetime import date, datetime, time, timedelta

from chain_api.dependencies import Dependencies
from chain_api.parameters.moments import Moment
from chain_api.parameters.types import expiry_of
from chain_api.problems.catalogue import invalid, nothing_yet, unknown_expiry, unknown_symbol
from optionchain.exchange_time import IST, exchange_date, expiry_text
from optionchain.mongo.client import Document
from optionchain.mongo.documents import HeaderDocument

# By how much the clock of a client may be ahead.
_CLOCK_SKEW = timedelta(minutes=1)


def instant(moment: Moment | None, now: datetime, field: str) -> datetime | None:
    """Return the instant until which a request looks, in UTC; of a day of now it is now.

    What is still to come is refused: nobody knows it.
    """
    if moment is None:
        return None
    if moment.start(now) > now + _CLOCK_SKEW:
        allowed = f"must not be in the future; it is {now.astimezone(IST):%Y-%m-%dT%H:%M:%S} IST"
        raise invalid(field, moment.start(now).isoformat(), allowed)
    return min(moment.end(now), now)


def headers_of(
    deps: Dependencies,
    symbol: str,
    choice: str,
    at: datetime | None,
    field: str = "expiry",
    moment_field: str = "as_of",
) -> list[HeaderDocument]:
    """Return the newest header of each expiry chosen, at or before `at`; never an empty list.

    `choice` is a date as the exchange writes it, or nearest, next or all; `field` is where the
    request named it, `moment_field` where it named the moment.
    """
    today = exchange_date(at or deps.now())
    match choice:
        case "all":
            found = deps.snapshots.latest_headers(symbol, today, at)
        case "nearest":
            found = _those(deps.snapshots.nearest_header(symbol, today, at))
        case "next":
            found = deps.snapshots.latest_headers(symbol, today, at)[1:2]
        case _:
            found = _those(deps.snapshots.latest_header(symbol, expiry_of(choice), at))
    if not found:
        raise _nothing(deps, symbol, choice, at, (field, moment_field))
    return found


def _those(header: HeaderDocument | None) -> list[HeaderDocument]:
    return [header] if header else []


def _nothing(
    deps: Dependencies, symbol: str, choice: str, at: datetime | None, fields: tuple[str, str]
) -> Exception:
    """Return the problem of a chain that was not recorded; an unknown symbol is the greatest."""
    field, moment_field = fields
    known = [expiry_text(day) for day in deps.snapshots.expiries(symbol, date.min)]
    if not known:
        return unknown_symbol(symbol, deps.snapshots.symbols())
    named = expiry_of(choice) if choice in known else None
    first = deps.snapshots.first_header(symbol, named)
    if at and first and at < first["fetched_at"]:
        return nothing_yet(moment_field, symbol, choice if named else None, first["fetched_at"])
    if at:  # an expiry that came later was not known then
        found = deps.snapshots.latest_headers(symbol, date.min, at)
        known = [header["expiry_date"] for header in found]
    return unknown_expiry(field, symbol, choice, known)


def ticks(deps: Dependencies, symbol: str, day: date) -> list[Document]:
    """Return what the ledger has of a symbol's ticks of a day in India.

    A day to come, or one whose first ticks have expired, is refused: both would look like gaps.
    """
    now = deps.now()
    today, days = exchange_date(now), deps.settings.retention_days
    oldest = exchange_date(now - timedelta(days=days)) + timedelta(days=1)
    if not oldest <= day <= today:
        allowed = f"must be from {oldest} to {today}; ticks are kept for {days} days"
        raise invalid("date", day.isoformat(), allowed)
    midnight = datetime.combine(day, time.min, IST)
    rows = deps.ledger.between(symbol, midnight, midnight + timedelta(days=1))
    # A symbol that never had an answer is known by the settings alone.
    if not rows and symbol not in deps.settings.nse_symbols:
        headers_of(deps, symbol, "all", None)
    return rows
