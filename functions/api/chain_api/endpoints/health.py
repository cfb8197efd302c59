"""Whether a user can rely on the data: of what is listed, as the reasons say."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from chain_api.calculations.ages import age_seconds
from chain_api.calculations.archive_notices import expiring_reasons
from chain_api.calculations.health_reasons import (
    SCHEDULE_DISABLED,
    Nearest,
    Reason,
    halts,
    reasons,
    with_causes,
)
from chain_api.calculations.health_summary import (
    counted,
    outcome_counts,
    shortened,
    status_of,
    tiers_of,
    worst_outcomes,
)
from chain_api.calculations.settlement_notices import newest_proved_day
from chain_api.calculations.symbol_notices import symbol_list_reasons
from chain_api.dependencies import Dependencies
from chain_api.endpoints.health_notices import calendar_doubts, current_notices, symbol_list_state
from chain_api.endpoints.pipeline_status import last_outcomes, market_state
from chain_api.json_types import Answer
from chain_api.queries.archive_state import archive_state
from chain_api.queries.periods import longest_period, periods_of
from chain_api.queries.symbol_headers import nearest_headers
from optionchain.errors import StoreRefused, StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.source_register import SourceState

_EXCHANGE_HOST = "www.nseindia.com"
# What is read of each header.
_COLUMNS = ("expiry_date", "fetched_at", "last_seen_at", "exchange_timestamp", "lot_size_reason")


def current_health(deps: Dependencies) -> Answer:
    """Return the health of the recorded symbols; raise StoreUnavailable."""
    now, plan = deps.now(), deps.symbols.plan()
    states, listings = _source_states(deps), deps.known_listings.read()
    nearest = _nearest(deps, plan.symbols, listings, now)
    headers = [each.header for each in nearest.values() if each.header]
    outcomes, archive = last_outcomes(deps, plan.symbols), archive_state(deps, now)
    market = deps.calendar.market()  # late, because it does not raise if the database is away
    periods = periods_of(deps)
    unreliable = _unreliable(nearest, outcomes, market, now, periods)
    doubts = deps.doubts.read(plan.symbols, newest_proved_day(market, now))
    found = [
        *_halted(deps, states, market, now, unreliable),
        *symbol_list_reasons(symbol_list_state(deps, doubts)),
    ]
    found += [*unreliable, *expiring_reasons(archive, now)]
    affected = {reason["symbol"] for reason in unreliable}
    tiers = tiers_of(plan, periods, affected)
    notices = current_notices(deps, listings, headers, states, archive, doubts, market)
    confirmed = max((header["last_seen_at"] for header in headers), default=None)
    return _health(deps, market, now, found, notices) | {
        "status": status_of(found, tiers),
        "last_data_fetch": confirmed,
        "age_seconds": age_seconds(confirmed, now) if confirmed else None,
        "total_symbols": len(plan.symbols),
        "symbols_affected": len(affected),
        "tiers": [tier.answer() for tier in tiers],
        "last_outcomes": worst_outcomes(outcomes),
        "outcome_counts": outcome_counts(outcomes),
        "archive": archive and archive.answer(),
    }


def _unreliable(
    nearest: Mapping[str, Nearest],
    outcomes: Mapping[str, Answer],
    market: Market,
    now: datetime,
    periods: Mapping[str, timedelta],
) -> list[Reason]:
    """Return all reasons of symbols, those of a symbol together, in the order of the plan."""
    found = with_causes(reasons(nearest, market, now, periods), outcomes)
    places = {symbol: number for number, symbol in enumerate(nearest)}
    return sorted(found, key=lambda reason: places[reason["symbol"]])


def _halted(
    deps: Dependencies,
    states: Mapping[str, SourceState],
    market: Market,
    now: datetime,
    unreliable: Sequence[Reason],
) -> list[Reason]:
    """Return the reasons why nothing is read at all.

    AWS takes a second to say whether the schedule is disabled; so it is asked only if data are
    unreliable.
    """
    switch, source = deps.recorder_switch.read(), _next_source(states, now)
    found = halts(switch, states[source], market, now, source)
    if unreliable and switch.enabled and deps.schedule and deps.schedule.state() == "DISABLED":
        found.append(SCHEDULE_DISABLED)
    return found


def _source_states(deps: Dependencies) -> dict[str, SourceState]:
    return {name: register.read() for name, register in deps.source_registers.items()}


def _next_source(states: Mapping[str, SourceState], now: datetime) -> str:
    """Return the first source that does not wait; if all do, the first one."""
    asked = [name for name, state in states.items() if not state.waits(now)]
    return next(iter(asked or states))


def _nearest(
    deps: Dependencies, symbols: Sequence[str], listings: Mapping[str, Listing], now: datetime
) -> dict[str, Nearest]:
    today = exchange_date(now)
    listed = {
        symbol: listings[symbol].current(today) if symbol in listings else [] for symbol in symbols
    }
    headers = nearest_headers(deps, listed, _COLUMNS)
    return {
        symbol: _nearest_of(headers.get(symbol), listed[symbol], listings.get(symbol))
        for symbol in symbols
    }


def _nearest_of(
    header: HeaderDocument | None, listed: Sequence[date], listing: Listing | None
) -> Nearest:
    if listing is None or not listed or (header and header["expiry"].date() == listed[0]):
        return Nearest(header)
    return Nearest(header, listed[0], listing.since)


def health_without_database(deps: Dependencies, error: StoreUnavailable) -> Answer:
    """Return the health when the database does not answer, or refuses."""
    reason = {"code": "database_unavailable", "detail": "the database does not answer"}
    if isinstance(error, StoreRefused):
        reason = {"code": "database_refuses", "detail": "the database refuses a right; see the log"}
    market, now = deps.calendar.at_hand(), deps.now()
    return _health(deps, market, now, [reason], calendar_doubts(deps, market)) | {
        "database_connected": False
    }


def _health(
    deps: Dependencies,
    market: Market,
    now: datetime,
    found: Sequence[Reason],
    notices: Sequence[Answer],
) -> dict[str, Any]:
    """Return every member, with what is known without the database."""
    return {
        "status": "unhealthy",
        "timestamp": now,
        "database_connected": True,
        "last_data_fetch": None,
        "age_seconds": None,
        "interval_seconds": _interval(deps),
        **market_state(market, now),
        "total_symbols": None,
        "symbols_affected": None,
        "tiers": [],
        "last_outcomes": {},
        "outcome_counts": {},
        "simulated": urlsplit(deps.settings.nse_base_url).hostname != _EXCHANGE_HOST,
        "archive": None,
        "reasons": shortened(found),
        "reason_counts": counted(found),
        "notices": shortened(notices),
        "notice_counts": counted(notices),
    }


def _interval(deps: Dependencies) -> float | None:
    """Return in which time every symbol is asked for, None if no symbol is known.

    The database is not asked: if it is away, it has been waited for once already.
    """
    period = longest_period(deps.settings, deps.symbols.at_hand())
    return period.total_seconds() if period else None
