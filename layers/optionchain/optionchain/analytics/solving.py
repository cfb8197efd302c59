"""The volatility that gives a price: Black-76, solved by the library opengreeks.

At the edges of its domain the library raises no error but returns its bounds. So this module checks
the input before a call, and prices a solved volatility again afterwards.
"""

from collections.abc import Callable
from math import exp
from typing import Literal

from opengreeks import black76

type NotSolved = Literal[
    "below_intrinsic",
    "no_time_value",
    "above_maximum",
    "not_solvable",
    "iv_out_of_range",
]
# From flag ("c" or "p"), strike and price to a volatility, as a fraction.
type Solve = Callable[[str, float, float], float | NotSolved]

LOWEST_VOLATILITY = 1e-4
# The library solves up to 5, and returns 5 for anything above.
_HIGHEST_SOLVED = 4.99
# The smallest step of a price. A smaller time value is rounding, and so would be its volatility.
_LOWEST_TIME_VALUE = 0.01
# How far the price of a solved volatility may be from the price it was solved from.
_TOLERANCE_OF_TIME_VALUE, _TOLERANCE_OF_PRICE = 1e-5, 1e-12

_SOLVE, _WORTH = black76.implied_volatility, black76.black


def solver(forward: float, years: float, rate: float) -> Solve:
    """Return a function that solves the volatility of a price, or says why there is none.

    `rate` is a fraction a year.
    """
    discount = exp(-rate * years)

    def solve(flag: str, strike: float, price: float) -> float | NotSolved:
        inside = forward - strike if flag == "c" else strike - forward
        time_value = price - discount * inside if inside > 0 else price
        if time_value < _LOWEST_TIME_VALUE:
            return "below_intrinsic" if time_value < 0 else "no_time_value"
        if price >= discount * (forward if flag == "c" else strike):
            return "above_maximum"
        try:
            # This function takes its arguments in another order than the others.
            sigma: float = _SOLVE(price, forward, strike, rate, years, flag)
        except ValueError:
            return "not_solvable"
        if sigma > _HIGHEST_SOLVED:
            return "iv_out_of_range"
        error = abs(_WORTH(flag, forward, strike, years, rate, sigma) - price)
        tolerance = _TOLERANCE_OF_TIME_VALUE * time_value + _TOLERANCE_OF_PRICE * price
        return sigma if sigma >= LOWEST_VOLATILITY and error <= tolerance else "not_solvable"

    return solve
