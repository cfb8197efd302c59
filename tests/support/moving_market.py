"""A simulated market whose list of expiries a test changes."""

from collections.abc import Sequence
from datetime import date, datetime

from local.nse_simulator.market import SimulatedMarket


class MovingMarket(SimulatedMarket):
    """Lists and trades the expiries in `listed`, by default those of the simulated market."""

    listed: Sequence[date] | None = None

    def expiries(self, symbol: str, instant: datetime | None = None) -> list[date]:
        if self.listed is None:
            return super().expiries(symbol, instant)
        return list(self.listed)
