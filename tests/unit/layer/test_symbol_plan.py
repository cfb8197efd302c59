"""Which symbols a plan has, in which tier, and when their ticks are due."""

from datetime import UTC, date, datetime, timedelta

import pytest

from optionchain.rhythm import Rhythm
from optionchain.settings import Settings
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_plan import make_plan
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
