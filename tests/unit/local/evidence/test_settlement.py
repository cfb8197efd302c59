"""What an evening rewrites, and what the next day counts from, on chains made here."""

from datetime import UTC, date, datetime

import pytest

from local.evidence.captures import Chain, Contract
from local.evidence.settlement import Matches, bases, previous_closes, rewrite
from tests.support.snapshots import quote

EXPIRY = date(2026, 6, 23)
STAMP = datetime(2026, 6, 19, 10, 10, tzinfo=UTC)


def chain(underlying: float, **calls: dict[str, float | None]) -> Chain:
    """Return a chain of calls, named by their strikes: `k24000={...}`."""
    quotes = {
        Contract(EXPIRY, float(name[1:]), "CE"): quote("CE", float(name[1:]), **numbers)
        for name, numbers in calls.items()
    }
    return Chain(STAMP, underlying, quotes)


def test_rewrite_counts_each_number_by_itself() -> None:
    before = chain(
        24_010.0,
        k24000={"open_interest": 1_000, "last_price": None, "total_traded_volume": 0},
        k24050={"open_interest": 500, "last_price": 20.0, "implied_volatility": 11.0},
        k24100={"open_interest": 500},
    )
    after = chain(
        24_000.0,
        k24000={"open_interest": 900, "last_price": 55.0, "total_traded_volume": 0},
        k24050={"open_interest": 500, "last_price": 21.0, "implied_volatility": 12.0},
        k24100={"open_interest": 500},
        k24150={},
    )
    found = rewrite(before, after)
    assert (found.contracts, found.open_interest, found.volume, found.quotes) == (3, 1, 0, 0)
    assert (found.last_price, found.filled, found.volatility) == (2, 1, 1)
    assert (found.underlying_before, found.underlying_after) == (24_010.0, 24_000.0)
    assert found.percent == pytest.approx(-5.0)


def test_base_is_compared_where_there_is_a_change() -> None:
    settled = chain(0, k24000={"open_interest": 10 / 3}, k24050={"open_interest": 7}, k24100={})
    next_day = chain(
        0,
        k24000={"open_interest": 16 / 3, "change_in_oi": 2},
        k24050={"open_interest": 9, "change_in_oi": 1},
        k24100={"change_in_oi": 0},
        k24150={"change_in_oi": 5},
    )
    assert bases(settled, next_day) == Matches(equal=1, compared=2)


def test_previous_close_is_compared_where_both_days_have_trades() -> None:
    before = chain(
        0,
        k24000={"last_price": 100.0},
        k24050={"last_price": 80.0},
        k24100={"last_price": 60.0, "total_traded_volume": 0},
    )
    after = chain(
        0,
        k24000={"last_price": 110.0, "change": 10.0},
        k24050={"last_price": 90.0, "change": 11.0},
        k24100={"last_price": 70.0, "change": 10.0},
    )
    assert previous_closes(before, after) == Matches(equal=1, compared=2)
