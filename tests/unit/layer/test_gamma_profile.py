"""The profile of gamma exposure against pyvolr and the sums of headers, and its flip level."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from math import isclose
from typing import NamedTuple

import pytest
from pyvolr import black76 as second

from optionchain.analytics import (
    AnalyticsDocument,
    ExposedChain,
    ExposedLeg,
    GammaProfile,
    Terms,
    analytics_of,
    exposures_by_strike,
    gamma_profile,
    terms_in,
)
from optionchain.snapshot import Side, Snapshot
from tests.support.chains import captured_chains, modelled_chains
from tests.unit.layer.test_greeks_parity import derive

RATE = 5.5
SOURCES = [
    pytest.param(captured_chains, 60, id="captured"),
    pytest.param(modelled_chains, 40, id="modelled"),
]
TERMS = Terms(25_000.0, "parity", RATE, 7.0)


class Case(NamedTuple):
    """A chain as it is exposed, the analytics that its header keeps, and its profile."""

    chain: ExposedChain
    kept: AnalyticsDocument
    profile: GammaProfile


def cases(chains: Callable[[], Iterator[Snapshot]]) -> Iterator[Case]:
    for snapshot in chains():
        kept = analytics_of(snapshot, RATE)
        terms = terms_in(kept)
        legs = []
        for quote in snapshot.quotes:
            found = derive(quote._replace(implied_volatility=None), terms)
            told = quote.side, quote.strike_price, found.iv, found.gamma, quote.open_interest
            legs.append(ExposedLeg(*told))
        chain = ExposedChain(legs, terms)
        yield Case(chain, kept, gamma_profile([chain], kept["reference_price"], kept["atm_iv"]))


def again(chain: ExposedChain, move: float) -> float:
    """Return the net exposure where the forward has moved, by the other library."""
    assert chain.terms.forward
    forward, total = chain.terms.forward * move, 0.0
    for leg in chain.legs:
        if leg.iv is None or leg.gamma is None or leg.open_interest is None:
            continue
        domain = forward, leg.strike_price, chain.terms.years, chain.terms.rate / 100
        gamma = float(second.gamma(*domain, leg.iv / 100))
        total += (1 if leg.side == "CE" else -1) * gamma * leg.open_interest
    return total * forward * forward / 100


def size(chain: ExposedChain) -> float:
    """Return the exposures of all legs together: what a rounding is a part of."""
    both = exposures_by_strike([chain]).values()
    return sum((each.call or 0.0) + (each.put or 0.0) for each in both)


@pytest.mark.parametrize(("chains", "least"), SOURCES)
def test_a_profile_is_what_the_other_library_says_of_each_price(
    chains: Callable[[], Iterator[Snapshot]], least: int
) -> None:
    profiles = flips = 0
    for chain, kept, profile in cases(chains):
        price = kept["reference_price"]
        if profile.missing:
            assert not profile.prices
            assert profile.no_flip == profile.missing
            continue
        assert price
        profiles += 1
        tolerance = 1e-9 * size(chain)
        for at, exposure in zip(profile.prices[::10], profile.exposures[::10], strict=True):
            assert isclose(exposure, again(chain, at / price), rel_tol=1e-9, abs_tol=tolerance)
        if profile.flip_level:
            flips += 1
            around = [again(chain, profile.flip_level * by / price) for by in (1 - 1e-9, 1 + 1e-9)]
            assert min(around) <= tolerance
            assert max(around) >= -tolerance
            low, high = profile.prices[0], profile.prices[-1]
            assert low < profile.flip_level < high
    assert profiles >= least
    assert flips > least / 2


@pytest.mark.parametrize(("chains", "least"), SOURCES)
def test_strikes_and_the_price_of_now_add_up_to_the_header_s_sums(
    chains: Callable[[], Iterator[Snapshot]], least: int
) -> None:
    profiles = 0
    for chain, kept, profile in cases(chains):
        net, total = kept["net_gamma_exposure"], kept["total_gamma_exposure"]
        if net is None or total is None:
            assert profile.missing
            continue
        profiles += 1
        middle = len(profile.prices) // 2
        assert profile.prices[middle] == kept["reference_price"]
        strikes = exposures_by_strike([chain])
        assert list(strikes) == sorted(strikes)
        calls = sum(each.call or 0.0 for each in strikes.values())
        puts = sum(each.put or 0.0 for each in strikes.values())
        for found, kept_one in (
            (profile.exposures[middle], net),
            (sum(each.net or 0.0 for each in strikes.values()), net),
            (calls, kept["call_gamma_exposure"]),
            (puts, kept["put_gamma_exposure"]),
        ):
            assert kept_one is not None
            assert isclose(found, kept_one, rel_tol=1e-9, abs_tol=1e-9 * total)
    assert profiles >= least


def leg(
    side: Side, strike: float, interest: float | None = 100.0, terms: Terms = TERMS
) -> ExposedLeg:
    """Return a contract with a volatility of 12 %."""
    assert terms.forward
    gamma = float(second.gamma(terms.forward, strike, terms.years, RATE / 100, 0.12))
    return ExposedLeg(side, strike, 12.0, gamma, interest)


def profile_of(
    *legs: ExposedLeg, terms: Terms = TERMS, price: float | None = 25_000.0
) -> GammaProfile:
    return gamma_profile([ExposedChain(legs, terms)], price, 12.0)


def test_a_flip_level_is_where_as_much_is_of_calls_as_of_puts() -> None:
    """Calls above, as many puts below: between them, where both gammas weigh the same."""
    found = profile_of(leg("CE", 25_300.0), leg("PE", 24_700.0))
    assert found.flip_level
    assert 24_900 < found.flip_level < 25_100
    assert found.exposures[0] < 0 < found.exposures[-1]


def test_of_two_flip_levels_the_one_nearer_to_the_price_is_told() -> None:
    legs = leg("PE", 24_700.0), leg("CE", 25_100.0), leg("PE", 25_900.0)
    found = profile_of(*legs)
    signs = [exposure > 0 for exposure in found.exposures]
    assert sum(one is not other for one, other in pairwise(signs)) == 2
    assert found.flip_level
    assert found.flip_level < 25_100


def test_several_expiries_are_summed_with_their_weights() -> None:
    later = TERMS._replace(days_to_expiry=35.0)
    call, put = leg("CE", 25_000.0), leg("PE", 25_000.0, terms=later)
    chains = [ExposedChain([call], TERMS, 65.0), ExposedChain([put], later, 75.0)]
    both = gamma_profile(chains, 25_000.0, 12.0)
    expected = 65 * again(chains[0], 1.0) + 75 * again(chains[1], 1.0)
    assert both.exposures[30] == pytest.approx(expected, rel=1e-9)
    assert exposures_by_strike(chains)[25_000.0].net == pytest.approx(expected, rel=1e-9)


def test_strike_without_a_gamma_on_a_side_counts_the_other_alone() -> None:
    unpriced = ExposedLeg("CE", 25_000.0, None, None, 100.0)
    chain = ExposedChain(
        [unpriced, leg("PE", 25_000.0), unpriced._replace(strike_price=26_000)], TERMS
    )
    at, above = exposures_by_strike([chain]).values()
    assert at.call is None
    assert at.put
    assert at.net == -at.put
    assert above == (None, None, None)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (profile_of(leg("CE", 25_000.0, 200.0), leg("PE", 25_000.0)), "no_crossing"),
        (profile_of(leg("CE", 25_000.0, None), leg("PE", 25_000.0)), "missing_leg"),
        (profile_of(leg("CE", 25_000.0, 0.0), leg("PE", 25_000.0, 0.0)), "no_open_interest"),
        (profile_of(leg("CE", 25_000.0), leg("PE", 25_000.0), price=None), "no_underlying"),
        (profile_of(leg("CE", 25_000.0)), "no_iv"),
        (profile_of(terms=TERMS._replace(payoff_fixed=True)), "payoff_fixed"),
        (profile_of(terms=TERMS._replace(days_to_expiry=-1.0)), "expired"),
        (profile_of(terms=TERMS._replace(forward=None)), "no_forward"),
    ],
)
def test_without_a_flip_level_there_is_a_reason(found: GammaProfile, reason: str) -> None:
    assert found.flip_level is None
    assert found.no_flip == reason
    assert found.missing == (None if reason == "no_crossing" else reason)
    assert bool(found.prices) is (reason == "no_crossing")
