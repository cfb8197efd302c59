"""Which symbols a plan has, in which tier, and when their ticks are due."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from optionchain.rhythm import Rhythm
from optionchain.settings import Settings
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_plan import SymbolPlan, make_plan
from optionchain.symbol_selection import BASE_TIER, select, selection_of, tiers_of

MONDAY = date(2026, 11, 30)
NOON = datetime(2026, 11, 30, 6, 30, tzinfo=UTC)


def a_list(*listed: ListedSymbol) -> SymbolList:
    return SymbolList(MONDAY, NOON, "nse", {each.symbol: each for each in listed})


LISTED = a_list(
    ListedSymbol("RELIANCE", "stock", MONDAY, expiries=3, traded=9e9),
    ListedSymbol("IDEA", "stock", MONDAY, expiries=2, traded=1e9),
    ListedSymbol("NIFTY", "index", MONDAY, expiries=18, traded=9e12),
    ListedSymbol("M&M", "stock", MONDAY),
)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("NIFTY,IDEA", ["NIFTY", "IDEA"]),
        ("ALL", ["NIFTY", "IDEA", "M&M", "RELIANCE"]),
        ("ALL,-IDEA", ["NIFTY", "M&M", "RELIANCE"]),
        ("STOCKS", ["IDEA", "M&M", "RELIANCE"]),
        ("ALL,-STOCKS", ["NIFTY"]),
        ("RELIANCE,INDICES", ["RELIANCE", "NIFTY"]),
        ("INDICES,NEWNAME", ["NEWNAME", "NIFTY"]),
    ],
)
def test_a_selection_is_of_the_listed_symbols(text: str, symbols: list[str]) -> None:
    assert list(select(selection_of(text), LISTED.kinds)) == symbols


def test_the_first_tier_that_has_a_symbol_counts() -> None:
    tiers = tiers_of("LIQUID1=15,STOCKS=60")
    plan = make_plan(Settings(nse_symbols=("ALL",), nse_tiers=tiers), LISTED)
    found = {symbol: (each.tier, each.rhythm.interval) for symbol, each in plan.by_symbol.items()}
    assert found == {
        "NIFTY": (BASE_TIER, 5),
        "RELIANCE": ("LIQUID1", 15),
        "IDEA": ("STOCKS", 60),
        "M&M": ("STOCKS", 60),
    }


def test_a_tick_takes_the_nearest_expiries_and_one_of_the_others() -> None:
    plan = make_plan(Settings(nse_symbols=("ALL",), nse_expiries=2), LISTED)
    requests = {symbol: each.requests for symbol, each in plan.by_symbol.items()}
    assert requests == {"NIFTY": 3, "RELIANCE": 3, "IDEA": 2, "M&M": 3}


@pytest.mark.parametrize("text", ["STOCKS=7", "STOCKS=0", "STOCKS", "A=5,A=10", "=5", "A=-5"])
def test_a_tier_without_a_divisor_of_a_minute_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        tiers_of(text)


def test_the_ticks_of_a_rhythm_lie_its_offset_after_the_grid() -> None:
    rhythm = Rhythm(15, 5)
    at = timedelta(seconds=1)
    assert [second for second in range(60) if rhythm.has(NOON + second * at)] == [5, 20, 35, 50]
    assert rhythm.newest(NOON + 19 * at) == NOON + 5 * at


def market(**changes: Any) -> tuple[Settings, SymbolList]:  # noqa: ANN401
    """The exchange's 5 indices and 208 stocks, in tiers of 5, 15 and 60 s unless changed."""
    indices = [ListedSymbol(f"I{at}", "index", MONDAY, expiries=6) for at in range(5)]
    stocks = [
        ListedSymbol(f"S{at}", "stock", MONDAY, expiries=3, traded=1e9 - at) for at in range(208)
    ]
    tiers = tiers_of("INDICES=5,LIQUID50=15,STOCKS=60")
    settings = Settings(nse_symbols=("ALL",), nse_tiers=tiers, nse_max_requests_per_second=20)
    return replace(settings, **changes), a_list(*indices, *stocks)


def requests_at(plan: SymbolPlan, second: int, symbols: Iterable[str] | None = None) -> int:
    at = NOON + timedelta(seconds=second)
    wanted = [plan.by_symbol[name] for name in symbols or plan.symbols]
    return sum(each.requests for each in wanted if each.rhythm.has(at))


def test_each_tick_of_the_grid_has_about_as_many_requests() -> None:
    plan = make_plan(*market())
    ticks = [requests_at(plan, second) for second in range(0, 60, 5)]
    assert sum(ticks) == 12 * 5 * 3 + 4 * 50 * 3 + 158 * 3
    assert max(ticks) <= 1.15 * sum(ticks) / 12
    assert {each.rhythm.offset % 5 for each in plan.by_symbol.values()} == {0}


@pytest.mark.parametrize("groups", [2, 3, 4, 8])
def test_each_group_has_its_share_of_each_tick(groups: int) -> None:
    plan = make_plan(*market())
    shares = [plan.share(group, groups) for group in range(1, groups + 1)]
    assert sorted(chain(*shares)) == sorted(plan.symbols)
    for share in shares:
        ticks = [requests_at(plan, second, share) for second in range(0, 60, 5)]
        assert sum(ticks) <= 1.1 * (12 * 5 * 3 + 4 * 50 * 3 + 158 * 3) / groups + 12 * 3
        assert max(ticks) <= sum(ticks) / 12 + 4 * 3


@pytest.mark.parametrize(
    ("symbols", "interval", "budget", "addresses", "slots"),
    [
        (2, 60, 3, 1, 1),  # 6 requests are sent in 2 seconds
        (5, 60, 3, 1, 1),
        (6, 60, 3, 1, 12),  # 18 take more than 5 seconds
        (6, 60, 3, 2, 1),
        (60, 12, 3, 1, 2),  # 5 seconds do not divide 12, and 6 do
        (60, 6, 3, 1, 1),
        (60, 5, 3, 1, 1),
    ],
)
def test_symbols_of_one_interval_are_spread_if_a_tick_has_too_many(
    symbols: int, interval: int, budget: int, addresses: int, slots: int
) -> None:
    settings = Settings(
        nse_symbols=tuple(f"S{number}" for number in range(symbols)),
        nse_fetch_interval=interval,
        nse_max_requests_per_second=budget,
        nse_addresses=addresses,
    )
    rhythms = {each.rhythm for each in make_plan(settings).by_symbol.values()}
    offsets = {rhythm.offset for rhythm in rhythms}
    assert offsets <= {number * interval // slots for number in range(slots)}
    assert (len(offsets) > 1) == (slots > 1)


def test_a_new_symbol_changes_the_rhythm_of_few() -> None:
    settings, listed = market()
    before = make_plan(settings, listed)
    newcomer = ListedSymbol("NEW", "stock", MONDAY, expiries=3)
    after = make_plan(settings, replace(listed, symbols={**listed.symbols, "NEW": newcomer}))
    moved = [name for name in before.symbols if before.rhythm_of(name) != after.rhythm_of(name)]
    assert len(moved) <= 6
