"""Rank and percentile say where a volatility stands among the recorded days before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.calculations.iv_standing import LEAST_DAYS, MOST_DAYS, IvStanding, iv_standing


@pytest.mark.parametrize(("now", "rank", "percentile"), [
    (15.0, 25.0, 25.0),
    (10.0, 0.0, 0.0),
    (50.0, 100.0, 100.0),
    (5.0, 0.0, 0.0),
])  # fmt: skip
def test_rank_is_within_the_range_and_percentile_counts_days(
    now: float, rank: float, percentile: float
) -> None:
    past = [10.0, 20.0, 25.0, 30.0] * 10
    assert iv_standing(now, past) == IvStanding(40, rank, percentile)


def test_too_few_days_have_no_standing() -> None:
    past = [None, *map(float, range(LEAST_DAYS - 1))]
    assert iv_standing(5.0, past) == (LEAST_DAYS - 1, None, None, "too_few_days")


def test_one_value_has_a_percentile_and_no_rank() -> None:
    assert iv_standing(10.0, [10.0] * 30) == (30, None, 0.0, "one_value")


def test_days_longer_ago_than_a_year_do_not_count() -> None:
    recent = [20.0 + day for day in range(MOST_DAYS)]
    assert iv_standing(30.0, [1.0, 999.0, *recent]) == iv_standing(30.0, recent)


@given(st.floats(0.1, 500), st.lists(st.none() | st.floats(0.1, 500), max_size=300))
def test_standing_is_between_0_and_100(now: float, past: list[float | None]) -> None:
    found = iv_standing(now, past)
    assert all(0 <= each <= 100 for each in (found.rank, found.percentile) if each is not None)
