"""Gamma exposure by strike, and what it would be at other prices: the profile and its flip level.

A gamma exposure is gamma x open interest x forward² / 100: rupees for a move of 1 % and a lot of
one unit. The net one is that of the calls less that of the puts.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import isfinite, sqrt
from typing import Literal, NamedTuple, get_args

from opengreeks import black76

from optionchain.analytics.terms import NoTerms, Terms
from optionchain.snapshot import Side

type NoProfile = NoTerms | Literal["no_underlying", "missing_leg", "no_iv", "no_open_interest"]
type NoFlip = NoProfile | Literal["no_crossing"]

# The profile has so many prices on each side of the price of now.
_PRICES_EACH_SIDE = 30
# It reaches so many deviations of the price until the expiry, within these parts of the price.
_DEVIATIONS, _NARROWEST, _WIDEST = 4.0, 0.02, 0.30
# A flip level is exact to this part of the price.
_EXACT = 1e-10
_SIDES = get_args(Side)
_GAMMA = black76.gamma


class ExposedLeg(NamedTuple):
    """A contract: its volatility (percent a year), its gamma, and its open interest (contracts).

    `iv` and `gamma` are None without a volatility, `open_interest` where none was sent.
    """

    side: Side
    strike_price: float
    iv: float | None
    gamma: float | None
    open_interest: float | None


class ExposedChain(NamedTuple):
    """The contracts of one expiry and their terms; `weight` is 1, or its lot size for rupees."""

    legs: Sequence[ExposedLeg]
    terms: Terms
    weight: float = 1.0


class StrikeExposure(NamedTuple):
    """The gamma exposures of a strike. A side that is not listed or not priced is None.

    `net` is None if both are, and else counts such a side as nothing, as the sums of a chain do.
    """

    call: float | None
    put: float | None
    net: float | None


class GammaProfile(NamedTuple):
    """The net gamma exposure at hypothetical prices, and the price at which it changes its sign.

    Without a profile there is no price, and `missing` says why. `flip_level` is the change of sign
    nearest to the price of now; `no_flip` says why there is none.
    """

    prices: Sequence[float]
    exposures: Sequence[float]
    missing: NoProfile | None
    flip_level: float | None
    no_flip: NoFlip | None


def exposures_by_strike(chains: Iterable[ExposedChain]) -> dict[float, StrikeExposure]:
    """Return the weighted exposures of each strike, in order."""
    sums: dict[float, dict[Side, float | None]] = {}
    for legs, terms, weight in chains:
        scale = weight * (terms.forward or 0.0) ** 2 / 100
        for leg in legs:
            sides = sums.setdefault(leg.strike_price, {"CE": None, "PE": None})
            if leg.gamma is not None and leg.open_interest is not None:
                own = leg.gamma * leg.open_interest * scale
                sides[leg.side] = (sides[leg.side] or 0.0) + own
    found = {}
    for strike in sorted(sums):
        call, put = sums[strike]["CE"], sums[strike]["PE"]
        net = None if call is None and put is None else (call or 0.0) - (put or 0.0)
        found[strike] = StrikeExposure(call, put, net)
    return found


def gamma_profile(
    chains: Sequence[ExposedChain], price: float | None, atm_iv: float | None
) -> GammaProfile:
    """Return the net exposure of all chains at prices around `price`, the reference price of now.

    Each forward moves with the price in proportion. The volatility of each contract, its open
    interest and the time to expiry stay as they are. `atm_iv`, in percent a year and of the first
    chain, says how far the prices reach. Raises nothing.
    """
    missing = _missing(chains, price)
    if missing or price is None:
        why: NoProfile = missing or "no_underlying"
        return GammaProfile((), (), why, None, why)
    net = _net_exposure(chains)
    reach = _reach(chains[0].terms, atm_iv)
    steps = range(-_PRICES_EACH_SIDE, _PRICES_EACH_SIDE + 1)
    moves = [1 + reach * step / _PRICES_EACH_SIDE for step in steps]
    exposures = [net(move) for move in moves]
    flip = _flip(net, moves, exposures)
    return GammaProfile(
        [price * move for move in moves],
        exposures,
        None,
        None if flip is None else price * flip,
        "no_crossing" if flip is None else None,
    )


def _missing(chains: Sequence[ExposedChain], price: float | None) -> NoProfile | None:
    """Return why there is no profile.

    An expiry without a volatility is in no sum. Calls alone, or puts alone, have no net exposure.
    """
    priced = [leg for chain in chains for leg in chain.legs if leg.gamma is not None]
    if len({leg.side for leg in priced}) < len(_SIDES):
        return chains[0].terms.missing or "no_iv"
    if price is None:
        return "no_underlying"
    if any(leg.open_interest is None for leg in priced):
        return "missing_leg"
    return None if any(leg.open_interest for leg in priced) else "no_open_interest"


def _net_exposure(chains: Iterable[ExposedChain]) -> Callable[[float], float]:
    """Return a function of how the price moves: 1.01 is up by 1 %."""
    # The gamma of a put is that of the call with the same volatility.
    held = [
        (
            (terms.forward or 0.0),
            leg.strike_price,
            terms.years,
            terms.rate / 100,
            leg.iv / 100,
            (leg.open_interest if leg.side == "CE" else -leg.open_interest) * weight / 100,
        )
        for legs, terms, weight in chains
        for leg in legs
        if leg.gamma is not None and leg.iv and leg.open_interest
    ]

    def net(move: float) -> float:
        total = 0.0
        for now, strike, years, rate, sigma, interest in held:
            forward = now * move
            gamma = _GAMMA("c", forward, strike, years, rate, sigma)
            total += interest * gamma * forward * forward
        return total

    return net


def _reach(terms: Terms, atm_iv: float | None) -> float:
    """Return how far the prices of a profile reach, as a part of the price."""
    if atm_iv is None:
        return _WIDEST
    deviations = _DEVIATIONS * atm_iv / 100 * sqrt(terms.years)
    return min(max(deviations, _NARROWEST), _WIDEST)


def _flip(
    net: Callable[[float], float], moves: Sequence[float], exposures: Sequence[float]
) -> float | None:
    """Return the move nearest to 1 at which the exposure changes its sign."""
    crossings = [
        (low, high)
        for (low, before), (high, after) in pairwise(zip(moves, exposures, strict=True))
        if isfinite(before + after) and (before < 0 <= after or after <= 0 < before)
    ]
    # The nearest one lies in the nearest step below or in the nearest one above.
    below = [each for each in crossings if each[1] <= 1][-1:]
    above = [each for each in crossings if each[0] >= 1][:1]
    found = [_root(net, *each) for each in below + above]
    return min(found, key=lambda move: abs(move - 1), default=None)


def _root(net: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function is 0 between two places where it has different signs."""
    rises = net(high) >= net(low)
    while high - low > _EXACT:
        middle = (low + high) / 2
        if (net(middle) < 0) is rises:
            low = middle
        else:
            high = middle
    return (low + high) / 2
