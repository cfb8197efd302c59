"""The Greeks that a vendor sends: Black-Scholes on the spot, without interest."""

from math import erf, exp, log, pi, sqrt
from typing import NamedTuple

from local.nse_simulator.v3_format import Side

_SHORTEST_DAYS = 0.05


class Greeks(NamedTuple):
    """Delta, gamma, theta a day and vega a percent, of one option."""

    delta: float
    gamma: float
    theta: float
    vega: float


def greeks_of(side: Side, spot: float, strike: float, days: float, volatility: float) -> Greeks:
    """Return the Greeks at a volatility in percent; without one, delta alone: 0, or 1 or -1."""
    sign = 1 if side == "CE" else -1
    if not volatility:
        return Greeks(float(sign) if sign * (spot - strike) > 0 else 0.0, 0.0, 0.0, 0.0)
    years = max(days, _SHORTEST_DAYS) / 365
    deviation = volatility / 100 * sqrt(years)
    first = log(spot / strike) / deviation + deviation / 2
    density = exp(-first * first / 2) / sqrt(2 * pi)
    below = (1 + erf(first / sqrt(2))) / 2
    vega = spot * density * sqrt(years) / 100
    return Greeks(
        delta=round(below if side == "CE" else below - 1, 4),
        gamma=round(density / (spot * deviation), 4),
        theta=round(-vega * volatility / (2 * years * 365), 4),
        vega=round(vega, 4),
    )
