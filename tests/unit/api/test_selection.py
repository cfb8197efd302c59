"""Which contracts a request selects, and which strikes are around the money."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.parameters.selection import Selection, around_the_money
from chain_api.problems.catalogue import Problem
from optionchain.snapshot import Snapshot
from tests.support.api import CHAIN, client, commit, read
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import snapshot

ALL_CONDITIONS = {
    "type": "PE",
    "strike_price": {"$gte": 1.0, "$lte": 2.0},
    "open_interest": {"$gte": 3.0},
    "total_traded_volume": {"$gte": 4.0},
}
STRIKES = [23900.0, 23950.0, 24000.0, 24050.0, 24100.0]


@pytest.mark.parametrize(("selection", "where"), [
    (Selection(), {}),
    (Selection("CE"), {"type": "CE"}),
    (Selection(strike_min=1.0), {"strike_price": {"$gte": 1.0}}),
    (Selection(strike_max=2.0), {"strike_price": {"$lte": 2.0}}),
    (Selection(None, 2.0, 2.0), {"strike_price": {"$gte": 2.0, "$lte": 2.0}}),
    (Selection(strike_min=0.0), {"strike_price": {"$gte": 0.0}}),
    (Selection(min_open_interest=0.0), {"open_interest": {"$gte": 0.0}}),
    (Selection(min_volume=3.0), {"total_traded_volume": {"$gte": 3.0}}),
    (Selection("PE", 1.0, 2.0, None, 3.0, 4.0), ALL_CONDITIONS),
])  # fmt: skip
def test_a_selection_becomes_conditions(selection: Selection, where: dict[str, Any]) -> None:
    assert selection.conditions() == where


def test_strikes_around_the_money_are_a_further_condition() -> None:
    where = Selection(None, 23950.0, 24050.0).conditions([24000.0, 24100.0])
    assert where == {"strike_price": {"$gte": 23950.0, "$lte": 24050.0, "$in": [24000.0, 24100.0]}}
    assert Selection().conditions([]) == {"strike_price": {"$in": []}}


def test_a_low_bound_above_the_high_one_is_refused_by_its_name() -> None:
    with pytest.raises(Problem) as caught:
        Selection(strike_min=2.0, strike_max=1.0, low_name="low", high_name="high")
    assert caught.value.status == 422
    assert caught.value.detail == "low: must not be above high (1.0)"


@pytest.mark.parametrize(("underlying", "each_side", "expected"), [
    (24001.0, 0, [24000.0]),
    (24001.0, 1, [23950.0, 24000.0, 24050.0]),
    (24001.0, 500, STRIKES),
    (24025.0, 0, [24000.0]),  # of two equally near, the lower
    (24025.1, 0, [24050.0]),
    (1.0, 1, [23900.0, 23950.0]),
    (1e9, 1, [24050.0, 24100.0]),
])  # fmt: skip
def test_the_strike_nearest_to_the_underlying_and_its_neighbours(
    underlying: float, each_side: int, expected: list[float]
) -> None:
    assert around_the_money(STRIKES, underlying, each_side) == expected


def test_without_strikes_or_an_underlying_value_nothing_is_at_the_money() -> None:
    assert around_the_money([], 24000.0, 3) == []
    with pytest.raises(Problem) as caught:
        around_the_money(STRIKES, None, 3)
    assert (caught.value.status, caught.value.extra["field"]) == (422, "strikes_around_atm")
    assert "no underlying value" in caught.value.detail


@given(
    strikes=st.lists(st.floats(0, 1e6), min_size=1, max_size=30, unique=True).map(sorted),
    underlying=st.floats(0, 1e6),
    each_side=st.integers(0, 40),
)
def test_the_window_has_neighbouring_strikes_and_the_nearest_one(
    strikes: list[float], underlying: float, each_side: int
) -> None:
    window = around_the_money(strikes, underlying, each_side)
    begin = strikes.index(window[0])
    assert window == strikes[begin : begin + len(window)]
    assert len(window) <= 2 * each_side + 1
    nearest = min(abs(strike - underlying) for strike in strikes)
    assert nearest in [abs(strike - underlying) for strike in window]


def with_forward(underlying: float | None) -> Snapshot:
    """Return a chain whose quotes show a forward of about 24,060: calls dearer by K to there."""
    chain = snapshot(STRIKES, underlying=underlying)
    quotes = []
    for each in chain.quotes:
        bid = 300.0 + (24_060.0 - each.strike_price if each.side == "CE" else 0.0)
        quotes.append(each._replace(bid_price=bid, ask_price=bid + 1))
    return replace(chain, quotes=tuple(quotes))


@uses_mongomock
@pytest.mark.parametrize("rate", [5.5, None])
@pytest.mark.parametrize(("underlying", "expected"), [
    (24_001.0, 24_000.0), (0.0, 24_050.0), (None, 24_050.0),
])  # fmt: skip
def test_window_is_around_the_strike_at_the_money_of_analytics(
    underlying: float | None, expected: float, rate: float | None
) -> None:
    """Whether or not the exchange sent a price, and whether or not the header holds analytics."""
    database = memory_database()
    commit(database, with_forward(underlying), rate=rate)
    api = client(database)
    assert read(api, f"{CHAIN}/analytics")["atm_strike"] == expected
    chain = read(api, CHAIN, strikes_around_atm=0)
    assert {row["strike_price"] for row in chain["calls"] + chain["puts"]} == {expected}
