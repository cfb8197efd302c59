"""Can a user rely on the data?

Judged by confirmations and by the exchange's own timestamp, never by the spot: that freezes at
about 15:16 IST while options trade on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chain_api.answers import Answer, age_seconds
from chain_api.deps import Deps
from chain_api.status import last_outcome
from optionchain.documents import HeaderDocument
from optionchain.exchange_time import exchange_date
from optionchain.market import Market

CONFIRMED_WITHIN = timedelta(seconds=60)
STAMPED_WITHIN = timedelta(minutes=5)

type Reason = dict[str, Any]


def reasons(
    newest: Mapping[str, HeaderDocument | None], market: Market, now: datetime
) -> list[Reason]:
    """Return why the data of these symbols cannot be relied on; nothing out of session."""
    session = market.session(exchange_date(now))
    if session is None or now not in session:
        return []
    found: list[Reason] = []
    for symbol, header in newest.items():
        # A session that has just opened has its first minutes to confirm anything.
        seen = max(header["last_seen_at"] if header else session.opens, session.opens)
        stamp = max(header["exchange_timestamp"] if header else session.opens, session.opens)
        if now - seen > CONFIRMED_WITHIN:
            code = "not_confirmed" if header else "no_data"
            found.append(_reason(code, symbol, "last confirmed", seen, now))
        elif now - stamp > STAMPED_WITHIN:
            found.append(_reason("exchange_stale", symbol, "last stamped", stamp, now))
    return found


def answer(deps: Deps) -> Answer:
    """Return the health of the configured symbols; raise StoreUnavailable."""
    now, symbols = deps.now(), deps.settings.nse_symbols
    today = exchange_date(now)
    newest = {symbol: deps.store.nearest_header(symbol, today) for symbol in symbols}
    seen = [header["last_seen_at"] for header in newest.values() if header]
    outcomes = {symbol: last_outcome(deps, symbol) for symbol in symbols}
    return _answer(deps, now, reasons(newest, deps.market, now)) | {
        "last_data_fetch": max(seen, default=None),
        "age_seconds": age_seconds(max(seen), now) if seen else None,
        "last_outcomes": {symbol: entry for symbol, entry in outcomes.items() if entry},
    }


def away(deps: Deps) -> Answer:
    """Return the health where the database does not answer."""
    reason = {"code": "database_unavailable", "detail": "the database does not answer"}
    return _answer(deps, deps.now(), [reason]) | {"database_connected": False}


def _answer(deps: Deps, now: datetime, found: list[Reason]) -> Answer:
    is_open = deps.market.is_open(now)
    return {
        "status": "unhealthy" if found else "healthy",
        "timestamp": now,
        "database_connected": True,
        "last_data_fetch": None,
        "age_seconds": None,
        "market": "open" if is_open else "closed",
        "next_opening": None if is_open else deps.market.next_opening(now),
        "last_outcomes": {},
        "reasons": found,
    }


def _reason(code: str, symbol: str, what: str, when: datetime, now: datetime) -> Reason:
    seconds = round((now - when).total_seconds())
    return {
        "code": code,
        "symbol": symbol,
        "detail": f"{symbol} was {what} {seconds} s ago",
        "age_seconds": seconds,
    }
