"""The requests to the exchange and the stored documents of recording. Pure; no prices.

Which symbols are read how often is the recorder's own plan, of a list as long as the exchange's.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import NamedTuple

from chain_fetch.recording.budget.budget_demand import INTERVALS, Demand, demand_of
from local.market_size import UNIVERSE, assumed_list
from optionchain.settings import MOST_ADDRESSES, Settings
from optionchain.symbol_plan import SymbolPlan, make_plan
from optionchain.symbol_selection import Tier

# Measured on captures: NIFTY lists 18 expiries with 1,375 contracts, 206 in a weekly expiry;
# BANKNIFTY lists 6 expiries with 842 contracts; the 213 symbols list 27,800 contracts.
_OTHERS = (27_800 - 1_375 - 842) / (UNIVERSE - 2)
# The exchange changes its data every 30 s (a grid, measured on captures).
CHANGE_SECONDS = 30
# 09:15 to 15:40 IST, since 3 August 2026.
SESSION_SECONDS = (6 * 60 + 25) * 60
# Ticks of an evening, and the seconds of Lambda that a group pays for, both rounded up. Simulated
# evenings of 24 expiries take 166 to 401 s, as late or early in the minute as their starts come.
EVENING_TICKS, EVENING_SECONDS = 3, 420
# 365 days less 104 of weekends and 16 holidays: the calendar of 2026.
SESSIONS_A_YEAR = 245
# The limit that careful clients of the exchange set themselves for one address.
REQUESTS_A_SECOND = 3
# What one recorder reads at most: the highest budget that a setting allows it. One that recorded
# 229 symbols took 36 s for some 690 requests, which is that budget.
RECORDER_REQUESTS_A_SECOND = 20
# As many as NIFTY lists.
_EXPIRIES = range(1, 19)


class Listing(NamedTuple):
    """The listing of a symbol: expiries, contracts of a near one, contracts of a far one."""

    expiries: int
    near: float
    far: float


_NIFTY = Listing(18, 206, (1_375 - 2 * 206) / 16)
_BANKNIFTY = Listing(6, 842 / 6, 842 / 6)
_STOCK = Listing(3, _OTHERS / 3, _OTHERS / 3)


@dataclass(frozen=True)
class Workload:
    """The number of symbols, the seconds between ticks, the expiries of each tick.

    The symbols of `tiers` have intervals of their own. `given_groups` and `given_addresses` are
    None where there are as many as are needed.
    """

    symbols: int
    interval: int
    nearest: int = 2
    tiers: tuple[Tier, ...] = ()
    given_groups: int | None = None
    given_addresses: int | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings that ask for this, of the first symbols of an assumed list."""
        return Settings(
            nse_symbols=tuple(assumed_list().symbols)[: self.symbols],
            nse_tiers=self.tiers,
            nse_fetch_interval=self.interval,
            nse_expiries=self.nearest,
        )

    @cached_property
    def plan(self) -> SymbolPlan:
        """How often each symbol is read: the indices first, then stocks."""
        return make_plan(self.settings, assumed_list())

    @property
    def demand(self) -> Demand:
        """What the recorder's own plan of its budget is made for."""
        demand = demand_of(self.settings, self.plan, groups=self.groups)
        return demand._replace(addresses=self.addresses)

    @property
    def listings(self) -> list[Listing]:
        """The listings of the symbols, in the order of the plan."""
        return [_NIFTY, _BANKNIFTY, *[_STOCK] * self.symbols][: self.symbols]

    @property
    def intervals(self) -> list[int]:
        """The seconds between two ticks of each symbol."""
        return [self.plan.rhythm_of(symbol).interval for symbol in self.plan.symbols]

    @property
    def requests(self) -> list[int]:
        """Of a tick of each symbol: its nearest expiries, and one of the others if it has any."""
        return [
            min(each.expiries, self.nearest) + (each.expiries > self.nearest)
            for each in self.listings
        ]

    @property
    def requests_a_second(self) -> float:
        """Symbols x (nearest expiries + 1 in rotation) / interval."""
        pairs = zip(self.requests, self.intervals, strict=True)
        return float(sum(Fraction(requests, interval) for requests, interval in pairs))

    @property
    def addresses(self) -> int:
        """The number of addresses, each with a request budget of its own."""
        needed = max(ceil(self.requests_a_second / REQUESTS_A_SECOND), 1)
        return self.given_addresses or min(needed, self.given_groups or MOST_ADDRESSES)

    @property
    def groups(self) -> int:
        """The number of recorders: at least one at each address."""
        needed = ceil(self.requests_a_second / RECORDER_REQUESTS_A_SECOND)
        return self.given_groups or max(needed, self.addresses)

    @cached_property
    def ticks_a_session(self) -> int:
        """Entries in the ledger: one for each symbol and tick."""
        return sum(SESSION_SECONDS // each + 1 + EVENING_TICKS for each in self.intervals)

    @cached_property
    def snapshots_a_session(self) -> float:
        """Headers: one for each read of an expiry with changed data, and each final chain."""
        return sum(
            self._near(listing, interval) + self._far(listing, interval)
            for listing, interval in zip(self.listings, self.intervals, strict=True)
        )

    @cached_property
    def contracts_a_session(self) -> float:
        """Documents of `option_chain`: every contract of every snapshot."""
        return sum(
            self._near(listing, interval) * listing.near
            + self._far(listing, interval) * listing.far
            for listing, interval in zip(self.listings, self.intervals, strict=True)
        )

    def _near(self, listing: Listing, interval: int) -> float:
        return min(listing.expiries, self.nearest) * (_news(interval) + 1)

    def _far(self, listing: Listing, interval: int) -> float:
        """Return the snapshots of the further expiries, which take turns, and the final chains."""
        others = max(listing.expiries - self.nearest, 0)
        return others * (_news(others * interval) + 1) if others else 0.0


def _news(every: float) -> float:
    """Return the number of reads with changed data, at a read every so many seconds."""
    return SESSION_SECONDS / max(every, CHANGE_SECONDS)


def least_interval(symbols: int, nearest: int = 2) -> int | None:
    """Return the shortest interval at which one address suffices; None where none does."""
    fitting = (each for each in INTERVALS if Workload(symbols, each, nearest).addresses == 1)
    return next(fitting, None)


def most_expiries(load: Workload) -> int:
    """Return the most nearest expiries that its addresses carry; 0 where not even one fits."""
    budget = REQUESTS_A_SECOND * load.addresses
    more = (each for each in _EXPIRIES if replace(load, nearest=each).requests_a_second > budget)
    return next(more, _EXPIRIES.stop) - 1
