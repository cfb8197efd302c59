"""What is doubtful though the data can be relied on: all notices of /health."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chain_api.calculations.archive_notices import ArchiveState, archive_notices
from chain_api.calculations.calendar_notices import calendar_notices
from chain_api.calculations.disagreements import disagreement_notices
from chain_api.calculations.listing_notices import listing_notices
from chain_api.calculations.lot_notices import lot_notices, without_lot
from chain_api.calculations.setting_notices import setting_notices
from chain_api.calculations.settlement_notices import settlement_notices
from chain_api.calculations.symbol_notices import (
    SymbolListState,
    symbol_list_notices,
    tier_notices,
)
from chain_api.calculations.token_notices import refusal_notices, token_notices
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.queries.contract_lists import lists_in_force
from chain_api.store.known_doubts import Doubts
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.documents import NSE, HeaderDocument
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.source_register import SourceState


def current_notices(
    deps: Dependencies,
    listings: Mapping[str, Listing],
    headers: Sequence[HeaderDocument],
    states: Mapping[str, SourceState],
    archive: ArchiveState | None,
    doubts: Doubts,
    market: Market,
) -> list[Answer]:
    """Return all notices of now; raise StoreUnavailable. `headers` are the nearest ones."""
    now, symbols = deps.now(), deps.symbols.plan().symbols
    vendors = [name for name in deps.settings.source if name != NSE]  # NSE takes no token
    tokens = deps.tokens.read(vendors) if vendors else {}
    return [
        *calendar_doubts(deps, market),
        *listing_notices(symbols, listings, doubts.underlyings, market.session_at(now), now),
        *_lots(deps, headers, market, now),
        *settlement_notices(doubts.settlements),
        *disagreement_notices(doubts.checks),
        *symbol_list_notices(symbol_list_state(deps, doubts), market, now),
        *tier_notices(deps.settings.nse_tiers, deps.symbols.plan()),
        *token_notices(tokens, now),
        *refusal_notices(states, tokens, now),
        *archive_notices(archive, now),
        *setting_notices(deps.misspelt_settings),
        *({"code": "housekeeping", "detail": text} for text in doubts.warnings),
    ]


def symbol_list_state(deps: Dependencies, doubts: Doubts) -> SymbolListState:
    """Return the list of symbols in force and what speaks against the newest one."""
    if not deps.symbols.needs_list:
        return SymbolListState(needed=False)
    return SymbolListState(True, deps.symbols.plan().symbol_list, doubts.rejected_list)


def calendar_doubts(deps: Dependencies, market: Market) -> list[Answer]:
    """Return what is doubtful about the calendar, as it was last read."""
    today = exchange_date(deps.now())
    return calendar_notices(market, today, deps.calendar.rejected, deps.calendar.contradicted)


def _lots(
    deps: Dependencies, headers: Sequence[HeaderDocument], market: Market, now: datetime
) -> list[Answer]:
    lacking = without_lot(headers)
    if not lacking or market.session_at(now) is None:
        return []
    today = exchange_date(now)
    lists = lists_in_force(deps, today, [header["symbol"] for header in lacking])
    unread = deps.contract_lists.failures(market.trading_day_before(today) or today)
    return lot_notices(lacking, lists, unread, today)
