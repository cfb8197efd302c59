"""What the request budget of a source carries: how many expiries a tick, at which interval. Pure.

The plan is made before anything is asked.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from chain_fetch.http.window import Window
from chain_fetch.recording.budget.budget_demand import Demand, TierDemand
from chain_fetch.recording.budget.budget_share import Share
from chain_fetch.source import SourceTerms
from optionchain.setting_values import SECONDS_PER_MINUTE
from optionchain.symbol_selection import BASE_TIER

# One request in so many is kept for what no tick plans: lists of expiries and trials of lost ones,
# a request that is sent again, the check of a token, the cross check. Vendors call their limits
# approximate, too. A window of fewer requests keeps none: in a full tick a list then takes the
# place of a chain.
_KEPT_OF = 20
# Symbols that take turns are read at least half as often as their tier says.
_LONGEST_PERIOD = 2


class TickPlaces(NamedTuple):
    """How many requests a tick of some symbols plans, and how many of them in rotation.

    `rotating` is the average of all ticks; None stands for as many as have room.
    """

    requests: int
    rotating: Fraction | None


@dataclass(frozen=True)
class BudgetPlan:
    """What a source carries of a demand.

    `capacity` is the number of chains a tick of the grid that all windows carry for ever. With
    `turns` symbols without a place have their turn in the next tick.
    """

    demand: Demand
    windows: tuple[Window, ...]
    turns: bool
    capacity: Fraction
    tightest: Window
    requests_per_chain: int = 1

    @property
    def required(self) -> int:
        """Return how many chains of nearest expiries the heaviest tick asks for.

        The ticks of symbols that are read rarely are spread over the grid.
        """
        return ceil(self.demand.due) * self.demand.nearest

    @property
    def fits(self) -> bool:
        """Tell whether each nearest expiry of each tick has a place."""
        return self.stretch == 1 if self.turns else self.required <= self.capacity

    @property
    def works(self) -> bool:
        """Tell whether the budget carries the demand.

        With turns each symbol is read at least half as often as it should be, and once a minute.
        """
        if not self.turns:
            return self.fits
        return not self.is_crowded and all(
            self.period(each) <= min(_LONGEST_PERIOD * each.interval, SECONDS_PER_MINUTE)
            for each in self.tiers
        )

    @property
    def is_crowded(self) -> bool:
        """Tell whether more groups share an address than a tick of the grid has requests."""
        return self.turns and self.demand.groups > self.capacity

    @property
    def stretch(self) -> Fraction:
        """Return by how much turns are longer than intervals; 1 if all have a place in each."""
        return max(Fraction(self.demand.nearest) * self.demand.due / self.capacity, Fraction(1))

    @property
    def tiers(self) -> tuple[TierDemand, ...]:
        """Return the tiers; of symbols that are all read equally often there is one."""
        symbols, interval, *_ = self.demand
        return self.demand.tiers or (TierDemand(BASE_TIER, symbols, interval),)

    @property
    def rotating(self) -> Fraction:
        """Return how many further expiries a tick asks for, of all symbols, on average."""
        spare = max(self.capacity - self.demand.due * self.demand.nearest, Fraction(0))
        return min(spare if self.fits else Fraction(0), self.demand.due)

    def period(self, tier: TierDemand) -> Fraction:
        """Return how often a symbol of a tier is read, in seconds."""
        return tier.interval * (self.stretch if self.turns else Fraction(1))

    def places(
        self, symbols: int, step: int, seconds: float, share: Share, tick_number: int
    ) -> TickPlaces:
        """Return what a tick plans that reads so many symbols, and has so many seconds.

        The next tick is due `step` seconds later. `share` is that of the group of symbols.
        """
        if self.turns:
            whole = ceil(self.tightest.requests / self.tightest.seconds * seconds)
            return TickPlaces(max(share.places(whole, tick_number), 1), None)
        chains_at_once = self.capacity * share.size * Fraction(step, self.demand.interval)
        nearest = min(symbols * self.demand.nearest, floor(chains_at_once))
        rotating = min(max(chains_at_once - nearest, Fraction(0)), Fraction(symbols))
        chains = nearest + ceil(rotating)
        # A list that is due takes a place of this tick: one of the kept requests, or one that the
        # windows carry beside the chains.
        kept = all(_kept(each.requests) for each in self.windows) or chains_at_once >= chains + 1
        return TickPlaces(max(chains + kept, 1), rotating)


def plan_of(terms: SourceTerms, demand: Demand) -> BudgetPlan:
    """Return what a source carries of a demand."""
    carried = {window: _carried(window, demand, terms) for window in terms.windows}
    tightest = min(carried, key=lambda window: carried[window])
    return BudgetPlan(
        demand,
        terms.windows,
        terms.turns,
        carried[tightest],
        tightest,
        terms.requests_per_chain,
    )


def _carried(window: Window, demand: Demand, terms: SourceTerms) -> Fraction:
    """Return how many chains a window carries at each tick of the grid, for ever."""
    requests, seconds = window
    if terms.turns:
        addresses = demand.used_addresses if terms.by_address else 1
        return Fraction(requests * demand.interval) / Fraction(seconds) * addresses
    left = requests - _kept(requests)
    if seconds > demand.interval:  # it sees so many ticks at once
        return Fraction(left // terms.requests_per_chain, ceil(seconds / demand.interval))
    return Fraction(left * floor(demand.interval / seconds) // terms.requests_per_chain)


def _kept(requests: int) -> int:
    return requests // _KEPT_OF
