"""What the simulated exchange lists: the whole market, and symbols that come and go."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from local.nse_simulator.app import ANSWERS
from local.nse_simulator.faults import CHAIN, UNDERLYINGS, Fault
from local.nse_simulator.feed import ExchangeFeed
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.listing import Listing
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.v3_format import JsonObject

NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)  # a Wednesday
TODAY = date(2026, 9, 16)


def market(listing: Listing | None = None) -> SimulatedMarket:
    return SimulatedMarket(clock=lambda: NOON, hours="exchange", listing=listing)


def answer(
    path: str, market: SimulatedMarket, query: Mapping[str, str], fault: Fault | None = None
) -> JsonObject:
    scope = {"type": "http", "query_string": urlencode(query).encode(), "fault": fault}
    return ANSWERS[path](market, Request(scope | {"headers": []}))


def test_the_whole_market_has_the_size_of_the_real_one() -> None:
    whole = market(Listing(long_dated=True))
    kinds = Counter(whole.symbols().values())
    assert kinds == {"Indices": 5, "Equity": 208}
    contracts = Counter(item.symbol for item, _, _ in ExchangeFeed(whole).listed())
    assert sum(contracts.values()) == pytest.approx(27_800, rel=0.01)
    stocks = [count for symbol, count in contracts.items() if whole.symbols()[symbol] == "Equity"]
    assert sum(stocks) / len(stocks) == pytest.approx(110, rel=0.15)
    assert [len(whole.expiries(symbol)) for symbol in ("NIFTY", "BANKNIFTY", "TCS")] == [18, 6, 3]
    assert contracts["NIFTY"] == pytest.approx(1410, rel=0.1)


def test_every_instrument_can_be_traded() -> None:
    for item in INSTRUMENTS.values():
        assert item.strikes[0] > 0, item
        assert item.lot > 0 < item.interest, item
        assert item.strikes[0] < item.price < item.strikes[-1], item
        assert 300_000 < item.price * item.lot < 2_000_000, item


def test_far_series_change_no_number_of_the_near_ones() -> None:
    near, whole = market(), market(Listing(long_dated=True))
    expiries = near.expiries("NIFTY")
    assert whole.expiries("NIFTY")[: len(expiries)] == expiries
    ours, theirs = (each.chain("NIFTY", expiries[0], NOON) for each in (near, whole))
    assert ours["records"]["data"] == theirs["records"]["data"]


def test_a_symbol_is_new_on_its_day_and_another_one_goes() -> None:
    then = {"TCS": TODAY, "WIPRO": date(2026, 9, 17)}
    changed = market(Listing(since=then, until={"IDEA": TODAY, "INFY": date(2026, 9, 17)}))
    lost = market().symbols().keys() - changed.symbols().keys()
    assert lost == {"WIPRO", "IDEA"}
    expiry = changed.expiries("TCS")[0]
    rows = changed.chain("TCS", expiry)["records"]["data"]
    assert {row["CE"]["changeinOpenInterest"] for row in rows} == {0}, "it had no day before"
    assert not changed.expiries("IDEA")
    assert not changed.chain("IDEA", expiry)["records"]["data"]
    asked = {"type": "Equity", "symbol": "IDEA", "expiry": "29-Sep-2026"}
    assert answer(CHAIN, changed, asked) == {}
    assert answer(CHAIN, market(), asked)["records"]["data"]


def test_a_list_of_underlyings_can_lack_each_second_stock() -> None:
    fault = Fault.model_validate({"kind": "lost_symbols"})
    assert fault.covers(UNDERLYINGS, "")
    whole, part = (answer(UNDERLYINGS, market(), {}, each)["data"] for each in (None, fault))
    assert whole["IndexList"] == part["IndexList"]
    assert (len(whole["UnderlyingList"]), len(part["UnderlyingList"])) == (208, 104)
