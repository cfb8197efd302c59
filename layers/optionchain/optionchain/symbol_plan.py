"""Which symbols are recorded when and by which group, by the settings and the day's list. Pure.

Every recorder and the API make the same plan of the same settings and list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from optionchain.rhythm import Rhythm
from optionchain.settings import Settings
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_selection import BASE_TIER, Kind, Tier, select


class PlannedSymbol(NamedTuple):
    """How a symbol is recorded. `requests` is how many a tick of it takes.

    `kind` is None where no list tells it.
    """

    symbol: str
    kind: Kind | None
    tier: str
    rhythm: Rhythm
    requests: int


@dataclass(frozen=True)
class SymbolPlan:
    """The recorded symbols in their order, and the rhythm of symbols that are not among them."""

    by_symbol: Mapping[str, PlannedSymbol]
    base: Rhythm
    symbol_list: SymbolList | None = None

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the recorded symbols."""
        return tuple(self.by_symbol)

    def rhythm_of(self, symbol: str) -> Rhythm:
        """Return when the ticks of a symbol are due."""
        planned = self.by_symbol.get(symbol)
        return planned.rhythm if planned else self.base

    def tier_of(self, symbol: str) -> str:
        """Return the name of a symbol's tier."""
        planned = self.by_symbol.get(symbol)
        return planned.tier if planned else BASE_TIER

    def share(self, group: int, groups: int) -> tuple[str, ...]:
        """Return the symbols of one group of several; the first group is 1."""
        return self.symbols[group - 1 :: groups]


def make_plan(settings: Settings, symbol_list: SymbolList | None = None) -> SymbolPlan:
    """Return the plan of a day; without a list only symbols that are named are recorded."""
    listed = symbol_list.symbols if symbol_list else {}
    chosen = select(settings.nse_symbols, symbol_list.kinds if symbol_list else {})
    ranks = _ranks(list(listed.values()))
    base = Tier(BASE_TIER, settings.nse_fetch_interval)
    planned = {}
    for symbol in chosen:
        known = listed.get(symbol)
        kind, rank = known.kind if known else None, ranks.get(symbol)
        tier = next((each for each in settings.nse_tiers if each.has(symbol, kind, rank)), base)
        requests = _requests(known, settings.nse_expiries)
        planned[symbol] = PlannedSymbol(symbol, kind, tier.members, Rhythm(tier.interval), requests)
    return SymbolPlan(planned, Rhythm(settings.nse_fetch_interval), symbol_list)


def _ranks(listed: Sequence[ListedSymbol]) -> dict[str, int]:
    """Return the rank of each stock by what it traded; 1 traded most."""
    traded = [each for each in listed if each.kind == "stock" and each.traded]
    traded.sort(key=lambda each: (-(each.traded or 0), each.symbol))
    return {each.symbol: rank for rank, each in enumerate(traded, start=1)}


def _requests(known: ListedSymbol | None, nearest: int) -> int:
    """Return the requests of a tick: the nearest expiries, and one of the others."""
    if known is None or known.expiries is None:
        return nearest + 1
    return min(known.expiries, nearest) + (known.expiries > nearest)
