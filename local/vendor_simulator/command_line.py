"""A simulated vendor for a person at a terminal: the command line that all of them have."""

import argparse
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import get_args

from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.trading_hours import Hours
from local.shifted_clock import add_clock_offset
from local.stand_in.server import StandInServer
from local.terminal import raise_on_stop_signals


def serve(module: str, name: str, server: Callable[[SimulatedMarket, int], StandInServer]) -> None:
    """Read the command line, and serve until interrupted; `server` takes a market and a port."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another market")
    hours = get_args(Hours.__value__)
    parser.add_argument("--hours", choices=hours, default="always", help="when it trades")
    add_clock_offset(parser)
    options = parser.parse_args()
    raise_on_stop_signals()
    market = SimulatedMarket(options.seed, options.clock.now, hours=options.hours)
    with suppress(KeyboardInterrupt), server(market, options.port) as running:
        print(f"{market.label} {name} at {running.url}", flush=True)
        signal.pause()
