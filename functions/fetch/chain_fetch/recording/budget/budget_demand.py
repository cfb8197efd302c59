"""What is to be recorded, as a request budget sees it. Pure."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from optionchain.setting_values import SECONDS_PER_MINUTE
from optionchain.settings import Settings
from optionchain.symbol_plan import SymbolPlan
from optionchain.symbol_selection import BASE_TIER

INTERVALS = [each for each in range(1, SECONDS_PER_MINUTE + 1) if SECONDS_PER_MINUTE % each == 0]


class TierDemand(NamedTuple):
    """So many symbols, each read every `interval` seconds."""

    name: str
    symbols: int
    interval: int


class Demand(NamedTuple):
    """What is to be recorded: so many symbols, with so many nearest expiries.

    Without `tiers` each symbol is read every `interval` seconds; with them it is the step of the
    tick grid. `groups` of symbols are asked for from so many `addresses`.
    """

    symbols: int
    interval: int
    nearest: int
    tiers: tuple[TierDemand, ...] = ()
    groups: int = 1
    addresses: int = 1

    @property
    def due(self) -> Fraction:
        """Return how many symbols a tick of the grid reads, on average of all ticks."""
        parts = (Fraction(each.symbols * self.interval, each.interval) for each in self.tiers)
        return sum(parts, Fraction(0)) if self.tiers else Fraction(self.symbols)

    @property
    def used_addresses(self) -> Fraction:
        """Return for how many addresses the load is, if the one with most groups carries its part.

        Three groups on two addresses load one of them with two thirds: as 1.5 would.
        """
        return Fraction(self.groups, ceil(Fraction(self.groups, self.addresses)))

    def slower(self, interval: int) -> "Demand":
        """Return the demand with a longer interval, and tiers as much slower."""
        tiers = []
        for each in self.tiers:
            fitting = [one for one in INTERVALS if one % interval == 0]
            slow = each.interval * interval / self.interval
            nearest = next((one for one in fitting if one >= slow), fitting[-1])
            tiers.append(each._replace(interval=nearest))
        return self._replace(interval=interval, tiers=tuple(tiers))

    def text(self) -> str:
        """Return the settings that a person can change."""
        found = f"NSE_EXPIRIES={self.nearest} and NSE_FETCH_INTERVAL={self.interval}"
        if named := [each for each in self.tiers if each.name != BASE_TIER]:
            found += f" and NSE_TIERS={','.join(f'{each.name}={each.interval}' for each in named)}"
        if self.addresses > 1:
            found += f" with {self.groups} groups and NSE_ADDRESSES={self.addresses}"
        return found


def demand_of(
    settings: Settings, plan: SymbolPlan, symbols: Iterable[str] = (), groups: int = 1
) -> Demand:
    """Return what the symbols of a plan, and these, ask for."""
    counts = Counter(
        (plan.tier_of(symbol), plan.rhythm_of(symbol).interval)
        for symbol in dict.fromkeys([*plan.symbols, *symbols])
    )
    tiers = tuple(
        TierDemand(name, number, interval)
        for (name, interval), number in sorted(counts.items(), key=lambda each: each[0][1])
    )
    interval = settings.nse_fetch_interval
    return Demand(
        symbols=counts.total(),
        interval=interval,
        nearest=settings.nse_expiries,
        tiers=() if all(each.interval == interval for each in tiers) else tiers,
        groups=groups,
        addresses=settings.nse_addresses,
    )
