"""Implied volatility and Greeks of one leg: the Black-76 model of the library opengreeks.

Only its scalar functions are used: they need no numpy, which would add 55 MB to the layer. At the
edges of its domain the library raises no error but returns its bounds. So this module checks the
input before a call, and prices a solved volatility again afterwards.
"""

from math import exp, inf, isfinite
from typing import Literal, NamedTuple

from opengreeks import black76

from optionchain.analytics.quotes import mid
from optionchain.analytics.terms import DAYS_PER_YEAR, Terms
from optionchain.snapshot import Side

type IvSource = Literal["exchange", "mid", "last"]
type Reason = Literal[
    "expired",
    "no_forward",
    "no_price",
    "below_intrinsic",
    "no_time_value",
    "above_maximum",
    "not_solvable",
    "iv_out_of_range",
]
# Flag ("c" or "p"), forward, strike, years, rate: the arguments that its functions share.
type _Arguments = tuple[str, float, float, float, float]

# The bounds of a volatility, as a fraction. The library solves up to 5, and returns 5 for anything
# above; the exchange may send more.
_LOWEST_VOLATILITY, _HIGHEST_SOLVED, _HIGHEST_SENT = 1e-4, 4.99, 50.0
# The smallest step of a price. A smaller time value is rounding, and so would be its volatility.
_LOWEST_TIME_VALUE = 0.01
# The highest rate (percent) times days: a discount factor of e^-27. Beyond it no price is left.
_HIGHEST_RATE_DAYS = 27 * 100 * DAYS_PER_YEAR
# How far the price of a solved volatility may be from the price it was solved from.
_TOLERANCE_OF_TIME_VALUE, _TOLERANCE_OF_PRICE = 1e-5, 1e-12


class LegGreeks(NamedTuple):
    """Volatility and Greeks of one leg. If the Greeks are None, `reason` says why.

    `iv` is in percent. All Greeks are for one unit of the underlying: `delta` and `gamma` per point
    of the forward, `theta` per calendar day, `vega` per point of volatility, and `rho` per point of
    the rate while the forward stays the same.
    """

    iv: float | None = None
    iv_source: IvSource | None = None
    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None
    rho: float | None = None
    reason: Reason | None = None


_LEG = LegGreeks._make  # by position: half the time of keywords
_DELTA, _GAMMA, _THETA = black76.delta, black76.gamma, black76.theta
_VEGA, _RHO = black76.vega, black76.rho


def greeks(
    side: Side,
    strike_price: float,
    implied_volatility: float | None,
    bid_price: float | None,
    ask_price: float | None,
    last_price: float | None,
    terms: Terms,
) -> LegGreeks:
    """Return a leg's volatility and Greeks.

    The volatility is the exchange's if it sent one. Else it is solved from the middle of bid and
    ask, or from the last price if bid or ask are missing or crossed. Raises nothing.
    """
    forward, _, percent, days = terms
    if days <= 0 or not forward:
        return LegGreeks(reason="expired" if days <= 0 else "no_forward")
    if not (
        0 < strike_price < inf and 0 < forward < inf and abs(percent * days) < _HIGHEST_RATE_DAYS
    ):
        return LegGreeks(reason="not_solvable")
    flag = "c" if side == "CE" else "p"
    years, rate = days / DAYS_PER_YEAR, percent / 100
    source: IvSource = "exchange"
    if implied_volatility:
        iv, sigma = implied_volatility, implied_volatility / 100
        if not _LOWEST_VOLATILITY <= sigma <= _HIGHEST_SENT:
            return _out_of_range(iv)
    else:
        price = mid(bid_price, ask_price)
        source = "mid" if price else "last"
        solved = _solved(price or last_price, (flag, forward, strike_price, years, rate))
        if isinstance(solved, str):
            return LegGreeks(reason=solved)
        iv, sigma = solved * 100, solved
    # Written out, with bound functions: a helper would add a third of the whole time.
    delta = _DELTA(flag, forward, strike_price, years, rate, sigma)
    gamma = _GAMMA(flag, forward, strike_price, years, rate, sigma)
    theta = _THETA(flag, forward, strike_price, years, rate, sigma)
    vega = _VEGA(flag, forward, strike_price, years, rate, sigma)
    rho = _RHO(flag, forward, strike_price, years, rate, sigma)
    if not isfinite(delta + gamma + theta + vega + rho):
        return LegGreeks(iv, source, reason="not_solvable")
    # Adding 0.0 turns -0.0 into 0.0.
    return _LEG((iv, source, delta + 0.0, gamma, theta + 0.0, vega, rho + 0.0, None))


def _out_of_range(percent: float) -> LegGreeks:
    known = percent if isfinite(percent) else None
    return LegGreeks(known, "exchange" if known else None, reason="iv_out_of_range")


def _solved(price: float | None, arguments: _Arguments) -> float | Reason:
    """Return the volatility (a fraction) that gives this price, or why there is none."""
    if not price:
        return "no_price"
    flag, forward, strike, years, rate = arguments
    discount = exp(-rate * years)
    intrinsic = discount * max(forward - strike if flag == "c" else strike - forward, 0.0)
    time_value = price - intrinsic
    if time_value < _LOWEST_TIME_VALUE:
        return "below_intrinsic" if time_value < 0 else "no_time_value"
    if price >= discount * (forward if flag == "c" else strike):
        return "above_maximum"
    return _solved_and_checked(price, time_value, arguments)


def _solved_and_checked(price: float, time_value: float, arguments: _Arguments) -> float | Reason:
    flag, forward, strike, years, rate = arguments
    try:
        # This function takes its arguments in another order than the others.
        sigma: float = black76.implied_volatility(price, forward, strike, rate, years, flag)
    except ValueError:
        return "not_solvable"
    if sigma > _HIGHEST_SOLVED:
        return "iv_out_of_range"
    error = abs(black76.black(*arguments, sigma) - price)
    tolerance = _TOLERANCE_OF_TIME_VALUE * time_value + _TOLERANCE_OF_PRICE * price
    return sigma if sigma >= _LOWEST_VOLATILITY and error <= tolerance else "not_solvable"
