"""`python -m tests.soak.exchange`: the stand-in exchange, with data that change often."""

import argparse
import signal
from threading import Event

from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange

# The real data change every 30 s; so there is more to store, and more to tear.
_TICK_SECONDS = 5


def market(seed: int) -> SimulatedMarket:
    """The market behind the exchange: whoever knows the seed knows all it can have said."""
    return SimulatedMarket(seed, tick_seconds=_TICK_SECONDS)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.exchange", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    done = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with Exchange(market(options.seed), port=options.port):
        done.wait()


if __name__ == "__main__":
    main()
