"""The trading day before that of a tick."""

from datetime import date, timedelta

import pytest

from chain_api.calculations.trading_days import end_of_trading_day_before
from optionchain.market import Market
from tests.support.histories import ist

CLOSED = Market(holidays=frozenset(date(2026, 6, day) for day in range(1, 31)))


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (date(2026, 6, 19), "09:15", date(2026, 6, 18)),
        (date(2026, 6, 19), "00:00", date(2026, 6, 18)),
        (date(2026, 6, 19), "23:59:59", date(2026, 6, 18)),
        (date(2026, 6, 22), "10:00", date(2026, 6, 19)),  # a Monday
        (date(2026, 6, 21), "10:00", date(2026, 6, 19)),  # a Sunday
        (date(2026, 6, 29), "10:00", date(2026, 6, 25)),  # the Friday before is a holiday
    ],
)
def test_it_ends_at_its_last_millisecond(day: date, clock: str, expected: date) -> None:
    end = end_of_trading_day_before(Market(), ist(day, clock))
    assert end == ist(expected, "23:59:59.999")


def test_in_a_market_that_never_closes_it_is_yesterday() -> None:
    end = end_of_trading_day_before(Market("always"), ist(date(2026, 6, 21), "10:00"))
    assert end == ist(date(2026, 6, 20), "23:59:59.999")


def test_after_a_break_longer_than_any_it_is_the_day_before() -> None:
    end = end_of_trading_day_before(CLOSED, ist(date(2026, 6, 30), "10:00"))
    assert end == ist(date(2026, 6, 30), "00:00") - timedelta(milliseconds=1)
