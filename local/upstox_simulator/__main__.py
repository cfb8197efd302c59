"""`python -m local.upstox_simulator`: the simulated Upstox for a person at a terminal."""

from local.upstox_simulator.server import Upstox
from local.vendor_simulator.command_line import serve

if __name__ == "__main__":
    serve("local.upstox_simulator", "Upstox", lambda market, port: Upstox(market, port=port))
