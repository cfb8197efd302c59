"""Forward, time value and volatility of the last prices of a minute. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from opengreeks import black76

from local.evidence.captures import Contract, Minute
from optionchain.market import expires_at

_SECONDS_PER_YEAR = 365 * 86_400.0
# Within 0.7 % of the forward an option is near the money.
_NEAR = 0.007
# Each halves the range: fifty of them leave less than a millionth of a point.
_BISECTIONS = 50


class AtTheMoney(NamedTuple):
    """The strike whose call and put cost most nearly the same, and the forward they show.

    Interest is left out: in the hours before an expiry it is less than a tick.
    """

    strike: float
    call: float
    put: float

    @property
    def forward(self) -> float:
        """Return the price from put-call parity, in points."""
        return self.strike + self.call - self.put

    @property
    def deviation(self) -> float | None:
        """Return the standard deviation of the underlying until the payoff is known, in points.

        It is what the prices say, whenever that will be: a volatility times the square root of a
        time. None if the cheaper option has no time value.
        """
        side, price = ("p", self.put) if self.forward > self.strike else ("c", self.call)
        fraction = _solved(price, self.forward, self.strike, 1.0, side)
        return None if fraction is None else fraction * self.forward


def at_the_money(minute: Minute, expiry: date) -> AtTheMoney:
    """Return call and put at the money of an expiry, by their last prices."""
    prices = {
        (contract.strike_price, contract.side): reading.last_price
        for contract, reading in minute.readings.items()
        if contract.expiry == expiry
    }
    both = [
        AtTheMoney(strike, call, prices[strike, "PE"])
        for (strike, side), call in prices.items()
        if side == "CE" and (strike, "PE") in prices
    ]
    return min(both, key=lambda pair: abs(pair.call - pair.put))


def solved_volatilities(minute: Minute, expiry: date) -> Mapping[Contract, float]:
    """Return the volatilities (%) of an expiry that its last prices have on the parity forward."""
    forward = at_the_money(minute, expiry).forward
    years = (expires_at(expiry) - minute.at).total_seconds() / _SECONDS_PER_YEAR
    found = {}
    for contract, reading in minute.readings.items():
        if contract.expiry == expiry:
            flag = "c" if contract.side == "CE" else "p"
            sigma = _solved(reading.last_price, forward, contract.strike_price, years, flag)
            if sigma is not None:
                found[contract] = 100 * sigma
    return found


def sent_forwards(minute: Minute, expiry: date, days: int) -> list[float]:
    """Return the forward on which each sent volatility gives the last price, at so many days.

    Only contracts near the money: far from it a price says little about the forward.
    """
    money = at_the_money(minute, expiry).forward
    return [
        _forward(contract, reading.last_price, reading.implied_volatility / 100, days / 365, money)
        for contract, reading in minute.readings.items()
        if contract.expiry == expiry and reading.implied_volatility
        if abs(contract.strike_price - money) < _NEAR * money
    ]


def _forward(contract: Contract, price: float, sigma: float, years: float, middle: float) -> float:
    """Return the forward at which an option of this volatility has this price, by bisection."""
    flag, sign = ("c", 1) if contract.side == "CE" else ("p", -1)
    low, high = middle / 2, middle * 2
    for _ in range(_BISECTIONS):
        forward = (low + high) / 2
        above = black76.black(flag, forward, contract.strike_price, years, 0.0, sigma) > price
        low, high = (low, forward) if above == (sign > 0) else (forward, high)
    return (low + high) / 2


def _solved(price: float, forward: float, strike: float, years: float, flag: str) -> float | None:
    """Return the volatility of a price as a fraction, without interest; None if it has none."""
    intrinsic = max(forward - strike if flag == "c" else strike - forward, 0.0)
    if years <= 0 or price - intrinsic < 0.05:  # noqa: PLR2004  (a tick: less is rounding)
        return None
    try:
        sigma: float = black76.implied_volatility(price, forward, strike, 0.0, years, flag)
    except ValueError:
        return None
    return sigma
