"""Which symbols are recorded when and by which group, by the settings and the day's list. Pure.

Every recorder and the API make the same plan of the same settings and list.

Symbols that are read rarely are not all read at one moment. The time between two ticks of a tier is
cut into slots, and its symbols are spread over them, so that each slot has equally many requests.
A slot is as long as NSE_FETCH_INTERVAL; if the requests of one take more than 5 seconds of the
budget, it is the shortest part of that interval that has 5 seconds or more. So two symbols that are
read each minute keep the full minute, and 213 have their turns five seconds apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from optionchain.load_spread import Load, spread
from optionchain.rhythm import Rhythm
from optionchain.setting_values import SECONDS_PER_MINUTE
from optionchain.settings import Settings
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_selection import BASE_TIER, Kind, Tier, select

# So long the requests of one slot may take, and so long is a slot at least.
_SLOT_SECONDS = 5


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
        """Return the symbols of one group of several, in their order; the first group is 1.

        All groups have about as many requests a minute, and at each tick. A new symbol moves few
        others to another group, and one group more takes its share from all others.
        """
        return self.shares(groups)[group - 1]

    def shares(self, groups: int) -> list[tuple[str, ...]]:
        """Return the symbols of each of several groups."""
        loads = {
            symbol: Load(each.requests * SECONDS_PER_MINUTE // each.rhythm.interval, each.rhythm)
            for symbol, each in self.by_symbol.items()
        }
        found = spread(loads, groups)
        return [
            tuple(symbol for symbol in self.symbols if found[symbol] == number)
            for number in range(groups)
        ]


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
    base_rhythm = Rhythm(settings.nse_fetch_interval)
    return SymbolPlan(_with_offsets(planned, settings), base_rhythm, symbol_list)


def _with_offsets(
    planned: Mapping[str, PlannedSymbol], settings: Settings
) -> dict[str, PlannedSymbol]:
    """Spread the symbols of each interval over the slots of it."""
    slot = _slot(planned.values(), settings)
    offsets: dict[str, int] = {}
    for interval in {each.rhythm.interval for each in planned.values()}:
        loads = {
            symbol: Load(each.requests)
            for symbol, each in planned.items()
            if each.rhythm.interval == interval
        }
        found = spread(loads, interval // slot)
        offsets |= {symbol: number * slot for symbol, number in found.items()}
    return {
        symbol: each._replace(rhythm=each.rhythm._replace(offset=offsets[symbol]))
        for symbol, each in planned.items()
    }


def _slot(planned: Iterable[PlannedSymbol], settings: Settings) -> int:
    """Return the seconds from one slot to the next."""
    grid = settings.nse_fetch_interval
    requests = sum(Fraction(each.requests * grid, each.rhythm.interval) for each in planned)
    a_second = settings.nse_max_requests_per_second * settings.nse_addresses
    if requests <= a_second * _SLOT_SECONDS:
        return grid
    parts = (each for each in range(_SLOT_SECONDS, grid) if grid % each == 0)
    return next(parts, grid)


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
