"""Volatilities of prices through the minutes of an expiry day; the capture has no quotes."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import isclose
from statistics import median

import pytest
from pyvolr import black76 as second

from optionchain.analytics import (
    AnalyticsDocument,
    LegGreeks,
    Terms,
    analytics_of,
    greeks,
    terms_in,
)
from optionchain.analytics.quotes import price_of
from optionchain.snapshot import Leg, Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts
from tests.support.captured_minutes import EXPIRING, MINUTES, NEXT_WEEK, at, minutes_of

RATE = 5.5
AT_THE_MONEY = 24_250.0  # next week's forward was near it all day
AGREE = 0.1  # points of volatility, between call and put at the money
FROZEN = SnapshotFacts(frozen_since=at("15:16"))

type Minute = tuple[Snapshot, AnalyticsDocument, dict[Leg, LegGreeks]]


def derived(chain: Snapshot) -> Minute:
    """Return the analytics of a minute and the Greeks of its contracts, solved of their prices."""
    frozen = chain.stamp > at("15:16")
    document = analytics_of(chain, RATE, FROZEN if frozen else NOTHING_KNOWN)
    terms = terms_in(document)
    legs = {
        (leg.strike_price, leg.side): greeks(leg.side, leg.strike_price, None, price_of(leg), terms)
        for leg in chain.quotes
    }
    return chain, document, legs


@pytest.fixture(scope="module")
def expiring(captured: Callable[[str], bytes]) -> list[Minute]:
    return [derived(chain) for chain in minutes_of(captured(MINUTES), EXPIRING)]


@pytest.fixture(scope="module")
def next_week(captured: Callable[[str], bytes]) -> list[Minute]:
    return [derived(chain) for chain in minutes_of(captured(MINUTES), NEXT_WEEK)]


@pytest.fixture(params=["expiring", "next_week"])
def minutes(request: pytest.FixtureRequest) -> list[Minute]:
    found: list[Minute] = request.getfixturevalue(request.param)
    assert len(found) == 288
    return found


def money(minute: Minute) -> float:
    """Return the strike at the money: nearest to the spot, or to the forward while it is frozen."""
    chain, document, legs = minute
    frozen = chain.stamp > at("15:16")
    near = document["forward"] if frozen else chain.underlying_value
    assert near is not None
    return min((strike for strike, _ in legs), key=lambda strike: abs(strike - near))


def volatility(minute: Minute, strike: float, side: str) -> float:
    leg = minute[2][strike, "CE" if side == "CE" else "PE"]
    assert leg.iv is not None
    assert leg.iv_source == "last"
    return leg.iv


def straddle(strike: float, terms: Terms, percent: float) -> float:
    """Return what call and put cost together at a volatility, by the second library."""
    assert terms.forward is not None
    rest = terms.forward, strike, terms.years, RATE / 100, percent / 100
    return sum(float(second.price(flag, *rest)) for flag in ("c", "p"))


def test_call_and_put_agree_at_the_money_in_every_minute(minutes: list[Minute]) -> None:
    gaps = [
        abs(volatility(each, money(each), "CE") - volatility(each, money(each), "PE"))
        for each in minutes
    ]
    assert max(gaps) < AGREE, max(gaps)
    assert all(document["forward_source"] == "parity" for _, document, _ in minutes)


def test_volatility_at_the_money_prices_the_straddle_of_its_own_minute(
    minutes: list[Minute],
) -> None:
    """The exchange's, which is up to ten minutes old, misses it by over a point in most minutes."""
    missed = 0
    for each in minutes:
        chain, document, _ = each
        strike, terms = money(each), terms_in(document)
        pair = [leg for leg in chain.quotes if leg.strike_price == strike]
        paid = sum(leg.last_price or 0.0 for leg in pair)
        mean = sum(volatility(each, strike, leg.side) for leg in pair) / 2
        sent = sum(leg.implied_volatility or 0.0 for leg in pair) / 2
        assert isclose(straddle(strike, terms, mean), paid, abs_tol=0.01)
        missed += abs(straddle(strike, terms, sent) - paid) > 1
    assert missed > 288 / 2


def test_volatility_at_the_money_moves_each_minute_as_prices_do(minutes: list[Minute]) -> None:
    levels = [document["atm_iv"] for _, document, _ in minutes]
    sent = [
        tuple(leg.implied_volatility for leg in chain.quotes if leg.strike_price == 24_200.0)
        for chain, _, _ in minutes
    ]
    assert sum(one != other for one, other in pairwise(levels)) == 287
    assert sum(one != other for one, other in pairwise(sent)) < 60


def test_a_smile_does_not_depend_on_what_the_exchange_sends(minutes: list[Minute]) -> None:
    for chain, document, _ in minutes:
        frozen = chain.stamp > at("15:16")
        blank = tuple(leg._replace(implied_volatility=None) for leg in chain.quotes)
        unsent = replace(chain, quotes=blank)
        assert analytics_of(unsent, RATE, FROZEN if frozen else NOTHING_KNOWN) == document


def test_the_smile_has_no_kink_where_a_contract_has_no_sent_volatility(
    next_week: list[Minute],
) -> None:
    """How far a strike is from the middle of its neighbours: 0.13 points at most if all are solved.

    A solved one between sent ones is off by 0.39 points in the median.
    """
    solved, between_sent = [], []
    for chain, _, legs in next_week:
        sent = {(leg.strike_price, leg.side): leg.implied_volatility or 0.0 for leg in chain.quotes}
        iv = {leg: found.iv or 0.0 for leg, found in legs.items()}
        for smile in (
            [leg for leg in iv if leg[1] == "CE" and leg[0] >= AT_THE_MONEY],
            [leg for leg in iv if leg[1] == "PE" and leg[0] <= AT_THE_MONEY],
        ):
            for left, here, right in zip(smile, smile[1:], smile[2:], strict=False):
                solved.append(abs(iv[here] - (iv[left] + iv[right]) / 2))
                between_sent.append(abs(iv[here] - (sent[left] + sent[right]) / 2))
    assert len(solved) > 288 * 5
    assert max(solved) < 0.15
    assert median(solved) < 0.02
    assert median(between_sent) > 0.3
