"""The simulated exchange as a server in a thread of this process, on this machine only."""

import time
from collections.abc import Callable

from local.nse_simulator.admission import IssuedCookies, RateLimit
from local.nse_simulator.app import build
from local.nse_simulator.faults import Faults
from local.nse_simulator.market import Market, SimulatedMarket
from local.stand_in.server import StandInServer


class Exchange(StandInServer):
    """A context manager: within it the simulated exchange answers at `url`.

    The same process can change `faults`, count `requests` and read the `market`. Port 0 takes a
    free port. Cookies go stale after `cookie_seconds` (None: never). `max_requests_per_second` and
    `block_seconds` are as in `RateLimit`. Both go by the seconds of `monotonic`.
    """

    def __init__(
        self,
        market: Market | None = None,
        *,
        port: int = 0,
        cookie_seconds: float | None = None,
        max_requests_per_second: int | None = None,
        block_seconds: float = 600.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(port)
        self.market: Market = market or SimulatedMarket()
        self.faults = Faults()
        self.cookies = IssuedCookies(cookie_seconds, monotonic)
        self.app = build(
            self.market,
            self.faults,
            self.requests,
            cookies=self.cookies,
            rate=RateLimit(max_requests_per_second, block_seconds, monotonic),
            reset_connection=self.reset_connection,
        )
