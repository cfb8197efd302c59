"""`python -m local.nse_simulator`: the simulated exchange for a person at a terminal."""

import argparse
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import get_args

from local.nse_simulator.listing import Listing
from local.nse_simulator.market import Market, SimulatedMarket
from local.nse_simulator.replay import ReplayMarket
from local.nse_simulator.server import Exchange
from local.nse_simulator.trading_hours import Hours
from local.nse_simulator.v3_format import PERCENT_KEYS
from local.shifted_clock import add_clock_offset
from local.terminal import raise_on_stop_signals


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m local.nse_simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    parser.add_argument("--replay", type=Path, metavar="FOLDER", help="serve captured v3 bodies")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another market")
    parser.add_argument("--spelling", choices=sorted(PERCENT_KEYS), default="2026-09")
    hours = get_args(Hours.__value__)
    parser.add_argument("--hours", choices=hours, default="always", help="when it trades")
    parser.add_argument("--long-dated", action="store_true", help="list series of years, too")
    add_clock_offset(parser)
    return parser.parse_args(arguments)


def market_of(options: argparse.Namespace) -> Market:
    """Return the market of the command line; raise SystemExit if there is nothing to replay."""
    try:
        if options.replay:
            return ReplayMarket(options.replay)
    except (OSError, ValueError) as error:
        raise SystemExit(f"--replay: {error}") from error
    return SimulatedMarket(
        options.seed,
        options.clock.now,
        spelling=options.spelling,
        hours=options.hours,
        listing=Listing(long_dated=options.long_dated),
    )


def main() -> None:
    """Serve until interrupted."""
    options = parse_arguments()
    raise_on_stop_signals()
    with suppress(KeyboardInterrupt), Exchange(market_of(options), port=options.port) as exchange:
        print(f"{exchange.market.label} exchange at {exchange.url}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
