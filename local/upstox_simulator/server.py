"""The simulated Upstox as a server in a thread of this process, on this machine only."""

from collections.abc import Sequence

from local.nse_simulator.feed import ExchangeFeed
from local.nse_simulator.market import SimulatedMarket
from local.stand_in.server import StandInServer
from local.upstox_simulator.faults import FAULT_ANSWERS, Faults
from local.upstox_simulator.vendor import WINDOWS, SimulatedUpstox
from local.vendor_simulator.app import build
from local.vendor_simulator.limits import Window


class Upstox(StandInServer):
    """A context manager: within it the simulated Upstox answers at `url`.

    The same process can change `faults`, count `requests` and read the `market`. It serves the
    public files too. `windows` are its limits.
    """

    def __init__(
        self,
        market: SimulatedMarket | None = None,
        *,
        port: int = 0,
        windows: Sequence[Window] = WINDOWS,
    ) -> None:
        super().__init__(port)
        self.market = market or SimulatedMarket()
        self.faults = Faults()
        vendor = SimulatedUpstox(ExchangeFeed(self.market), windows)
        self.app = build(vendor, self.faults, self.requests, FAULT_ANSWERS, self.reset_connection)
