"""`python -m tests.soak.exchange`: the simulated exchange with data that change often.

Each line of its standard input is the name of a story that the market tells from then on.
"""

import argparse
import sys

from local.nse_simulator.server import Exchange
from tests.soak.lying_market import EveryMarket, LyingMarket

# The real data change every 30 s. Here there is more to store, so more can go wrong.
_TICK_SECONDS = 5


def market(seed: int) -> EveryMarket:
    """Return the market with all that the exchange of this seed can truly send."""
    return EveryMarket(seed, tick_seconds=_TICK_SECONDS)


def main() -> None:
    """Serve until the end of the input."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.exchange", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    told = LyingMarket(options.seed, _TICK_SECONDS)
    with Exchange(told, port=options.port):
        for line in sys.stdin:
            told.tell(line.strip())


if __name__ == "__main__":
    main()
