"""The requests to the exchange and the stored documents of recording. Pure; no prices."""

import math
from typing import NamedTuple

# Measured on captures: NIFTY lists 18 expiries with 1,375 contracts, 206 in a weekly expiry;
# BANKNIFTY lists 6 expiries with 842 contracts; the 213 symbols list 27,800 contracts.
UNIVERSE = 213
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
INTERVALS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)


class Listing(NamedTuple):
    """The listing of a symbol: expiries, contracts of a near one, contracts of a far one."""

    expiries: int
    near: float
    far: float


_NIFTY = Listing(18, 206, (1_375 - 2 * 206) / 16)
_BANKNIFTY = Listing(6, 842 / 6, 842 / 6)
_STOCK = Listing(3, _OTHERS / 3, _OTHERS / 3)


class Workload(NamedTuple):
    """A workload: the number of symbols, the seconds between ticks, the expiries of each tick."""

    symbols: int
    interval: int
    nearest: int = 2

    @property
    def listings(self) -> list[Listing]:
        """The listings of the symbols: the indices first, then stocks."""
        return [_NIFTY, _BANKNIFTY, *[_STOCK] * self.symbols][: self.symbols]

    @property
    def requests_a_tick(self) -> int:
        """The nearest expiries of every symbol, and one of its other expiries if it has any."""
        return sum(
            min(each.expiries, self.nearest) + (each.expiries > self.nearest)
            for each in self.listings
        )

    @property
    def requests_a_second(self) -> float:
        """Symbols x (nearest expiries + 1 in rotation) / interval."""
        return self.requests_a_tick / self.interval

    @property
    def groups(self) -> int:
        """The number of recorders, each with its own address and request budget."""
        return max(math.ceil(self.requests_a_second / REQUESTS_A_SECOND), 1)

    @property
    def ticks_a_session(self) -> int:
        """Entries in the ledger: one for each symbol and tick."""
        return self.symbols * (SESSION_SECONDS // self.interval + 1 + EVENING_TICKS)

    @property
    def snapshots_a_session(self) -> float:
        """Headers: one for each read of an expiry with changed data, and each final chain."""
        return sum(
            min(each.expiries, self.nearest) * (self._news(self.interval) + 1) + self._far(each)
            for each in self.listings
        )

    @property
    def contracts_a_session(self) -> float:
        """Documents of `option_chain`: every contract of every snapshot."""
        return sum(
            min(each.expiries, self.nearest) * (self._news(self.interval) + 1) * each.near
            + self._far(each) * each.far
            for each in self.listings
        )

    def _far(self, listing: Listing) -> float:
        """Return the snapshots of the further expiries, which take turns, and the final chains."""
        others = max(listing.expiries - self.nearest, 0)
        return others * (self._news(others * self.interval) + 1) if others else 0.0

    @staticmethod
    def _news(every: float) -> float:
        """Return the number of reads with changed data, at a read every so many seconds."""
        return SESSION_SECONDS / max(every, CHANGE_SECONDS)


def least_interval(symbols: int, nearest: int = 2) -> int | None:
    """Return the shortest interval at which one address suffices; None where none does."""
    fitting = (each for each in INTERVALS if Workload(symbols, each, nearest).groups == 1)
    return next(fitting, None)
