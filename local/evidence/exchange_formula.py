"""With which formula the exchange computes the volatilities that it sends. Pure."""

from typing import NamedTuple

from opengreeks.black_scholes import implied_volatility

from optionchain.exchange_time import exchange_date
from optionchain.snapshot import Quote, Snapshot

_DAYS_PER_YEAR = 365
# The exchange sends two decimals.
_ROUNDING = 0.011


class Reproduced(NamedTuple):
    """How many of the sent volatilities a formula gives back, to the two decimals sent."""

    equal: int
    compared: int


def reproduced(snapshot: Snapshot, rate: float) -> Reproduced:
    """Solve last prices by Black-Scholes on the spot, and count the sent volatilities given back.

    `rate` is in percent a year. The time to expiry is a number of whole days, one at least.
    """
    days = max((snapshot.expiry - exchange_date(snapshot.stamp)).days, 1)
    compared = equal = 0
    for quote in snapshot.quotes:
        if quote.implied_volatility and quote.last_price and quote.total_traded_volume:
            solved = _solved(quote, snapshot.underlying_value or 0.0, days, rate)
            compared += 1
            equal += solved is not None and abs(solved - quote.implied_volatility) < _ROUNDING
    return Reproduced(equal, compared)


def _solved(quote: Quote, spot: float, days: int, rate: float) -> float | None:
    """Return the volatility of a last price, in percent; None if there is none."""
    flag = "c" if quote.side == "CE" else "p"
    years = days / _DAYS_PER_YEAR
    try:
        solved: float = implied_volatility(
            quote.last_price, spot, quote.strike_price, years, rate / 100, flag
        )
    except ValueError:
        return None
    return 100 * solved
