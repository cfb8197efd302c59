"""From what a request names to headers of the store, or the problem to answer instead."""

from datetime import date, datetime, time, timedelta

from chain_api.deps import Deps
from chain_api.parameters import expiry_of
from chain_api.problems import invalid, unknown_expiry, unknown_symbol
from optionchain.connection import Document
from optionchain.documents import HeaderDocument
from optionchain.exchange_time import IST, exchange_date, expiry_text


def latest(deps: Deps, symbol: str, expiry: str | None, field: str = "expiry") -> HeaderDocument:
    """Return the newest header of an expiry, of the nearest one if none is named.

    `field` is where the request named it.
    """
    header = (
        deps.store.latest_header(symbol, expiry_of(expiry))
        if expiry
        else deps.store.nearest_header(symbol, exchange_date(deps.now()))
    )
    if header is None:
        latest_of_all(deps, symbol)  # an unknown symbol is the greater mistake
        known = deps.store.expiries(symbol, date.min)
        raise unknown_expiry(field, symbol, expiry or "", [expiry_text(day) for day in known])
    return header


def latest_of_all(deps: Deps, symbol: str) -> list[HeaderDocument]:
    """Return the newest header of each expiry of a symbol, by expiry date."""
    headers = deps.store.latest_headers(symbol, exchange_date(deps.now()))
    if not headers:
        raise unknown_symbol(symbol, deps.store.symbols())
    return headers


def ticks(deps: Deps, symbol: str, day: date) -> list[Document]:
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
        latest_of_all(deps, symbol)
    return rows
