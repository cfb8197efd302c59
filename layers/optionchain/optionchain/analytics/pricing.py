"""Implied volatility and Greeks of one leg: the Black-76 model of the library opengreeks.

Only its scalar functions are used: they need no numpy, which would add 55 MB to the layer. At the
edges of its domain the library raises no error but returns its bounds. So this module checks the
input before a call, and prices a solved volatility again afterwards.
"""

from math import exp, inf, isfinite
from typing import Literal, NamedTuple

from opengreeks import black76

from optionchain.analytics.quotes import Price
from optionchain.analytics.terms import DAYS_PER_YEAR, Terms
from optionchain.snapshot import Side

type IvSource = Literal["mid", "last", "exchange"]
type NotSolved = Literal[
    "below_intrinsic",
    "no_time_value",
    "above_maximum",
    "not_solvable",
    "iv_out_of_range",
]
# Written out, because a schema cannot be read from a union of aliases: NoTerms, NoPrice, NotSolved.
type Reason = Literal[
    "payoff_fixed",
    "expired",
    "no_forward",
    "no_price",
    "no_trade_today",
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


_EXCHANGE: IvSource = "exchange"
_LEG = LegGreeks._make  # by position: half the time of keywords
_DELTA, _GAMMA, _THETA = black76.delta, black76.gamma, black76.theta
_VEGA, _RHO = black76.vega, black76.rho


def greeks(
    side: Side,
    strike_price: float,
    implied_volatility: float | None,
    price: Price,
    terms: Terms,
) -> LegGreeks:
    """Return a leg's volatility and Greeks. Raises nothing.

    The volatility is solved of the price, which is what `price_now` returns. Where that gives none,
    it is the exchange's, `implied_volatility`; but not if nothing is known of the contract today.
    If the terms say "exchange", the exchange's comes first.
    """
    if missing := terms.missing:
        return LegGreeks(reason=missing)
    forward, _, percent, days, iv_source, _ = terms
    if not (
        forward
        and 0 < strike_price < inf
        and 0 < forward < inf
        and abs(percent * days) < _HIGHEST_RATE_DAYS
    ):
        return LegGreeks(reason="not_solvable")
    flag = "c" if side == "CE" else "p"
    years, rate = days / DAYS_PER_YEAR, percent / 100
    if implied_volatility and iv_source == "exchange":
        if not _is_usable(implied_volatility):
            return _out_of_range(implied_volatility)
        iv, source = implied_volatility, _EXCHANGE
    else:
        found = _priced(price, (flag, forward, strike_price, years, rate), implied_volatility)
        if isinstance(found, str):
            return LegGreeks(reason=found)
        iv, source = found
    sigma = iv / 100
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


def _is_usable(percent: float) -> bool:
    return _LOWEST_VOLATILITY <= percent / 100 <= _HIGHEST_SENT


def _out_of_range(percent: float) -> LegGreeks:
    known = percent if isfinite(percent) else None
    return LegGreeks(known, "exchange" if known else None, reason="iv_out_of_range")


def _priced(
    price: Price, arguments: _Arguments, sent: float | None
) -> tuple[float, IvSource] | Reason:
    """Return the volatility of a price (percent) and its source, else the exchange's as sent."""
    missing: Reason
    if isinstance(price, str):
        missing = price
    else:
        solved = _solved(price[0], arguments)
        if not isinstance(solved, str):
            return solved * 100, price[1]
        missing = solved
    # Without a trade or quotes today, the volatility that is sent may be of another day as well.
    if missing != "no_trade_today" and sent and _is_usable(sent):
        return sent, _EXCHANGE
    return missing


def _solved(price: float, arguments: _Arguments) -> float | NotSolved:
    """Return the volatility (a fraction) that gives this price, or why there is none."""
    flag, forward, strike, years, rate = arguments
    discount = exp(-rate * years)
    intrinsic = discount * max(forward - strike if flag == "c" else strike - forward, 0.0)
    time_value = price - intrinsic
    if time_value < _LOWEST_TIME_VALUE:
        return "below_intrinsic" if time_value < 0 else "no_time_value"
    if price >= discount * (forward if flag == "c" else strike):
        return "above_maximum"
    return _solved_and_checked(price, time_value, arguments)


def _solved_and_checked(
    price: float, time_value: float, arguments: _Arguments
) -> float | NotSolved:
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
