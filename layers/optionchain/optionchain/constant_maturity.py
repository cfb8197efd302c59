"""The implied volatility of a constant time ahead, between two expiries. Pure."""

from collections.abc import Iterable
from math import isfinite, sqrt
from typing import Literal, NamedTuple

type NoConstantIv = Literal["no_expiry_around", "no_iv", "not_finite"]

CONSTANT_DAYS = 30.0
"""Calendar days ahead, as the volatility indices of exchanges have them."""


class AtmVolatility(NamedTuple):
    """The volatility at the money of one expiry: calendar days ahead, percent a year or None."""

    days: float
    iv: float | None


def constant_maturity_iv(found: Iterable[AtmVolatility]) -> float | NoConstantIv:
    """Return the volatility at the money in 30 days, in percent a year, or why there is none.

    It is linear in total variance (iv² x days) between the last expiry that is at most 30 days
    ahead and the first one that is at least as far. Nothing is extrapolated.
    """
    ahead = sorted((each for each in found if each.days > 0), key=lambda each: each.days)
    below = [each for each in ahead if each.days <= CONSTANT_DAYS][-1:]
    above = [each for each in ahead if each.days >= CONSTANT_DAYS][:1]
    if not below or not above:
        return "no_expiry_around"
    (near,), (far,) = below, above
    if near.iv is None or far.iv is None:
        return "no_iv"
    if near.days == far.days:
        return near.iv
    nearer, farther = near.iv**2 * near.days, far.iv**2 * far.days
    share = (CONSTANT_DAYS - near.days) / (far.days - near.days)
    variance = nearer + share * (farther - nearer)
    iv = sqrt(variance / CONSTANT_DAYS)
    return iv if isfinite(iv) else "not_finite"
