"""`python -m local.dhan_simulator`: the simulated Dhan for a person at a terminal."""

from local.dhan_simulator.server import Dhan
from local.vendor_simulator.command_line import serve

if __name__ == "__main__":
    serve("local.dhan_simulator", "Dhan", lambda market, port: Dhan(market, port=port))
