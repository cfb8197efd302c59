"""The simulated market: repeatable, ticking, shaped like the exchange's and sane as a market."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import exp
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.listing import expiry_of, holiday_rows, is_trading_day, listed_expiries
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.pricing_model import CARRY, RATE
from local.nse_simulator.v3_format import IST, SIDES, JsonObject, day_digits, day_text, parse_day
from optionchain.holiday_list import Judgement, judge

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)  # 12:00 IST on a Wednesday
SYMBOLS = ["NIFTY", "BANKNIFTY", "RELIANCE", "M&M", "BAJAJ-AUTO", "IDEA"]

type Captured = Callable[[str], JsonObject]


def nearest(
    symbol: str = "NIFTY", instant: datetime = NOON, market: SimulatedMarket | None = None
) -> JsonObject:
    market = market or SimulatedMarket()
    return market.chain(symbol, market.expiries(symbol, instant)[0], instant)


def legs(body: JsonObject) -> dict[str, JsonObject]:
    rows = body["records"]["data"]
    return {row[s]["identifier"]: row[s] for row in rows for s in SIDES if row[s]["identifier"]}


def open_interest(body: JsonObject) -> int:
    return sum(body["filtered"][side]["totOI"] for side in SIDES)


def test_a_body_has_the_keys_of_a_captured_one(captured_body: Captured) -> None:
    theirs = captured_body("v3/nifty-23-jun-2026.captured-2026-06-19T1737.json.gz")
    ours = nearest()
    row, their_row = ours["records"]["data"][50], theirs["records"]["data"][50]
    for one, other in (
        (ours, theirs),
        (ours["records"], theirs["records"]),
        (ours["filtered"], theirs["filtered"]),
        (ours["filtered"]["CE"], theirs["filtered"]["CE"]),
        (row, their_row),
        (row["CE"], their_row["CE"]),
    ):
        assert one.keys() == other.keys()
    assert {type(s) for s in ours["records"]["strikePrices"]} == {str}


def test_january_s_spelling_and_an_absent_side_are_as_captured(captured_body: Captured) -> None:
    january_body = captured_body("v3/dialect-pchange-2026-01.trimmed.json")
    theirs = january_body["records"]["data"][0]["CE"]
    january = nearest(market=SimulatedMarket(spelling="2026-01"))["records"]["data"]
    assert {frozenset(row[side]) for row in january for side in SIDES} == {frozenset(theirs)}
    absent = captured_body("v3/absent-leg-2026-09.trimmed.json")
    rows = nearest()["records"]["data"]
    ours = [row[side] for row in rows for side in SIDES if row[side]["identifier"] is None]
    assert ours
    assert all(leg == absent for leg in ours)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_each_symbol_has_absent_sides_and_legs_without_price_volatility_or_bid(symbol: str) -> None:
    body = nearest(symbol)
    present = legs(body)
    assert 0 < len(present) < 2 * len(body["records"]["data"])
    for key in ("lastPrice", "impliedVolatility", "buyPrice1", "sellPrice1"):
        assert 0 < sum(leg[key] == 0 for leg in present.values()) < len(present), key


def test_filtered_repeats_the_rows_and_sums_them() -> None:
    body = nearest()
    assert body["filtered"]["data"] == body["records"]["data"]
    calls = [row["CE"]["openInterest"] for row in body["records"]["data"]]
    assert body["filtered"]["CE"]["totOI"] == sum(calls)


def test_the_same_seed_and_instant_give_the_same_body_also_in_another_process() -> None:
    assert nearest() == nearest(market=SimulatedMarket(seed=7))
    assert nearest() != nearest(market=SimulatedMarket(seed=8))
    market = SimulatedMarket()
    nearest(market=market)["records"]["data"].clear()
    assert nearest(market=market)["records"]["data"], "each body is a copy"
    program = (
        "import json, datetime as d; from local.nse_simulator.market import SimulatedMarket as M;"
        f"t = d.datetime.fromtimestamp({NOON.timestamp()}, d.UTC); m = M();"
        "print(json.dumps(m.chain('M&M', m.expiries('M&M', t)[0], t)))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True
    )
    assert json.loads(printed.stdout) == nearest("M&M")


def test_timestamp_and_content_tick_every_30_seconds() -> None:
    market = SimulatedMarket()
    first, same, following = (
        nearest(instant=NOON + timedelta(seconds=s), market=market) for s in (0, 29.9, 30)
    )
    assert first["records"]["timestamp"] == "16-Sep-2026 12:00:00"
    assert same == first
    assert following["records"]["timestamp"] == "16-Sep-2026 12:00:30"
    assert legs(following) != legs(first)
    assert market.previous("NIFTY", date(2026, 9, 22), NOON + timedelta(seconds=30)) == first


def test_the_clock_decides_when_no_instant_is_given() -> None:
    market = SimulatedMarket(clock=lambda: NOON)
    assert market.chain("NIFTY", market.expiries("NIFTY")[0]) == nearest()


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_volume_never_falls_in_a_day_and_starts_anew_at_midnight(symbol: str) -> None:
    market = SimulatedMarket()
    midnight = datetime(2026, 9, 16, tzinfo=IST)
    steps = [timedelta(seconds=0), *(timedelta(hours=h, seconds=37 * h) for h in range(1, 24, 2))]
    volumes = [
        {name: leg["totalTradedVolume"] for name, leg in legs(body).items()}
        for body in (nearest(symbol, midnight + step, market) for step in steps)
    ]
    assert set(volumes[0].values()) == {0}
    assert sum(volumes[-1].values()) > 0
    for earlier, later in pairwise(volumes):
        assert earlier.keys() <= later.keys()
        assert all(later[name] >= volume for name, volume in earlier.items())


def test_the_last_price_moves_only_with_volume() -> None:
    market = SimulatedMarket()
    before, after = (
        legs(nearest(instant=NOON + timedelta(seconds=s), market=market)) for s in (0, 30)
    )
    volume = "totalTradedVolume"
    quiet = [name for name, leg in before.items() if leg[volume] == after[name][volume]]
    assert quiet
    assert all(before[name]["lastPrice"] == after[name]["lastPrice"] for name in quiet)


def test_open_interest_gathers_at_round_strikes() -> None:
    rows = nearest()["records"]["data"]
    held = {row["strikePrice"]: row["CE"]["openInterest"] for row in rows}
    for strike in (24000, 25000, 26000):
        assert held[strike] > 2 * max(held[strike - 50], held[strike + 50])


def test_open_interest_builds_through_the_day_and_carries_over_midnight() -> None:
    market, expiry = SimulatedMarket(), date(2026, 9, 22)
    midnight = datetime(2026, 9, 16, tzinfo=IST)
    open_, close = (market.chain("NIFTY", expiry, midnight + timedelta(hours=h)) for h in (0, 23.9))
    following = market.chain("NIFTY", expiry, midnight + timedelta(hours=24))
    assert open_interest(close) > open_interest(open_)
    assert open_interest(following) == pytest.approx(open_interest(close), rel=0.01)
    evening = market.chain("NIFTY", expiry, midnight - timedelta(seconds=1))
    for name, leg in legs(close).items():
        start = legs(open_)[name]["openInterest"] if name in legs(evening) else leg["openInterest"]
        assert leg["changeinOpenInterest"] == leg["openInterest"] - start


@settings(max_examples=20, deadline=None)
@given(symbol=st.sampled_from(SYMBOLS), hours=st.integers(0, 24 * 200))
def test_calls_fall_and_puts_rise_with_the_strike(symbol: str, hours: int) -> None:
    """Never a price that one could arbitrage by more than the grid of prices."""
    body = nearest(symbol, NOON + timedelta(hours=hours))
    rows = [r for r in body["records"]["data"] if all(quoted(r[side]) for side in SIDES)]
    for lower, upper in pairwise(rows):
        assert middle_of(upper["CE"]) <= middle_of(lower["CE"]) + 0.1
        assert middle_of(upper["PE"]) >= middle_of(lower["PE"]) - 0.1


def test_puts_and_calls_of_a_strike_agree() -> None:
    """Put-call parity: C - P = (F - K)·exp(-rt), within the spreads."""
    body = nearest()
    spot = body["records"]["underlyingValue"]
    years = (datetime(2026, 9, 22, 15, 35, tzinfo=IST) - NOON) / timedelta(days=365)
    rows = [
        row
        for row in body["records"]["data"]
        if abs(row["strikePrice"] - spot) < 500 and all(quoted(row[side]) for side in SIDES)
    ]
    assert len(rows) > 10
    for row in rows:
        forward = spot * exp(CARRY * years) - row["strikePrice"]
        spread = sum(leg["sellPrice1"] - leg["buyPrice1"] for leg in (row["CE"], row["PE"]))
        gap = middle_of(row["CE"]) - middle_of(row["PE"]) - forward * exp(-RATE * years)
        assert abs(gap) <= spread + 0.1


def quoted(leg: JsonObject) -> bool:
    return bool(leg["buyPrice1"] and leg["sellPrice1"])


def middle_of(leg: JsonObject) -> float:
    return float(leg["buyPrice1"] + leg["sellPrice1"]) / 2


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_legs_agree_with_themselves(symbol: str) -> None:
    for leg in legs(nearest(symbol)).values():
        assert not quoted(leg) or leg["buyPrice1"] < leg["sellPrice1"]
        assert (leg["buyPrice1"] == 0) == (leg["buyQuantity1"] == 0)
        assert leg["lastPrice"] or (leg["change"], leg["PChange"]) == (0, 0)
        assert leg["PChange"] == leg["pChange"]
        assert round(leg["lastPrice"] / 0.05) * 0.05 == pytest.approx(leg["lastPrice"])
        if leg["change"]:
            close = leg["lastPrice"] - leg["change"]
            assert leg["pChange"] == pytest.approx(leg["change"] / close * 100)


def test_listings_have_the_sizes_of_real_ones() -> None:
    market = SimulatedMarket(clock=lambda: NOON)
    assert market.symbols()["M&M"] == "Equity"
    assert market.symbols()["BANKNIFTY"] == "Indices"
    assert [len(market.expiries(s)) for s in SYMBOLS] == [8, 4, 3, 3, 3, 2]
    on_the_expiry_day = datetime(2026, 9, 22, 22, tzinfo=IST)
    assert len(nearest(instant=on_the_expiry_day)["records"]["data"]) == 103
    assert 7.5 in market.strikes("IDEA")
    assert "OPTSTKIDEA29-09-2026CE7.50" in legs(nearest("IDEA"))
    assert "OPTSTKM&M29-09-2026PE3500.00" in legs(nearest("M&M"))
    unlisted = market.chain("NIFTY", date(2026, 9, 23), NOON)
    assert unlisted["records"]["data"] == unlisted["filtered"]["data"] == []
    assert unlisted["records"]["expiryDates"][0] == "22-Sep-2026"


def test_holiday_moves_an_expiry_a_day_earlier() -> None:
    assert expiry_of(date(2026, 10, 20)) == date(2026, 10, 19)
    on_the_holiday = listed_expiries(INSTRUMENTS["NIFTY"], date(2026, 10, 20))
    assert on_the_holiday[0] == date(2026, 10, 27)
    assert len(on_the_holiday) == len(set(on_the_holiday)) == 8


@given(day=st.dates(date(2025, 1, 1), date(2030, 1, 1)))
def test_expiries_are_always_ahead_and_in_order(day: date) -> None:
    for item in map(INSTRUMENTS.__getitem__, SYMBOLS):
        expiries = listed_expiries(item, day)
        assert len(expiries) == item.expiries
        assert expiries == sorted(set(expiries))
        assert expiries[0] >= day


def test_holidays_are_rows_of_their_year() -> None:
    assert {row["tradingDate"][-4:] for row in holiday_rows(2026)} == {"2026"}
    assert len(holiday_rows(2026)) == 16
    assert "26-Jan-2031" in {row["tradingDate"] for row in holiday_rows(2031)}


@pytest.mark.parametrize("year", [2025, 2026, 2031])
def test_the_exchange_trades_on_no_day_that_it_lists_as_a_holiday(year: int) -> None:
    listed = {parse_day(row["tradingDate"]) for row in holiday_rows(year)}
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    assert {day for day in days if day.weekday() < 5 and not is_trading_day(day)} == {
        day for day in listed if day.weekday() < 5
    }


@pytest.mark.parametrize("year", range(2026, 2060))
def test_the_holidays_of_every_year_are_a_list_that_is_believed(year: int) -> None:
    days = [parse_day(row["tradingDate"]) for row in holiday_rows(year)]
    assert judge(days) == Judgement(frozenset(days), {})


@given(day=st.dates(date(1970, 1, 1), date(2100, 1, 1)))
def test_days_survive_both_spellings(day: date) -> None:
    assert parse_day(day_text(day)) == parse_day(day_digits(day)) == day


@pytest.mark.parametrize("text", ["", "16-Foo-2026", "16/09/2026", "2026-09-16", "31-Feb-2026"])
def test_other_spellings_of_a_day_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_day(text)
