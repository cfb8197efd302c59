"""Implied volatility and Greeks of one leg: the Black-76 model of the library opengreeks.

Only its scalar functions are used: they need no numpy, which would add 55 MB to the layer. What all
legs of a chain share is computed once, which takes a fifth off the time of the whole chain.
"""

from collections.abc import Callable
from math import inf, isfinite
from typing import Literal, NamedTuple

from opengreeks import black76

from optionchain.analytics.quotes import Price
from optionchain.analytics.solving import LOWEST_VOLATILITY, solver
from optionchain.analytics.terms import DAYS_PER_YEAR, Terms
from optionchain.snapshot import Side

type IvSource = Literal["mid", "last", "exchange", "vendor"]
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
# The exchange may send more than can be solved; as a fraction.
_HIGHEST_SENT = 50.0
# The highest rate (percent) times days: a discount factor of e^-27. Beyond it no price is left.
_HIGHEST_RATE_DAYS = 27 * 100 * DAYS_PER_YEAR


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


# From side, strike, the exchange's volatility (percent) and the price to volatility and Greeks.
type Pricer = Callable[[Side, float, float | None, Price], LegGreeks]
# From flag, strike, the exchange's volatility and the price to a volatility, in percent.
type _IvOf = Callable[[str, float, float | None, Price], tuple[float, IvSource] | LegGreeks]

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
    """Return the volatility and Greeks of one leg, as the pricer of its terms does."""
    return pricer(terms)(side, strike_price, implied_volatility, price)


def pricer(terms: Terms) -> Pricer:
    """Return a function that gives a leg's volatility and Greeks on these terms. Raises nothing.

    The volatility is solved of the price, which is what `price_now` returns. Where that gives none,
    it is the one that was sent; but not if nothing is known of the contract today. If the terms say
    "exchange", the sent one comes first. Its source says who sent it.
    """
    forward, percent, days = terms.forward, terms.rate, terms.days_to_expiry
    if missing := terms.missing:
        return _nothing(missing)
    if not (forward and 0 < forward < inf and abs(percent * days) < _HIGHEST_RATE_DAYS):
        return _nothing("not_solvable")
    years, rate = days / DAYS_PER_YEAR, percent / 100
    iv_of = _iv_of(terms, forward, years, rate)

    def priced(side: Side, strike: float, sent: float | None, price: Price) -> LegGreeks:
        if not 0 < strike < inf:
            return LegGreeks(reason="not_solvable")
        flag = "c" if side == "CE" else "p"
        found = iv_of(flag, strike, sent, price)
        if isinstance(found, LegGreeks):
            return found
        iv, source = found
        sigma = iv / 100
        # Written out, with bound functions: a helper would add a third of the whole time.
        delta = _DELTA(flag, forward, strike, years, rate, sigma)
        gamma = _GAMMA(flag, forward, strike, years, rate, sigma)
        theta = _THETA(flag, forward, strike, years, rate, sigma)
        vega = _VEGA(flag, forward, strike, years, rate, sigma)
        rho = _RHO(flag, forward, strike, years, rate, sigma)
        if not isfinite(delta + gamma + theta + vega + rho):
            return LegGreeks(iv, source, reason="not_solvable")
        # Adding 0.0 turns -0.0 into 0.0.
        return _LEG((iv, source, delta + 0.0, gamma, theta + 0.0, vega, rho + 0.0, None))

    return priced


def _nothing(reason: Reason) -> Pricer:
    none = LegGreeks(reason=reason)
    return lambda *_: none


def _iv_of(terms: Terms, forward: float, years: float, rate: float) -> _IvOf:
    """Return a function that chooses a leg's volatility, or says why it has none."""
    solve = solver(forward, years, rate)
    sent_first, sent_by = terms.iv_source == "exchange", terms.sent_by

    def last_resort(sent: float | None, reason: Reason) -> tuple[float, IvSource] | LegGreeks:
        return (sent, sent_by) if sent and _is_usable(sent) else LegGreeks(reason=reason)

    def iv_of(
        flag: str, strike: float, sent: float | None, price: Price
    ) -> tuple[float, IvSource] | LegGreeks:
        if sent and sent_first:
            return (sent, sent_by) if _is_usable(sent) else _out_of_range(sent, sent_by)
        if isinstance(price, str):
            # Without quotes or a trade today, what the exchange sends may be of another day too.
            return last_resort(None if price == "no_trade_today" else sent, price)
        solved = solve(flag, strike, price[0])
        if isinstance(solved, str):
            return last_resort(sent, solved)
        return solved * 100, price[1]

    return iv_of


def _is_usable(percent: float) -> bool:
    return LOWEST_VOLATILITY <= percent / 100 <= _HIGHEST_SENT


def _out_of_range(percent: float, sent_by: IvSource) -> LegGreeks:
    known = percent if isfinite(percent) else None
    return LegGreeks(known, sent_by if known else None, reason="iv_out_of_range")
