"""Laws of solved volatilities: prices of a known smile on a known forward, in steps of 0.05."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyvolr import black76 as second

from optionchain.analytics import Terms, analytics_of, greeks, terms_in
from optionchain.analytics.quotes import price_of
from optionchain.market import expires_at
from optionchain.snapshot import Quote, Side, Snapshot
from tests.support.bodies import EXPIRY
from tests.support.snapshots import quote, snapshot

RATE, STEP = 5.5, 0.05
SPOT = 24_000.0
STRIKES = [float(strike) for strike in range(23_500, 24_551, 50)]
# How far a rounded price is from the model's, and a forward of two rounded prices, with the growth.
ROUNDED, SHIFTED = STEP / 2 + 1e-9, STEP * 1.02

type Smile = tuple[float, float, float]


def volatility(smile: Smile, strike: float, forward: float) -> float:
    level, tilt, bend = smile
    away = (strike - forward) / 1_000
    return level + tilt * away + bend * away * away


def chain(forward: float, smile: Smile, days: float, *, quoted: bool) -> Snapshot:
    """Return a chain with prices of the model, rounded to the step of prices."""
    stamp = expires_at(EXPIRY) - timedelta(days=days)
    quotes = []
    for strike in STRIKES:
        sigma = volatility(smile, strike, forward)
        for flag in ("c", "p"):
            worth = float(second.price(flag, forward, strike, days / 365, RATE / 100, sigma))
            side: Side = "CE" if flag == "c" else "PE"
            quotes.append(rounded(side, strike, worth, sigma, quoted=quoted))
    return replace(snapshot(underlying=SPOT, stamp=stamp), quotes=tuple(quotes))


def rounded(side: Side, strike: float, worth: float, sigma: float, *, quoted: bool) -> Quote:
    price = round(worth / STEP) * STEP
    bid, ask = (price - 2 * STEP, price + 2 * STEP) if quoted and price > 2 * STEP else (None, None)
    # What the exchange sends is of another time and another forward: it must have no say.
    sent = 100 * sigma + (3.0 if side == "CE" else -3.0)
    numbers: dict[str, Any] = {"last_price": price or None, "implied_volatility": max(sent, 1.0)}
    return quote(side, strike, bid_price=bid, ask_price=ask, **numbers)


FORWARDS = st.floats(SPOT - 120, SPOT + 220)
SMILES = st.tuples(st.floats(0.08, 0.6), st.floats(-0.05, 0.02), st.floats(0.0, 0.08))
DAYS = st.floats(0.05, 40)


@given(FORWARDS, SMILES, DAYS, st.booleans())
def test_a_solved_volatility_is_the_model_s_within_what_rounding_allows(
    forward: float, smile: Smile, days: float, quoted: bool
) -> None:
    whole = chain(forward, smile, days, quoted=quoted)
    terms = terms_in(analytics_of(whole, RATE))
    assert terms.forward == pytest.approx(forward, abs=SHIFTED)
    solved = 0
    for each in whole.quotes:
        found = greeks(each.side, each.strike_price, None, price_of(each), terms).iv
        if found is not None:
            check(each, found, forward, volatility(smile, each.strike_price, forward), terms)
            solved += 1
    assert solved >= 4


def check(each: Quote, found: float, forward: float, sigma: float, terms: Terms) -> None:
    """Check that the model's price at the solved volatility is off by the roundings at most."""
    rest = each.side[0].lower(), forward, each.strike_price, terms.years, RATE / 100
    off = float(second.price(*rest, found / 100)) - float(second.price(*rest, sigma))
    assert abs(off) <= ROUNDED + SHIFTED + 1e-6, (each, found, sigma)


@given(FORWARDS, SMILES, DAYS)
def test_call_and_put_have_one_volatility_at_the_money(
    forward: float, smile: Smile, days: float
) -> None:
    """Of last prices, which give the forward at just that strike."""
    whole = chain(forward, smile, days, quoted=False)
    document = analytics_of(whole, RATE)
    pair = [each for each in whole.quotes if each.strike_price == document["atm_strike"]]
    assume(all(each.last_price and each.last_price >= 1 for each in pair))
    terms = terms_in(document)
    call, put = (greeks(each.side, each.strike_price, None, price_of(each), terms) for each in pair)
    assume(call.iv is not None and put.iv is not None)
    assert call.iv == pytest.approx(put.iv, rel=1e-6)
    assert document["atm_iv"] == pytest.approx(call.iv, rel=1e-6)
