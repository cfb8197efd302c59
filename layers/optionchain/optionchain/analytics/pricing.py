"""Implied volatility and Greeks of one leg: Black-76, by opengreeks.

Scalar functions alone: they need no numpy, which would add 55 MB to the layer. The library raises
nothing at the edges of its domain and answers its bounds there, so what goes in is checked before,
and what comes out is priced again.
"""

from math import exp, inf, isfinite
from typing import Literal, NamedTuple

from opengreeks import black76

from optionchain.analytics.quotes import mid
from optionchain.analytics.terms import DAYS_A_YEAR, Terms
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
type _Domain = tuple[str, float, float, float, float]

# The library looks up to 500 % and answers its bound where there is more; the exchange may send it.
_LEAST, _MOST_SOLVED, _MOST_SENT = 1e-4, 4.99, 50.0
# Below the smallest step of a price its time value is rounding, and so would be the volatility.
_LEAST_TIME_VALUE = 0.01
# Of a rate in percent by days, e^27: what is discounted by more is no price.
_MOST_DISCOUNT = 27 * 100 * DAYS_A_YEAR
# How near a solved volatility must come to its price.
_OF_TIME_VALUE, _OF_PRICE = 1e-5, 1e-12


class LegGreeks(NamedTuple):
    """What is derived of one leg. Where the Greeks are None `reason` says why.

    `iv` is in percent; `delta` and `gamma` are per point of the forward, `theta` per calendar
    day, `vega` per point of volatility, `rho` per point of the rate with the forward held, all of
    one unit of the underlying.
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
    """Return what is derived of a leg: the exchange's volatility or the solved one, and Greeks.

    Solved of the mid price, or of the last one where quotes are missing or crossed. Raises
    nothing; None is never without a reason.
    """
    forward, _, percent, days = terms
    if days <= 0 or not forward:
        return LegGreeks(reason="expired" if days <= 0 else "no_forward")
    if not (0 < strike_price < inf and 0 < forward < inf and abs(percent * days) < _MOST_DISCOUNT):
        return LegGreeks(reason="not_solvable")
    flag = "c" if side == "CE" else "p"
    years, rate = days / DAYS_A_YEAR, percent / 100
    source: IvSource = "exchange"
    if implied_volatility:
        iv, sigma = implied_volatility, implied_volatility / 100
        if not _LEAST <= sigma <= _MOST_SENT:
            return _out_of_range(iv)
    else:
        price = mid(bid_price, ask_price)
        source = "mid" if price else "last"
        solved = _solved(price or last_price, (flag, forward, strike_price, years, rate))
        if isinstance(solved, str):
            return LegGreeks(reason=solved)
        iv, sigma = solved * 100, solved
    # Written out, and bound once: a third of the time of the whole would go into calling.
    delta = _DELTA(flag, forward, strike_price, years, rate, sigma)
    gamma = _GAMMA(flag, forward, strike_price, years, rate, sigma)
    theta = _THETA(flag, forward, strike_price, years, rate, sigma)
    vega = _VEGA(flag, forward, strike_price, years, rate, sigma)
    rho = _RHO(flag, forward, strike_price, years, rate, sigma)
    if not isfinite(delta + gamma + theta + vega + rho):
        return LegGreeks(iv, source, reason="not_solvable")
    # A zero has no sign: -0.0 would go out as such.
    return _LEG((iv, source, delta + 0.0, gamma, theta + 0.0, vega, rho + 0.0, None))


def _out_of_range(percent: float) -> LegGreeks:
    known = percent if isfinite(percent) else None
    return LegGreeks(known, "exchange" if known else None, reason="iv_out_of_range")


def _solved(price: float | None, domain: _Domain) -> float | Reason:
    """Return the volatility at which the model's price is this one, or why there is none."""
    if not price:
        return "no_price"
    flag, forward, strike, years, rate = domain
    discount = exp(-rate * years)
    intrinsic = discount * max(forward - strike if flag == "c" else strike - forward, 0.0)
    time_value = price - intrinsic
    if time_value < _LEAST_TIME_VALUE:
        return "below_intrinsic" if time_value < 0 else "no_time_value"
    if price >= discount * (forward if flag == "c" else strike):
        return "above_maximum"
    return _checked(price, time_value, domain)


def _checked(price: float, time_value: float, domain: _Domain) -> float | Reason:
    flag, forward, strike, years, rate = domain
    try:
        # Its arguments have another order than those of the rest.
        sigma: float = black76.implied_volatility(price, forward, strike, rate, years, flag)
    except ValueError:
        return "not_solvable"
    if sigma > _MOST_SOLVED:
        return "iv_out_of_range"
    off = abs(black76.black(*domain, sigma) - price)
    near = sigma >= _LEAST and off <= _OF_TIME_VALUE * time_value + _OF_PRICE * price
    return sigma if near else "not_solvable"
