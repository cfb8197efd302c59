"""Can a user rely on the data?

Judged by confirmations and by the exchange's own timestamp, never by the spot: that freezes at
about 15:16 IST while options trade on.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
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
        if header is None:
            if now - session.opens > CONFIRMED_WITHIN:
                found.append(_no_data(symbol))
        elif now - max(header["last_seen_at"], session.opens) > CONFIRMED_WITHIN:
            found.append(_old("not_confirmed", symbol, "confirmed", header["last_seen_at"], now))
        elif now - max(header["exchange_timestamp"], session.opens) > STAMPED_WITHIN:
            stamp = header["exchange_timestamp"]
            found.append(_old("exchange_stale", symbol, "stamped by the exchange", stamp, now))
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
    opening = None if deps.market.is_open(now) else deps.market.next_opening(now)
    return {
        "status": "unhealthy" if found else "healthy",
        "timestamp": now,
        "database_connected": True,
        "last_data_fetch": None,
        "age_seconds": None,
        "market": "open" if deps.market.is_open(now) else "closed",
        "next_opening": opening and opening.astimezone(UTC),
        "last_outcomes": {},
        "reasons": found,
    }


def _no_data(symbol: str) -> Reason:
    return {"code": "no_data", "symbol": symbol, "detail": f"nothing of {symbol} is recorded"}


def _old(code: str, symbol: str, what: str, when: datetime, now: datetime) -> Reason:
    seconds = age_seconds(when, now)
    detail = f"{symbol} was last {what} {seconds:.0f} s ago"
    return {"code": code, "symbol": symbol, "detail": detail, "age_seconds": seconds}
