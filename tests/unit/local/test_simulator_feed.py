"""The simulated exchange in shares: its feed, its daily file, and the files of the vendors."""

import csv
import gzip
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import orjson
import pytest

from chain_fetch.nse.bhavcopy import read_bhavcopy
from chain_fetch.nse.bhavcopy_zip import bhavcopy_name
from local.dhan_simulator.faults import SCRIP_MASTER
from local.dhan_simulator.instruments import COLUMNS
from local.dhan_simulator.vendor import SimulatedDhan
from local.nse_simulator import archive
from local.nse_simulator.contract_ids import series_of
from local.nse_simulator.feed import ExchangeFeed, FeedLeg
from local.nse_simulator.listing import Listing
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.trading_hours import Hours
from local.nse_simulator.v3_format import IST, SIDES, Side
from local.upstox_simulator.vendor import INSTRUMENTS_FILE, SimulatedUpstox
from local.vendor_simulator.greeks import greeks_of
from local.vendor_simulator.limits import Limits

# In India: noon of a Thursday whose chains stand on both sides of a year, so with two lots.
NOON = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
FIRST, NEXT_YEAR = date(2026, 12, 1), date(2027, 2, 23)


# The whole market has more contracts than these tests need.
LISTING = Listing(symbols=("NIFTY", "BANKNIFTY", "RELIANCE", "M&M", "BAJAJ-AUTO", "IDEA"))


def feed(hours: Hours = "exchange") -> ExchangeFeed:
    return ExchangeFeed(SimulatedMarket(clock=lambda: NOON, hours=hours, listing=LISTING))


def exchange_legs(feed: ExchangeFeed, symbol: str, expiry: date) -> dict[tuple[float, Side], Any]:
    rows = feed.market.chain(symbol, expiry)["records"]["data"]
    return {
        (row["strikePrice"], side): row[side]
        for row in rows
        for side in SIDES
        if row[side]["identifier"]
    }


def legs(feed: ExchangeFeed, symbol: str, expiry: date) -> dict[tuple[float, Side], FeedLeg]:
    rows = feed.chain(symbol, expiry).rows
    return {(strike, side): leg for strike, row in rows.items() for side, leg in row.items()}


@pytest.mark.parametrize("hours", ["always", "exchange"])
@pytest.mark.parametrize(
    ("symbol", "expiry", "lot"),
    [("NIFTY", FIRST, 65), ("NIFTY", NEXT_YEAR, 75), ("BANKNIFTY", NEXT_YEAR, 30)],
)
def test_a_vendor_has_the_exchange_s_contracts_in_shares(
    hours: Hours, symbol: str, expiry: date, lot: int
) -> None:
    vendor = feed(hours)
    sent, received = exchange_legs(vendor, symbol, expiry), legs(vendor, symbol, expiry)
    assert sent.keys() == received.keys()
    for contract, leg in received.items():
        of_exchange = sent[contract]
        assert leg.interest == of_exchange["openInterest"] * lot
        assert leg.volume == of_exchange["totalTradedVolume"] * lot
        assert (leg.last, leg.bid, leg.ask) == (
            of_exchange["lastPrice"],
            of_exchange["buyPrice1"],
            of_exchange["sellPrice1"],
        )
        assert leg.bid_quantity == of_exchange["buyQuantity1"]
        assert leg.bid_quantity % lot == leg.ask_quantity % lot == 0
        if leg.last:
            assert leg.last - leg.close == of_exchange["change"]
        if leg.interest_before:
            change = (leg.interest - leg.interest_before) // lot
            assert change == of_exchange["changeinOpenInterest"]


def test_a_contract_that_is_new_today_has_nothing_before() -> None:
    vendor, day_before = feed(), datetime(2026, 11, 25, 12, tzinfo=UTC)
    before = ExchangeFeed(SimulatedMarket(clock=lambda: day_before, hours="exchange"))
    sent, received = exchange_legs(vendor, "NIFTY", FIRST), legs(vendor, "NIFTY", FIRST)
    new = received.keys() - legs(before, "NIFTY", FIRST).keys()
    assert 0 < len(new) < len(received) / 4
    assert {sent[contract]["changeinOpenInterest"] for contract in new} == {0}
    nothing = {
        (received[contract].interest_before, received[contract].volume_before) for contract in new
    }
    assert nothing == {(0, 0)}


def test_a_series_that_is_new_today_is_in_the_lists_before_the_opening() -> None:
    """A vendor's file of the morning has the contracts of the day, and no number of them."""
    morning = datetime(2026, 9, 16, 9, 10, tzinfo=IST)
    vendor = ExchangeFeed(SimulatedMarket(clock=lambda: morning, hours="exchange"))
    new = date(2026, 10, 19)
    assert not vendor.chain("NIFTY", new).rows
    assert len(vendor.contracts("NIFTY", new)) > 50
    assert new in {expiry for item, expiry, _ in vendor.listed() if item.symbol == "NIFTY"}


def test_each_contract_has_a_number_of_its_own() -> None:
    listed = {leg.id: (item.symbol, expiry) for item, expiry, leg in feed().listed()}
    assert len(listed) == len(list(feed().listed())) > 1_000
    assert all(series_of(number) == series for number, series in listed.items())
    assert series_of(10**12) is None


def test_the_instruments_of_upstox_say_the_lot_of_each_expiry() -> None:
    vendor = feed()
    file = SimulatedUpstox(vendor).files[INSTRUMENTS_FILE]()
    rows = orjson.loads(gzip.decompress(file))
    options = [row for row in rows if row.get("instrument_type") in SIDES]
    lots = {(row["underlying_symbol"], row["expiry"]): row["lot_size"] for row in options}
    assert len(options) == len(list(vendor.listed()))
    assert lots["NIFTY", 1_796_149_799_000] == 65  # 1 Dec 2026 23:59:59 in India
    assert {lot for (symbol, _), lot in lots.items() if symbol == "NIFTY"} == {65, 75}
    assert {row["tick_size"] for row in options} == {5.0}
    assert {
        len({row["underlying_key"] for row in options if row["underlying_symbol"] == symbol})
        for symbol in LISTING.symbols
    } == {1}
    assert {row["instrument_type"] for row in rows} == {"INDEX", "EQ", "FUT", "CE", "PE"}


def test_the_scrip_master_of_dhan_says_the_lot_of_each_expiry() -> None:
    vendor = feed()
    text = SimulatedDhan(vendor).files[SCRIP_MASTER]().decode()
    assert text.startswith(COLUMNS)
    assert all(line.endswith(",") for line in text.splitlines())
    rows = list(csv.DictReader(StringIO(text)))
    options = [row for row in rows if row["OPTION_TYPE"] in SIDES]
    lots = {(row["UNDERLYING_SYMBOL"], row["SM_EXPIRY_DATE"]): row["LOT_SIZE"] for row in options}
    assert lots["NIFTY", str(FIRST)] == "65.0"
    assert lots["NIFTY", str(NEXT_YEAR)] == "75.0"
    assert len(options) == len(list(vendor.listed())) + 1, "and one that has ended"
    assert {len(line.split(",")) for line in text.splitlines()} == {19}


def test_greeks_without_a_volatility_are_those_of_the_payoff() -> None:
    assert greeks_of("CE", 100, 90, 5, 0) == (1, 0, 0, 0)
    assert greeks_of("PE", 100, 110, 5, 0) == (-1, 0, 0, 0)
    assert greeks_of("PE", 100, 90, 5, 0).delta == 0
    near = greeks_of("CE", 100, 100, 30, 20)
    assert near.delta == pytest.approx(0.51, abs=0.01)
    assert near.theta < 0 < near.vega


def test_limits_hold_in_every_window_and_for_each_key() -> None:
    now = [0.0]
    limits = Limits([(2, 1), (3, 60)], lambda: now[0])
    assert [limits.refuse("a") for _ in range(3)] == [False, False, True]
    assert not limits.refuse("b")
    now[0] = 1.0
    assert [limits.refuse("a") for _ in range(2)] == [False, True]
    now[0] = 60.0
    assert not limits.refuse("a")


# The exchange's daily file.


def bhavcopy(day: str, moment: str, hours: Hours = "exchange") -> bytes | None:
    now = datetime.fromisoformat(moment).replace(tzinfo=IST)
    market = SimulatedMarket(clock=lambda: now, hours=hours, listing=LISTING)
    parts = archive.file_of(market, bhavcopy_name(date.fromisoformat(day)))
    return None if parts is None else b"".join(parts)


def test_the_daily_file_is_the_settled_chains_in_shares() -> None:
    content = bhavcopy("2026-11-26", "2026-11-27T09:00")
    assert content
    read = read_bhavcopy(bhavcopy_name(date(2026, 11, 26)), content)
    assert not read.doubts
    evening = datetime(2026, 11, 26, 16, tzinfo=UTC)
    market = SimulatedMarket(clock=lambda: evening, hours="exchange", listing=LISTING)
    settled = ExchangeFeed(market)
    expected = {
        (symbol, expiry, strike, side): (leg.interest, item.lot_of(expiry))
        for symbol, item in settled.symbols().items()
        for expiry in market.expiries(symbol)
        for (strike, side), leg in legs(settled, symbol, expiry).items()
    }
    assert {
        (row.symbol, row.expiry, row.strike_price, row.side): (row.open_interest, row.lot_size)
        for row in read.rows
    } == expected
    assert sum(row.volume for row in read.rows) > 0 < sum(row.change_in_oi > 0 for row in read.rows)


@pytest.mark.parametrize(
    ("day", "moment", "hours", "there"),
    [
        ("2026-11-26", "2026-11-26T17:00", "exchange", False),
        ("2026-11-26", "2026-11-26T19:20", "exchange", True),
        ("2026-11-28", "2026-11-29T12:00", "exchange", False),
        ("2026-11-28", "2026-11-29T12:00", "always", True),
        ("2026-11-29", "2026-11-29T12:00", "always", False),
    ],
    ids=["not yet", "in the evening", "a Saturday", "a market without a weekend", "not over"],
)
def test_the_daily_file_is_there_once_the_day_is_over(
    day: str, moment: str, hours: Hours, there: bool
) -> None:
    assert (bhavcopy(day, moment, hours) is not None) is there


def test_on_the_last_day_a_series_is_settled_at_the_price_of_the_underlying() -> None:
    content = bhavcopy("2026-12-01", "2026-12-02T09:00") or b""
    rows = read_bhavcopy(bhavcopy_name(date(2026, 12, 1)), content, {"NIFTY"}).rows
    ended = [row for row in rows if row.expiry == row.actual_expiry == date(2026, 12, 1)]
    assert {row.settlement_price for row in ended} == {row.underlying_value for row in ended}
