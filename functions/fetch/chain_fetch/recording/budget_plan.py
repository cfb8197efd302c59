"""What the request budget of a source carries: how many expiries a tick, at which interval. Pure.

The plan is made before anything is asked. It refuses a setting that cannot work and names the
nearest ones that can.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from chain_fetch.http.window import Window
from chain_fetch.source import SourceTerms
from optionchain.setting_values import SECONDS_PER_MINUTE
from optionchain.settings import Settings

# One request in so many is kept for what no tick plans: lists of expiries and trials of lost ones,
# a request that is sent again, the check of a token, the cross check. Vendors call their limits
# approximate, too. A window of fewer requests keeps none: in a full tick a list then takes the
# place of a chain.
_KEPT_OF = 20
INTERVALS = [each for each in range(1, SECONDS_PER_MINUTE + 1) if SECONDS_PER_MINUTE % each == 0]


class Demand(NamedTuple):
    """What is to be recorded: so many symbols, each `interval` seconds, with nearest expiries."""

    symbols: int
    interval: int
    nearest: int

    def text(self) -> str:
        """Return the two settings that a person can change."""
        return f"NSE_EXPIRIES={self.nearest} and NSE_FETCH_INTERVAL={self.interval}"


class TickPlaces(NamedTuple):
    """How many requests a tick of some symbols plans, and how many of them in rotation.

    `rotating` is the average of all ticks; None stands for as many as have room.
    """

    requests: int
    rotating: Fraction | None


@dataclass(frozen=True)
class BudgetPlan:
    """What a source carries of a demand.

    `capacity` is the number of chains a tick that all windows carry for ever. `rotating` is how
    many further expiries are asked for at a tick, all symbols together and on average. With `turns`
    nothing is refused: symbols without a place have their turn in the next tick.
    """

    demand: Demand
    windows: tuple[Window, ...]
    turns: bool
    capacity: Fraction
    tightest: Window
    requests_per_chain: int = 1

    @property
    def required(self) -> int:
        """Return how many chains of nearest expiries a tick asks for."""
        return self.demand.symbols * self.demand.nearest

    @property
    def works(self) -> bool:
        """Tell whether the budget carries the demand."""
        return self.turns or self.required <= self.capacity

    @property
    def rotating(self) -> Fraction:
        """Return the further expiries of a tick."""
        spare = max(self.capacity - self.required, Fraction(0))
        return min(spare, Fraction(self.demand.symbols))

    def places(self, symbols: int, seconds: float, others: int = 0) -> TickPlaces:
        """Return what a tick of some of the symbols plans, which has so many seconds.

        `others` are the symbols that other recorders ask for on the same account.
        """
        if self.turns:
            window = self.tightest
            return TickPlaces(ceil(window.requests / window.seconds * seconds), None)
        share = self.capacity * symbols / (symbols + others)
        nearest = min(symbols * self.demand.nearest, floor(share))
        rotating = min(max(share - nearest, Fraction(0)), Fraction(symbols))
        chains = nearest + ceil(rotating)
        # A list that is due takes a place of this tick: one of the kept requests, or one that the
        # windows carry beside the chains.
        kept = all(_kept(each.requests) for each in self.windows) or share >= chains + 1
        return TickPlaces(max(chains + kept, 1), rotating)

    def text(self) -> str:
        """Return the plan in words."""
        symbols, interval, nearest = self.demand
        plan = f"{_of(symbols, 'symbol')} x {_of(nearest, 'nearest expiry')} each {interval} s"
        if self.turns and self.required > self.capacity:
            return f"{plan}, in turns: {self.required} chains, and {self._carried()} fit in a tick"
        return f"{plan}, and {_decimal(self.rotating)} further in rotation; {self._carried()} fit"

    def _carried(self) -> str:
        return _decimal(self.capacity)


def plan_of(terms: SourceTerms, demand: Demand) -> BudgetPlan:
    """Return what a source carries of a demand."""
    carried = {window: _carried(window, demand.interval, terms) for window in terms.windows}
    tightest = min(carried, key=lambda window: carried[window])
    return BudgetPlan(
        demand,
        terms.windows,
        terms.turns,
        carried[tightest],
        tightest,
        terms.requests_per_chain,
    )


def demand_of(settings: Settings) -> Demand:
    """Return what the settings ask for."""
    return Demand(len(settings.nse_symbols), settings.nse_fetch_interval, settings.nse_expiries)


def refusal(source: str, plan: BudgetPlan, terms: SourceTerms) -> str:
    """Return why a plan does not work, and the nearest settings that do."""
    symbols, interval, nearest = plan.demand
    works = [each.text() for each in nearest_demands(terms, plan.demand)]
    if not works:
        least = Demand(1, SECONDS_PER_MINUTE, 1).text()
        works = [f"at most {_of(most_symbols(terms), 'symbol')} with {least}"]
    window = plan.tightest
    return (
        f"source {source} does not carry {_of(symbols, 'symbol')} (NSE_SYMBOLS) x "
        f"NSE_EXPIRIES={nearest} each {interval} s: these are {plan.required} chains, and "
        f"{_decimal(plan.capacity)} fit ({_of(window.requests, 'request')} in "
        f"{window.seconds:g} s); what works: {', or '.join(works)}"
    )


def plan_document(plan: BudgetPlan) -> dict[str, Any]:
    """Return a plan as it is stored, for the API to show."""
    return {
        "symbols": plan.demand.symbols,
        "interval_seconds": plan.demand.interval,
        "nearest_expiries": plan.demand.nearest,
        "rotating_per_tick": floor(plan.rotating * 100) / 100,
        "chains_per_tick": plan.required,
        "capacity_per_tick": floor(plan.capacity * 100) / 100,
        "in_turns": plan.turns and plan.required > plan.capacity,
        "works": plan.works,
        "windows": [each._asdict() for each in plan.windows],
        "text": plan.text(),
    }


def nearest_demands(terms: SourceTerms, demand: Demand) -> list[Demand]:
    """Return the settings next to a demand that the source carries for its symbols.

    The first keeps the interval and has fewer expiries, or the shortest interval that carries one
    expiry; the second keeps the expiries and has a longer interval. Those that do not exist are
    left out.
    """
    return list(dict.fromkeys(_nearest(terms, demand)))


def _nearest(terms: SourceTerms, demand: Demand) -> Iterator[Demand]:
    symbols, interval, nearest = demand
    longer = [each for each in INTERVALS if each > interval]
    fewer = [Demand(symbols, interval, each) for each in range(nearest - 1, 0, -1)]
    fewest = [Demand(symbols, each, 1) for each in longer]
    yield from _first_that_works(terms, [*fewer, *fewest])
    yield from _first_that_works(terms, [Demand(symbols, each, nearest) for each in longer])


def _first_that_works(terms: SourceTerms, demands: Sequence[Demand]) -> list[Demand]:
    return next(([each] for each in demands if plan_of(terms, each).works), [])


def most_symbols(terms: SourceTerms) -> int:
    """Return of how many symbols one expiry can be read a minute."""
    return floor(plan_of(terms, Demand(1, SECONDS_PER_MINUTE, 1)).capacity)


def _carried(window: Window, interval: int, terms: SourceTerms) -> Fraction:
    """Return how many chains a window carries at each tick, for ever."""
    requests, seconds = window
    if terms.turns:
        return Fraction(requests * interval) / Fraction(seconds)
    left = requests - _kept(requests)
    if seconds > interval:  # it sees so many ticks at once
        return Fraction(left // terms.requests_per_chain, ceil(seconds / interval))
    return Fraction(left * floor(interval / seconds) // terms.requests_per_chain)


def _kept(requests: int) -> int:
    return requests // _KEPT_OF


def _decimal(number: Fraction) -> str:
    return f"{floor(number * 100) / 100:g}"


def _of(number: int, what: str) -> str:
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number} {what if number == 1 else plural}"
