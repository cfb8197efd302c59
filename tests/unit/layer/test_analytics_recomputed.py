"""The analytics of whole chains against a second computation from their definitions."""

from collections import Counter
from collections.abc import Callable, Iterator
from math import isclose

import pytest

from optionchain.analytics import AnalyticsDocument, LegGreeks, Terms, buildup, terms_in
from optionchain.analytics import analytics_of as analytics_at
from optionchain.snapshot import Quote, Snapshot
from tests.support import naive_analytics as naive
from tests.support.chains import captured_chains, modelled_chains
from tests.unit.layer.test_greeks_parity import derive

RATE = 5.5

type Chains = Callable[[], Iterator[Snapshot]]
type Side = list[Quote]

# The chains, and how many there are at least.
SOURCES = [
    pytest.param(captured_chains, 80, id="captured"),
    pytest.param(modelled_chains, 55, id="modelled"),
]


def analytics_of(chain: Snapshot) -> AnalyticsDocument:
    return analytics_at(chain, RATE)


def near(value: float | None, expected: float | None, tolerance: float = 1e-9) -> bool:
    if value is None or expected is None:
        return value is expected
    return isclose(value, expected, rel_tol=tolerance, abs_tol=1e-12)


def solved(leg: Quote, terms: Terms) -> LegGreeks:
    """Return what a leg's own price says, whatever the exchange sends."""
    return derive(leg._replace(implied_volatility=None), terms)


def sides(chain: Snapshot) -> tuple[Side, Side]:
    calls = [leg for leg in chain.quotes if leg.side == "CE"]
    return calls, [leg for leg in chain.quotes if leg.side == "PE"]


@pytest.mark.parametrize(("chains", "least"), SOURCES)
def test_terms_are_those_of_parity_and_of_the_calendar(chains: Chains, least: int) -> None:
    sources: Counter[str | None] = Counter()
    for chain in chains():
        document = analytics_of(chain)
        days, forward = naive.terms_again(chain, RATE)
        assert document["rate"] == RATE
        assert isclose(document["days_to_expiry"], days, rel_tol=1e-12)
        source = document["forward_source"]
        sources[source] += 1
        assert near(document["forward"], forward if source == "parity" else chain.underlying_value)
        # The spot stands in only where parity says nothing, or nothing credible.
        if source == "spot" and forward:
            assert chain.underlying_value
            assert abs(forward / chain.underlying_value - 1) > 0.03
    assert sources["parity"] > 0.9 * least, sources
    assert sources.total() >= least


@pytest.mark.parametrize(("chains", "least"), SOURCES)
def test_ratios_and_levels_of_interest_are_those_of_plain_sums(chains: Chains, least: int) -> None:
    counted = 0
    for counted, chain in enumerate(chains(), 1):  # noqa: B007
        document = analytics_of(chain)
        assert near(document["pcr_oi"], naive.ratio(chain, "open_interest"))
        assert near(document["pcr_volume"], naive.ratio(chain, "total_traded_volume"))
        assert near(document["pcr_change"], naive.ratio(chain, "change_in_oi"))
        check_max_pain(document["max_pain"], naive.payouts(chain))
        assert chain.underlying_value is not None
        walls = document["support"], document["resistance"]
        assert walls == naive.walls(chain, chain.underlying_value)
    assert counted >= least


def check_max_pain(strike: float | None, worth: dict[float, float]) -> None:
    """Check that all options have their lowest value there; without open interest it is None."""
    assert (strike is None) == (not any(worth.values()))
    if strike is not None:
        assert isclose(worth[strike], min(worth.values()), rel_tol=1e-12)


@pytest.mark.parametrize(("chains", "least"), SOURCES)
def test_largest_fastest_and_build_ups_are_those_of_each_leg(chains: Chains, least: int) -> None:
    legs_named = 0
    for chain in chains():
        document = analytics_of(chain)
        for name, legs in zip(("calls", "puts"), sides(chain), strict=True):
            held = sorted((leg.open_interest or 0.0 for leg in legs), reverse=True)[:3]
            largest = document["largest_oi"][name]  # type: ignore[literal-required]
            assert [row["open_interest"] for row in largest] == [each for each in held if each]
            moved = sorted((abs(leg.change_in_oi or 0.0) for leg in legs), reverse=True)[:3]
            fastest = document["fastest_oi"][name]  # type: ignore[literal-required]
            assert [abs(row["change_in_oi"]) for row in fastest] == [each for each in moved if each]
            at = {leg.strike_price: leg for leg in legs}
            for row in largest:
                assert at[row["strike_price"]].open_interest == row["open_interest"]
            for row in fastest:
                assert at[row["strike_price"]].change_in_oi == row["change_in_oi"]
            classes = (
                buildup(leg.change, leg.change_in_oi, leg.total_traded_volume) for leg in legs
            )
            named = Counter(filter(None, classes))
            counts = document["buildup"][name]  # type: ignore[literal-required]
            assert {key: count for key, count in counts.items() if count} == named
            legs_named += named.total()
    assert legs_named > 60 * least


@pytest.mark.parametrize(("chains", "least"), SOURCES)
def test_exposures_and_smile_are_those_of_the_second_library(chains: Chains, least: int) -> None:
    compared: Counter[str] = Counter()
    for chain in chains():
        document, money = analytics_of(chain), chain.underlying_value
        terms, at = terms_in(document), document["atm_strike"]
        assert money is not None
        assert at is not None
        assert terms.forward is not None
        of = terms.forward, terms.days_to_expiry, RATE
        derived = {leg: solved(leg, terms) for leg in chain.quotes}
        call, put = naive.exposures(chain, derived, *of)
        assert near(document["call_gamma_exposure"], call)
        assert near(document["put_gamma_exposure"], put)
        if call is not None and put is not None:
            assert near(document["total_gamma_exposure"], call + put)
            assert near(document["net_gamma_exposure"], call - put, 1e-6)
        unpriced = sum(leg.gamma is None for leg in derived.values())
        assert document["unpriced_legs"] == unpriced
        assert near(document["skew_25_delta"], naive.skew(chain, at, *of), 1e-6)
        check_at_the_money(chain, document, money)
        compared.update(key for key, value in document.items() if value is not None)
    assert compared["skew_25_delta"] > 0.5 * least, compared
    assert compared["net_gamma_exposure"] > 0.9 * least, compared
    assert compared["straddle_price"] > 0.8 * least, compared


def check_at_the_money(chain: Snapshot, document: AnalyticsDocument, money: float) -> None:
    """Check strike, volatility and straddle at the money."""
    strikes = sorted({leg.strike_price for leg in chain.quotes})
    at = document["atm_strike"]
    assert at in strikes
    assert abs(at - money) == min(abs(strike - money) for strike in strikes)
    legs = [leg for leg in (naive.leg_at(chain, side, at) for side in ("CE", "PE")) if leg]
    known = [each.iv for each in (solved(leg, terms_in(document)) for leg in legs) if each.iv]
    assert near(document["atm_iv"], sum(known) / len(known) if known else None)
    prices = [price for price in (naive.price_of(leg) for leg in legs) if price]
    straddle = sum(prices) if len(prices) == 2 else None
    assert near(document["straddle_price"], straddle)
    assert near(document["implied_move_percent"], straddle and 100 * straddle / money)
