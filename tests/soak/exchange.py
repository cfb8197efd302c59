"""`python -m tests.soak.exchange`: the simulated exchange with data that change often."""

import argparse
import signal
from threading import Event

from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange

# The real data change every 30 s. Here there is more to store, so more can go wrong.
_TICK_SECONDS = 5


def market(seed: int) -> SimulatedMarket:
    """Return the market behind the exchange; its seed determines all that it can send."""
    return SimulatedMarket(seed, tick_seconds=_TICK_SECONDS)


def main() -> None:
    """Serve until SIGTERM."""
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
