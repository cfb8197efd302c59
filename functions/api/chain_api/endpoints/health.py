"""Whether a user can rely on the data: of what is listed, as the reasons say."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from chain_api.calculations.ages import age_seconds
from chain_api.calculations.archive_notices import archive_notices, expiring_reasons
from chain_api.calculations.calendar_notices import calendar_notices
from chain_api.calculations.disagreements import PERSISTENT_CHECKS, disagreement_notices
from chain_api.calculations.health_reasons import (
    SCHEDULE_DISABLED,
    Nearest,
    Reason,
    halts,
    reasons,
    stale_answers,
)
from chain_api.calculations.listing_notices import listing_notices
from chain_api.calculations.lot_notices import lot_notices, without_lot
from chain_api.calculations.settlement_notices import newest_proved_day, settlement_notices
from chain_api.calculations.token_notices import refusal_notices, token_notices
from chain_api.dependencies import Dependencies
from chain_api.endpoints.pipeline_status import last_outcomes, market_state
from chain_api.json_types import Answer
from chain_api.queries.archive_state import archive_state
from chain_api.queries.contract_lists import lists_in_force
from chain_api.queries.freshness import period_of
from optionchain.errors import StoreRefused, StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.source_register import SourceState

_EXCHANGE_HOST = "www.nseindia.com"


def current_health(deps: Dependencies) -> Answer:
    """Return the health of the configured symbols; raise StoreUnavailable."""
    now, symbols = deps.now(), deps.symbols.plan().symbols
    switch, states = deps.recorder_switch.read(), _source_states(deps)
    source = _next_source(states, now)
    warnings = deps.housekeeping.read()
    listings, underlyings = deps.listings.newest(symbols), deps.underlyings.read()
    nearest = {symbol: _nearest(deps, symbol, listings.get(symbol), now) for symbol in symbols}
    headers = [each.header for each in nearest.values() if each.header]
    confirmed = max((header["last_seen_at"] for header in headers), default=None)
    outcomes = last_outcomes(deps, symbols)
    market = deps.calendar.market()  # last, because it does not raise if the database is away
    unreliable = reasons(nearest, market, now, period_of(deps))
    unreliable += stale_answers(outcomes, unreliable)
    # All reasons of a symbol together, in the order in which symbols are configured.
    unreliable.sort(key=lambda reason: symbols.index(reason["symbol"]))
    halted = halts(switch, states[source], market, now, source)
    if unreliable and switch.enabled and _schedule_is_disabled(deps):
        halted.append(SCHEDULE_DISABLED)
    archive = archive_state(deps, now)
    found = [*halted, *unreliable, *expiring_reasons(archive, now)]
    health = _health(deps, market, now, found)
    health["notices"] += listing_notices(
        symbols, listings, underlyings, market.session_at(now), now
    )
    if market.session_at(now) and (lacking := without_lot(headers)):
        today = exchange_date(now)
        lists = lists_in_force(deps, today, symbols)
        unread = deps.contract_lists.failures(market.trading_day_before(today) or today)
        health["notices"] += lot_notices(lacking, lists, unread, today)
    if proved := newest_proved_day(market, now):
        health["notices"] += settlement_notices(deps.settlements.bad_since(symbols, proved))
    checks = deps.disagreements.newest(symbols, PERSISTENT_CHECKS)
    health["notices"] += disagreement_notices(checks)
    tokens = deps.tokens.read(deps.settings.source)
    health["notices"] += token_notices(tokens, now) + refusal_notices(states, tokens, now)
    health["notices"] += archive_notices(archive, now)
    health["notices"] += [{"code": "housekeeping", "detail": text} for text in warnings]
    return health | {
        "last_data_fetch": confirmed,
        "age_seconds": age_seconds(confirmed, now) if confirmed else None,
        "last_outcomes": outcomes,
        "archive": archive and archive.answer(),
    }


def _source_states(deps: Dependencies) -> dict[str, SourceState]:
    return {name: register.read() for name, register in deps.source_registers.items()}


def _next_source(states: Mapping[str, SourceState], now: datetime) -> str:
    """Return the first source that does not wait; if all do, the first one."""
    asked = [name for name, state in states.items() if not state.waits(now)]
    return next(iter(asked or states))


def _schedule_is_disabled(deps: Dependencies) -> bool:
    """Ask AWS, which takes a second at first; so it is asked only if the data are unreliable."""
    return deps.schedule is not None and deps.schedule.state() == "DISABLED"


def _nearest(deps: Dependencies, symbol: str, listing: Listing | None, now: datetime) -> Nearest:
    today = exchange_date(now)
    listed = listing.current(today) if listing else []
    header = deps.snapshots.nearest_of(symbol, listed) if listed else None
    header = header or deps.snapshots.nearest_header(symbol, today)
    if listing is None or not listed or (header and header["expiry"].date() == listed[0]):
        return Nearest(header)
    return Nearest(header, listed[0], listing.since)


def health_without_database(deps: Dependencies, error: StoreUnavailable) -> Answer:
    """Return the health when the database does not answer, or refuses."""
    reason = {"code": "database_unavailable", "detail": "the database does not answer"}
    if isinstance(error, StoreRefused):
        reason = {"code": "database_refuses", "detail": "the database refuses a right; see the log"}
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
        "interval_seconds": period_of(deps).total_seconds(),
        **market_state(market, now),
        "last_outcomes": {},
        "simulated": urlsplit(deps.settings.nse_base_url).hostname != _EXCHANGE_HOST,
        "archive": None,
        "reasons": found,
        "notices": calendar_notices(
            market, exchange_date(now), deps.calendar.rejected, deps.calendar.contradicted
        ),
    }
