"""What /health says of the list of symbols: what is new, what is doubtful, and where none is."""

from datetime import date, timedelta

import pytest

from chain_api.calculations.symbol_notices import (
    SymbolListState,
    symbol_list_notices,
    symbol_list_reasons,
    tier_notices,
)
from optionchain.market import Market
from optionchain.mongo.symbol_list_register import RejectedList, SymbolListRegister
from optionchain.settings import Settings
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_plan import make_plan
from optionchain.symbol_selection import Tier
from tests.support.api import NOW, client
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock
TODAY = date(2026, 6, 19)
OLD = TODAY - timedelta(days=1)
NIFTY = {"NIFTY": ListedSymbol("NIFTY", "index", TODAY)}
REJECTED = RejectedList(NOW, "nse", "it has no stock")


def a_list(day: date, added: tuple[str, ...] = (), removed: tuple[str, ...] = ()) -> SymbolList:
    return SymbolList(day, NOW, "nse", NIFTY, added, removed)


@pytest.mark.parametrize(
    ("state", "codes"),
    [
        (SymbolListState(needed=False), []),
        (SymbolListState(True, a_list(TODAY)), []),
        (SymbolListState(True, a_list(OLD)), ["symbol_list_old"]),
        (SymbolListState(True, a_list(OLD), REJECTED), ["symbol_list_rejected", "symbol_list_old"]),
        (
            SymbolListState(True, a_list(TODAY, ("A",), ("B",))),
            ["symbol_listed", "symbol_delisted"],
        ),
        (SymbolListState(True, None, REJECTED), ["symbol_list_rejected"]),
    ],
)
def test_what_is_new_or_doubtful_is_said(state: SymbolListState, codes: list[str]) -> None:
    assert [each["code"] for each in symbol_list_notices(state, Market(), NOW)] == codes


def test_an_old_list_is_no_news_while_the_market_is_closed() -> None:
    state = SymbolListState(True, a_list(OLD))
    assert symbol_list_notices(state, Market(), NOW - timedelta(hours=9)) == []


def test_of_many_symbols_all_are_sent_and_ten_are_told() -> None:
    many = tuple(f"S{number:02}" for number in range(45))
    (notice,) = symbol_list_notices(SymbolListState(True, a_list(TODAY, many)), Market(), NOW)
    assert notice["symbols"] == list(many)
    assert notice["detail"].endswith("S09 and 35 more")


def test_without_any_list_the_service_is_unhealthy() -> None:
    database = memory_database()
    api = client(database, settings=Settings(nse_symbols=("NIFTY", "STOCKS")))
    found = [each["code"] for each in api.get("/health").json()["reasons"]]
    assert "symbol_list_missing" in found
    SymbolListRegister(database).write(a_list(TODAY))
    listed = SymbolListState(True, SymbolListRegister(database).in_force(TODAY))
    assert symbol_list_reasons(listed) == []


def test_a_tier_without_a_symbol_is_named() -> None:
    """Before anything is recorded nobody knows which stocks trade most."""
    settings = Settings(
        nse_symbols=("NIFTY", "STOCKS"), nse_tiers=(Tier("LIQUID50", 15), Tier("STOCKS", 60))
    )
    listed = {"IDEA": ListedSymbol("IDEA", "stock", TODAY)}
    plan = make_plan(settings, SymbolList(TODAY, NOW, "nse", NIFTY | listed))
    found = tier_notices(settings.nse_tiers, plan)
    assert [(each["code"], each["tier"]) for each in found] == [("tier_empty", "LIQUID50")]
