"""The preflight of the request budget: all groups of symbols share it."""

import pytest

from local.preflight.budget_checks import budget_fits
from local.preflight.finding import Finding
from optionchain.symbol_list import ListedSymbol, SymbolList
from tests.support.snapshots import TICK

UPSTOX = {"Source": "upstox"}
TWENTY = {"Symbols": ",".join(f"S{number}" for number in range(20))}
ALL = {"Symbols": "ALL", "FetchInterval": "60"}
TIERS = {"Symbols": "ALL", "Tiers": "INDICES=5,LIQUID50=15,STOCKS=60"}


def test_the_plan_of_a_deployment_is_told() -> None:
    assert budget_fits(UPSTOX) == Finding(
        "ok",
        "budget",
        "upstox: 2 symbols x 2 nearest expiries each 5 s, and 1.27 further in rotation; 5.27 fit",
    )
    both = budget_fits({"Source": "upstox,nse", "Expiries": "1"})
    assert (both.level, both.text.count("nearest expiry each 5 s")) == ("ok", 2)


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        (TWENTY | {"FetchInterval": "10"}, "in turns: each is read every 13.33 s"),
        (
            ALL | {"Groups": "4", "Addresses": "4"},
            (
                "nse: 213 symbols x 2 nearest expiries each 60 s in 4 groups from 4 addresses, and "
                "213 further in rotation; 720 fit; assumed that 213 symbols are listed"
            ),
        ),
        (
            TIERS | {"Groups": "5", "Addresses": "5"},
            "each 5 s (5 INDICES), 15 s (50 LIQUID50), 60 s (158 STOCKS) in 5 groups",
        ),
        (
            TWENTY | {"Tiers": "INDICES=5,STOCKS=60"},  # which are named are stocks
            "20 symbols x 2 nearest expiries each 60 s (20 STOCKS), and 1.66 further",
        ),
        ({"Symbols": "INDICES", "Groups": "2"}, "5 symbols x 2 nearest expiries each 5 s in 2 gro"),
    ],
)
def test_what_the_exchanges_site_carries_is_told(parameters: dict[str, str], told: str) -> None:
    found = budget_fits(parameters)
    assert (found.level, told in found.text) == ("ok", True), found


def test_a_list_of_the_database_says_how_many_symbols_there_are() -> None:
    day = TICK.date()
    listed = {name: ListedSymbol(name, "stock", day) for name in ("SBIN", "TCS", "INFY")}
    found = budget_fits(ALL, SymbolList(day, TICK, "nse", listed))
    assert found.text.startswith("nse: 3 symbols x 2 nearest expiries each 60 s")
    assert "assumed" not in found.text


@pytest.mark.parametrize(
    ("parameters", "told", "remedy"),
    [
        (
            UPSTOX | {"Symbols": "NIFTY,BANKNIFTY,SBIN,TCS", "Groups": "2", "Addresses": "2"},
            "does not carry 4 symbols (NSE_SYMBOLS) x NSE_EXPIRIES=2 each 5 s",
            "Expiries=1 with FetchInterval=5, or Expiries=2 with FetchInterval=10",
        ),
        (
            UPSTOX | {"Symbols": ",".join(f"S{number}" for number in range(70))},
            "at most 63 symbols",
            "fewer Symbols",
        ),
        (
            TWENTY,
            "these are 40 chains, and in turns each is read every 13.33 s (3 requests in 1 s)",
            (
                "Expiries=1 with FetchInterval=10, or Expiries=2 with FetchInterval=15, or "
                "Groups=3 with Addresses=3"
            ),
        ),
        (
            ALL | {"Groups": "4"},  # which share one address
            "each is read every 142 s",
            "Groups=3 with Addresses=3",
        ),
        (
            TIERS | {"Groups": "2", "Addresses": "2"},
            "these are read: INDICES every 11.6",
            (
                "Expiries=1 with FetchInterval=6 and Tiers=INDICES=6,LIQUID50=30,STOCKS=60, or "
                "Groups=5 with Addresses=5"
            ),
        ),
        (
            {"Groups": "16", "FetchInterval": "5"},
            "does not carry 16 groups: 15 requests fit in a tick of 5 s from 1 address",
            "fewer Groups",
        ),
        ({"FetchInterval": "7"}, "NSE_FETCH_INTERVAL='7'", "correct it"),
        ({"Groups": "0"}, "Groups='0': must be a whole number from 1 to 20", "correct it"),
        ({"Source": "kite"}, "SOURCE='kite'", "correct it"),
    ],
)
def test_what_the_budget_does_not_carry_is_missing(
    parameters: dict[str, str], told: str, remedy: str
) -> None:
    found = budget_fits(parameters)
    assert (found.level, found.subject) == ("missing", "budget")
    assert told in found.text
    assert remedy in found.remedy
