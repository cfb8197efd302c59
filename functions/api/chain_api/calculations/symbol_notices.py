"""What an operator should know about the source's list of symbols. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chain_api.calculations.health_reasons import Reason
from chain_api.json_types import Answer
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.symbol_list_register import RejectedList
from optionchain.symbol_list import SymbolList
from optionchain.symbol_plan import SymbolPlan
from optionchain.symbol_selection import Tier

# So long after the opening the list of the day should have been read.
_READ_WITHIN = timedelta(minutes=10)
_NAMED = 10


class SymbolListState(NamedTuple):
    """The list of symbols in force, and the newest one if that is not believed.

    `needed` is False where the settings name each symbol: then nobody reads a list.
    """

    needed: bool
    symbol_list: SymbolList | None = None
    rejected: RejectedList | None = None


def symbol_list_reasons(state: SymbolListState) -> list[Reason]:
    """Return why nothing is recorded of the listed symbols; none if a list is known."""
    if not state.needed or state.symbol_list:
        return []
    detail = "no list of symbols has been read yet: of listed symbols nothing is recorded"
    return [{"code": "symbol_list_missing", "detail": detail}]


def symbol_list_notices(state: SymbolListState, market: Market, now: datetime) -> list[Answer]:
    """Return what is new or doubtful about the list of symbols; none if nothing is."""
    found: list[Answer] = []
    if rejected := state.rejected:
        detail = f"the newest list of symbols, of {rejected.source}, is not believed: "
        found.append(
            _notice("symbol_list_rejected", detail + rejected.detail, since=rejected.read_at)
        )
    if not state.needed or (listed := state.symbol_list) is None:
        return found
    if listed.added:
        detail = f"since {listed.day} options are listed on {_named(listed.added)}"
        found.append(_notice("symbol_listed", detail, symbols=list(listed.added)))
    if listed.removed:
        detail = f"since {listed.day} no options are listed on {_named(listed.removed)}"
        found.append(_notice("symbol_delisted", detail, symbols=list(listed.removed)))
    session = market.session_at(now)
    if session and now - session.opens > _READ_WITHIN and listed.day < exchange_date(now):
        detail = f"the list of symbols was not read today; that of {listed.day} holds"
        found.append(_notice("symbol_list_old", detail, since=listed.read_at))
    return found


def tier_notices(tiers: Sequence[Tier], plan: SymbolPlan) -> list[Answer]:
    """Return which tiers of the settings have no symbol: their symbols are in others."""
    used = {each.tier for each in plan.by_symbol.values()}
    empty = [tier.members for tier in tiers if tier.members not in used]
    why = "no symbol is in the tier {}: none is listed, or what stocks traded is not known yet"
    return [_notice("tier_empty", why.format(members), tier=members) for members in empty]


def _named(symbols: Sequence[str]) -> str:
    more = len(symbols) - _NAMED
    return ", ".join(symbols[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _notice(code: str, detail: str, **more: object) -> Answer:
    return {"code": code, "detail": detail, **more}
