"""Volatilities and Greeks against a second library, pyvolr, which shares no code with the first.

Both libraries of Black-76 are exact to 1e-11 where vega is not below 1e-4 a point (measured with
50 digits); the first looks for a volatility until its price is right to about 1e-8, so volatilities
agree to 1e-8 of themselves wherever the time value is at least the smallest step of a price, 0.01.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from math import isclose, isnan
from typing import Any, NamedTuple

import pytest
from pyvolr import black76 as second

from optionchain.analytics import IvChoice, LegGreeks, Terms, analytics_of, greeks, terms_in
from optionchain.analytics.quotes import price_of as price_now_of
from optionchain.snapshot import Quote, Snapshot
from tests.support.chains import captured_chains, captured_minutes, modelled_chains

RATE = 5.5
TOLERANCE = 1e-8
# Greeks below this size are compared by it: no such number reaches any answer.
LEAST_GREEK = 1e-18

type Chains = Callable[[], Iterator[Snapshot]]

# The chains, and how many legs they must give at least to each comparison.
LEGS_OF_MINUTES = {"exchange": 2_000, "last": 2_000}
SOURCES = [
    pytest.param(captured_chains, {"exchange": 8_000, "mid": 11_000, "last": 70}, id="captured"),
    pytest.param(modelled_chains, {"exchange": 6_000, "mid": 6_000, "last": 1_000}, id="modelled"),
]


class Case(NamedTuple):
    """A leg on its terms, and what was derived of it."""

    quote: Quote
    terms: Terms
    derived: LegGreeks

    @property
    def domain(self) -> tuple[str, float, float, float, float]:
        """Flag, forward, strike, years and rate."""
        assert self.terms.forward is not None
        flag = "c" if self.quote.side == "CE" else "p"
        terms = self.terms
        return flag, self.terms.forward, self.quote.strike_price, terms.years, terms.rate / 100


def cases(chains: Chains) -> Iterator[Case]:
    """Yield each leg twice: by its price, and by the exchange's volatility where it has one."""
    for chain in chains():
        terms = terms_in(analytics_of(chain, RATE))
        for quote in chain.quotes:
            yield case_of(quote, terms, "price")
            if quote.implied_volatility:
                yield case_of(quote, terms, "exchange")


def case_of(quote: Quote, terms: Terms, iv_source: IvChoice) -> Case:
    sent = quote.implied_volatility if iv_source == "exchange" else None
    by = terms._replace(iv_source=iv_source)
    return Case(quote, by, derive(quote._replace(implied_volatility=sent), by))


def derive(quote: Quote, terms: Terms) -> LegGreeks:
    price = price_now_of(quote)
    return greeks(quote.side, quote.strike_price, quote.implied_volatility, price, terms)


def price_of(quote: Quote) -> float | None:
    bid, ask = quote.bid_price, quote.ask_price
    if bid and ask and bid <= ask:
        return (bid + ask) / 2
    return quote.last_price if quote.total_traded_volume else None


def second_volatility(case: Case) -> float:
    """Return what the second library makes of a leg's price, in percent; NaN for none."""
    price = price_of(case.quote)
    assert price is not None
    return 100 * float(second.implied_vol(price, *case.domain, on_error="ignore"))


def second_greeks(case: Case) -> dict[str, float]:
    """Return the second library's Greeks, in the units of ours."""
    assert case.derived.iv is not None
    of: dict[str, Any] = {**second.greeks(*case.domain, case.derived.iv / 100)}
    return of | {"theta": of["theta"] / 365, "vega": of["vega"] / 100, "rho": of["rho"] / 100}


@pytest.mark.parametrize(
    ("chains", "least"),
    [*SOURCES, pytest.param(captured_minutes, LEGS_OF_MINUTES, id="captured minutes")],
)
def test_volatilities_and_greeks_agree_with_pyvolr(chains: Chains, least: dict[str, int]) -> None:
    compared: Counter[str] = Counter()
    for case in cases(chains):
        derived = case.derived
        if derived.iv is None or derived.iv_source is None:
            continue
        if derived.iv_source == "exchange":
            assert derived.iv == case.quote.implied_volatility
        else:
            assert isclose(derived.iv, second_volatility(case), rel_tol=TOLERANCE), case
        for name, expected in second_greeks(case).items():
            value = getattr(derived, name)
            assert isclose(value, expected, rel_tol=TOLERANCE, abs_tol=LEAST_GREEK), (name, case)
        compared[derived.iv_source] += 1
    assert all(compared[source] >= count for source, count in least.items()), compared


@pytest.mark.parametrize(("chains", "least"), SOURCES)
def test_where_none_is_solved_pyvolr_has_none_either(chains: Chains, least: dict[str, int]) -> None:
    refused: Counter[str] = Counter()
    for case in cases(chains):
        reason = case.derived.reason
        if reason is None or case.terms.iv_source == "exchange":
            continue
        refused[reason] += 1
        if reason in ("no_price", "no_trade_today"):
            assert not price_of(case.quote)
            assert (reason == "no_trade_today") == bool(case.quote.last_price)
        elif reason in ("below_intrinsic", "above_maximum"):
            assert isnan(second_volatility(case)), case
        elif reason == "iv_out_of_range":
            assert second_volatility(case) > 499, case
        else:
            assert reason == "no_time_value", case
    assert refused["below_intrinsic"] > 300, refused
    assert sum(refused.values()) < 0.2 * sum(least.values()), refused
