"""Whether a user can rely on the data.

The answer depends on confirmations and on the exchange's own timestamp. It does not depend on the
underlying value, which stops moving at about 15:16 IST while options still trade.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from chain_api.calculations.ages import age_seconds
from chain_api.calculations.calendar_notices import calendar_notices
from chain_api.dependencies import Dependencies
from chain_api.endpoints.pipeline_status import last_outcome, market_state
from chain_api.json_types import Answer
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.recorder_switch import SwitchState
from optionchain.mongo.source_register import SourceState

CONFIRMED_WITHIN = timedelta(seconds=60)
STAMPED_WITHIN = timedelta(minutes=5)
_EXCHANGE_HOST = "www.nseindia.com"

type Reason = dict[str, Any]


def reasons(
    newest: Mapping[str, HeaderDocument | None], market: Market, now: datetime
) -> list[Reason]:
    """Return why the data of these symbols cannot be relied on; none while the market is closed."""
    session = market.session_at(now)
    if session is None:
        return []
    found: list[Reason] = []
    for symbol, header in newest.items():
        # After the opening a session has some time to confirm its first snapshot.
        if header is None:
            if now - session.opens > CONFIRMED_WITHIN:
                found.append(_no_data(symbol))
        elif now - max(header["last_seen_at"], session.opens) > CONFIRMED_WITHIN:
            found.append(_old("not_confirmed", symbol, "confirmed", header["last_seen_at"], now))
        elif now - max(stamp := _stamp(header), session.opens) > STAMPED_WITHIN:
            found.append(_old("exchange_stale", symbol, "stamped by the exchange", stamp, now))
    return found


def halts(switch: SwitchState, source: SourceState, market: Market, now: datetime) -> list[Reason]:
    """Return why the exchange is not read at all although the market is open."""
    if not market.is_open(now):
        return []
    found: list[Reason] = []
    if not switch.enabled:
        found.append(_stopped(switch))
    if source.waits(now):
        found.append(_waiting(source))
    return found


def stale_answers(
    outcomes: Mapping[str, Answer | None], unreliable: Sequence[Reason]
) -> list[Reason]:
    """Return which of the unreliable symbols the exchange answers with old bodies."""
    symbols = {reason.get("symbol") for reason in unreliable}
    return [
        {"code": "stale", "symbol": symbol, "detail": f"{symbol}: {entry['detail']}"}
        for symbol, entry in outcomes.items()
        if symbol in symbols and entry and entry.get("reason") == "stale"
    ]


def current_health(deps: Dependencies) -> Answer:
    """Return the health of the configured symbols; raise StoreUnavailable."""
    now, symbols = deps.now(), deps.settings.nse_symbols
    today = exchange_date(now)
    switch, source = deps.recorder_switch.read(), deps.source_register.read()
    newest = {symbol: deps.snapshots.nearest_header(symbol, today) for symbol in symbols}
    confirmed = [header["last_seen_at"] for header in newest.values() if header]
    outcomes = {symbol: last_outcome(deps, symbol) for symbol in symbols}
    market = deps.calendar.market()  # last, because it does not raise if the database is away
    unreliable = reasons(newest, market, now)
    stale = stale_answers(outcomes, unreliable)
    found = [*halts(switch, source, market, now), *unreliable, *stale]
    return _health(deps, market, now, found) | {
        "last_data_fetch": max(confirmed, default=None),
        "age_seconds": age_seconds(max(confirmed), now) if confirmed else None,
        "last_outcomes": {symbol: entry for symbol, entry in outcomes.items() if entry},
    }


def health_without_database(deps: Dependencies) -> Answer:
    """Return the health when the database does not answer."""
    reason = {"code": "database_unavailable", "detail": "the database does not answer"}
    return _health(deps, deps.calendar.at_hand(), deps.now(), [reason]) | {
        "database_connected": False
    }


def _health(deps: Dependencies, market: Market, now: datetime, found: list[Reason]) -> Answer:
    return {
        "status": "unhealthy" if found else "healthy",
        "timestamp": now,
        "database_connected": True,
        "last_data_fetch": None,
        "age_seconds": None,
        **market_state(market, now),
        "last_outcomes": {},
        "simulated": urlsplit(deps.settings.nse_base_url).hostname != _EXCHANGE_HOST,
        "reasons": found,
        "notices": calendar_notices(
            market, exchange_date(now), deps.calendar.rejected, deps.calendar.contradicted
        ),
    }


def _stamp(header: HeaderDocument) -> datetime:
    """Return the exchange's stamp; if that is later than the tick of its body, the tick."""
    return min(header["exchange_timestamp"], header["fetched_at"])


def _stopped(switch: SwitchState) -> Reason:
    detail = "recording is stopped; POST /pipeline/start starts it"
    return {"code": "stopped", "detail": detail, "since": switch.changed_at}


def _waiting(source: SourceState) -> Reason:
    detail = f"the exchange is not asked for a while: {source.reason}"
    until = {"reason": source.reason, "until": source.until}
    return {"code": "source_waiting", "detail": detail, **until}


def _no_data(symbol: str) -> Reason:
    return {"code": "no_data", "symbol": symbol, "detail": f"nothing of {symbol} is recorded"}


def _old(code: str, symbol: str, what: str, when: datetime, now: datetime) -> Reason:
    seconds = age_seconds(when, now)
    detail = f"{symbol} was last {what} {seconds:.0f} s ago"
    return {"code": code, "symbol": symbol, "detail": detail, "age_seconds": seconds}
