"""The exchange moves expiries: what the recorder asks, and what readers are told, over HTTP."""

from datetime import date, timedelta

import pytest

from local.nse_simulator.faults import CHAIN, CONTRACTS
from optionchain.mongo.listing_register import ListingRegister
from tests.integration.conftest import SceneAt
from tests.support.api import client, read
from tests.support.histories import iso
from tests.support.moving_market import MovingMarket
from tests.support.nse_client import KINDS
from tests.support.scripted_nse import NOON, Scene

NIFTY = "/option-chain/NIFTY"
ONE_SYMBOL = {"nse_symbols": ("NIFTY",)}
TUESDAY, LATER = date(2026, 9, 22), date(2026, 9, 29)
EARLIER, MOVED = date(2026, 9, 21), date(2026, 9, 24)


def market_of(here: Scene) -> MovingMarket:
    market = here.exchange.market
    assert isinstance(market, MovingMarket)
    return market


@pytest.mark.parametrize("moved", [EARLIER, MOVED])
def test_a_moved_expiry_is_the_nearest_within_two_ticks(scene_at: SceneAt, moved: date) -> None:
    def market(clock):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return MovingMarket(clock=clock.true, tick_seconds=1)

    with scene_at(NOON, market, **ONE_SYMBOL) as here, here.recorder() as recorder:
        market_of(here).listed = (TUESDAY, LATER)
        api = client(here.database, here.clock.now, here.settings)
        recorder.work(13)
        before = here.clock.now() - timedelta(seconds=1)
        assert read(api, NIFTY)["expiry_date"] == "22-Sep-2026"
        market_of(here).listed = (moved, LATER)
        found, then = recorder.work(2)
        assert (found["outcome"], found["reason"]) == ("failed", "empty")
        assert then["outcome"] == "stored"
        latest = read(api, NIFTY)
        assert (latest["expiry_date"], latest["gap"]) == (f"{moved:%d}-Sep-2026", False)
        assert latest["age_seconds"] <= 5
        assert read(api, f"{NIFTY}/expiry-dates")["expiry_dates"][0] == f"{moved:%d}-Sep-2026"
        past = read(api, NIFTY, as_of=iso(before))
        assert past["expiry_date"] == "22-Sep-2026"
        assert read(api, NIFTY, expiry="22-Sep-2026")["expiry_date"] == "22-Sep-2026"


def test_a_second_environment_asks_nothing_that_the_first_one_knows(scene_at: SceneAt) -> None:
    symbols = ("NIFTY", "BANKNIFTY", "M&M", "IDEA")
    with scene_at(NOON, nse_symbols=symbols) as here:
        with here.recorder() as first:
            assert {entry["outcome"] for entry in first.work(2)} == {"stored"}
        assert (here.asked(CONTRACTS), here.asked(KINDS)) == (4, 1)
        chains = here.asked(CHAIN)
        with here.recorder() as second:
            assert {entry["outcome"] for entry in second.work(2)} == {"stored"}
        assert (here.asked(CONTRACTS), here.asked(KINDS)) == (4, 1)
        assert here.asked(CHAIN) == 2 * chains
        assert set(ListingRegister(here.database).newest()) == set(symbols)
