"""A day of the simulated exchange has the habits that were measured on the real one."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import exp, log
from statistics import mean, median
from typing import Any

import orjson
import pytest
from opengreeks import black76

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.standing_price import standing_price
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.pricing_model import RATE, PricingModel
from local.nse_simulator.trading_hours import Hours, market_day
from local.nse_simulator.v3_format import IST, SIDES, JsonObject, parse_day, parse_stamp
from optionchain.market import Market
from optionchain.snapshot import Snapshot
from tests.support.simulated_day import EXPIRY_DAY, WEDNESDAY, SimulatedDay

DAY, EXPIRY = SimulatedDay(), SimulatedDay(EXPIRY_DAY)
DAYS = [WEDNESDAY, date(2026, 9, 21), EXPIRY_DAY, date(2026, 11, 25)]
INDICES = ["NIFTY", "BANKNIFTY"]
OPEN_INTEREST, CHANGE = "openInterest", "changeinOpenInterest"
YEAR = timedelta(days=365)

type Captured = Callable[[str], JsonObject]


def spot_of(body: JsonObject) -> float:
    return float(body["records"]["underlyingValue"])


def parity_forward(day: SimulatedDay, clock: str, expiry: date | None = None) -> float:
    """The forward that call and put prices at the money show."""
    body = day.body(clock, expiry)
    rows = [row for row in body["records"]["data"] if all(middle(row[side]) for side in SIDES)]
    near = sorted(rows, key=lambda row: abs(row["strikePrice"] - spot_of(body)))[:4]
    return float(mean(row["strikePrice"] + middle(row["CE"]) - middle(row["PE"]) for row in near))


def middle(leg: JsonObject) -> float:
    return float(leg["buyPrice1"] + leg["sellPrice1"]) / 2


# The hours.


def test_hours_are_those_of_the_recorder_s_calendar() -> None:
    """The simulator has its own rules, so that a fault in one of the two shows."""
    market = Market()
    for day in DAYS:
        (session,) = market.sessions(day)
        simulated = SimulatedDay(day)
        assert parse_stamp(simulated.body("09:15:00")["records"]["timestamp"]) == session.opens
        assert parse_stamp(simulated.body("23:59")["records"]["timestamp"]) == session.closes


@pytest.mark.parametrize(
    ("moment", "stamp"),
    [
        ("2026-09-16T09:14:59", "15-Sep-2026 15:40:00"),
        ("2026-09-16T09:15:00", "16-Sep-2026 09:15:00"),
        ("2026-09-16T15:39:59", "16-Sep-2026 15:39:30"),
        ("2026-09-16T23:59:00", "16-Sep-2026 15:40:00"),
        ("2026-09-19T12:00:00", "18-Sep-2026 15:40:00"),
        ("2026-10-02T12:00:00", "01-Oct-2026 15:40:00"),
        ("2026-07-31T20:00:00", "31-Jul-2026 15:30:00"),
    ],
    ids=["before", "opening", "last tick", "night", "Saturday", "holiday", "before August 2026"],
)
def test_out_of_hours_the_last_session_is_served(moment: str, stamp: str) -> None:
    market = SimulatedMarket(hours="exchange")
    instant = datetime.fromisoformat(moment).replace(tzinfo=IST)
    expiry = market.expiries("NIFTY", instant)[1]
    assert market.chain("NIFTY", expiry, instant)["records"]["timestamp"] == stamp


# The evening's rewrite, and the morning after it.


@pytest.mark.parametrize("day", DAYS)
def test_the_evening_rewrites_the_day_under_its_stamp(day: date) -> None:
    simulated = SimulatedDay(day)
    before, after = simulated.body("17:15"), simulated.body("19:17")
    assert before == simulated.body("15:41")
    assert after["records"]["timestamp"] == before["records"]["timestamp"]
    assert spot_of(after) != spot_of(before)
    assert spot_of(after) == pytest.approx(spot_of(before), rel=0.001)
    legs, settled = simulated.legs("17:15"), simulated.legs("19:17")
    assert legs.keys() == settled.keys()
    assert 0.35 < mean(legs[k][OPEN_INTEREST] != settled[k][OPEN_INTEREST] for k in legs) < 0.6
    assert 0.06 < mean(legs[k]["lastPrice"] != settled[k]["lastPrice"] for k in legs) < 0.2
    lots, later = (sum(leg[OPEN_INTEREST] for leg in each.values()) for each in (legs, settled))
    assert -0.04 < later / lots - 1 < -0.01
    assert all(settled[k]["totalTradedVolume"] == legs[k]["totalTradedVolume"] for k in legs)


def test_each_day_is_rewritten_between_17_16_and_19_16() -> None:
    moments = [
        next(minute for minute in range(17 * 60, 20 * 60) if _is_rewritten(day, minute))
        for day in (SimulatedDay(WEDNESDAY + timedelta(days=7 * week)) for week in range(4))
    ]
    assert all(17 * 60 + 16 <= minute <= 19 * 60 + 16 for minute in moments)
    assert len(set(moments)) == 4


def _is_rewritten(day: SimulatedDay, minute: int) -> bool:
    clock = f"{minute // 60:02}:{minute % 60:02}"
    return spot_of(day.body(clock)) != spot_of(day.body("16:00"))


@pytest.mark.parametrize("symbol", INDICES)
@pytest.mark.parametrize("day", DAYS)
def test_the_base_of_a_day_is_the_evening_before_leg_by_leg(day: date, symbol: str) -> None:
    today = SimulatedDay(day, symbol=symbol)
    expiry = today.expiries()[0]
    evening = today.before.legs("21:00", expiry)
    for clock in ("09:15", "12:00", "15:40"):
        legs = today.legs(clock, expiry)
        bases = {k: leg[OPEN_INTEREST] - leg[CHANGE] for k, leg in legs.items() if k in evening}
        assert bases == {k: leg[OPEN_INTEREST] for k, leg in evening.items()}


def test_the_previous_close_is_the_exchange_s_closing_price_and_not_the_last_trade() -> None:
    evening, legs = DAY.before.legs("21:00", DAY.expiries()[0]), DAY.legs("12:00")
    closes = {
        k: round(leg["lastPrice"] - leg["change"], 2)
        for k, leg in legs.items()
        if leg["lastPrice"] and k in evening and evening[k]["totalTradedVolume"]
    }
    assert len(closes) > 100
    assert mean(evening[k]["lastPrice"] == close for k, close in closes.items()) < 0.4
    later = DAY.legs("15:00")
    assert all(round(later[k]["lastPrice"] - later[k]["change"], 2) == closes[k] for k in closes)


# The ten-minute volatility.


def test_volatilities_are_refreshed_together_each_ten_minutes() -> None:
    bodies = list(DAY.bodies("10:00", "10:40"))
    moved = [
        instant.astimezone(IST).minute
        for (_, earlier), (instant, body) in pairwise(bodies)
        if volatilities(earlier).items() - volatilities(body).items()
    ]
    assert moved == [2, 12, 22, 32]
    assert all(earlier != body for (_, earlier), (_, body) in pairwise(bodies))


def volatilities(body: JsonObject) -> dict[str, float]:
    rows = body["records"]["data"]
    return {
        row[s]["identifier"]: row[s]["impliedVolatility"]
        for row in rows
        for s in SIDES
        if row[s]["totalTradedVolume"]
    }


@pytest.mark.parametrize("clock", ["09:52", "11:32", "14:12"])
def test_sent_volatilities_are_low_for_calls_and_high_for_puts(clock: str) -> None:
    """Against those of the same prices on the parity forward."""
    expiry = DAY.expiries()[1]
    forward, instant = parity_forward(DAY, clock, expiry), DAY.at(clock)
    years = (datetime.combine(expiry, datetime.min.time(), IST) - instant) / YEAR
    years += timedelta(hours=15, minutes=35) / YEAR
    errors: dict[str, list[float]] = {"CE": [], "PE": []}
    for row in DAY.body(clock, expiry)["records"]["data"]:
        for side in SIDES:
            leg = row[side]
            if leg["impliedVolatility"] and abs(log(row["strikePrice"] / forward)) < 0.015:
                price, strike = middle(leg), row["strikePrice"]
                solved = black76.implied_volatility(
                    price, forward, strike, RATE, years, side[0].lower()
                )
                errors[side].append(leg["impliedVolatility"] - 100 * solved)
    assert -0.9 < median(errors["CE"]) < -0.2
    assert 0.2 < median(errors["PE"]) < 0.9


# New listings.


@pytest.mark.parametrize("symbol", INDICES)
@pytest.mark.parametrize("day", DAYS)
def test_strikes_are_listed_each_day_and_none_is_taken_away(day: date, symbol: str) -> None:
    today = SimulatedDay(day, symbol=symbol)
    expiry = today.expiries()[0]
    known = set(today.before.legs("15:40", expiry))
    for clock in ("09:15", "11:00", "12:30", "14:00", "15:40"):
        legs = set(today.legs(clock, expiry))
        assert legs >= known
        known = legs
    assert 2 <= len(known - set(today.before.legs("15:40", expiry))) <= 16


def test_some_strikes_are_listed_within_the_session() -> None:
    days = [SimulatedDay(date(2026, 9, day)) for day in (16, 17, 18, 21)]
    grown = [len(day.legs("15:40")) - len(day.legs("09:15")) for day in days]
    assert all(number >= 0 for number in grown)
    assert sum(number > 0 for number in grown) >= 2


def test_a_new_contract_says_a_change_of_0_all_day_and_the_next_day_it_is_ordinary() -> None:
    expiry = DAY.expiries()[0]
    old, last = DAY.before.legs("15:40", expiry), DAY.legs("15:40")
    new = [name for name in last if name not in old]
    assert new
    for clock in ("10:00", "12:00", "15:40"):
        legs = DAY.legs(clock)
        assert all(
            legs[k][CHANGE] == 0 == legs[k]["pchangeinOpenInterest"] for k in new if k in legs
        )
    assert sum(last[name][OPEN_INTEREST] for name in new) > 0
    following = SimulatedDay(date(2026, 9, 17)).legs("15:00", expiry)
    assert any(following[name][CHANGE] for name in new if last[name][OPEN_INTEREST])


def test_the_day_after_a_weekly_expiry_a_whole_series_is_new() -> None:
    (listed,) = set(DAY.expiries()) - set(DAY.before.expiries())
    legs = DAY.legs("15:00", listed)
    assert len(legs) > 50
    assert {leg[CHANGE] for leg in legs.values()} == {0}
    assert sum(leg[OPEN_INTEREST] for leg in legs.values()) > 1_000
    following = SimulatedDay(date(2026, 9, 17)).legs("15:00", listed)
    assert sum(leg[CHANGE] != 0 for leg in following.values()) > 50


# Last prices of an earlier day.


@pytest.mark.parametrize("hours", ["always", "exchange"])
def test_a_contract_without_a_trade_today_carries_its_last_price(hours: Hours) -> None:
    market = SimulatedMarket(hours=hours)
    legs = [
        leg
        for symbol in market.symbols()
        for expiry in market.expiries(symbol, DAY.at("11:00"))
        for row in market.chain(symbol, expiry, DAY.at("11:00"))["records"]["data"]
        for leg in (row["CE"], row["PE"])
        if leg["identifier"] and not leg["totalTradedVolume"]
    ]
    carried = [leg for leg in legs if leg["lastPrice"]]
    assert 0 < len(carried) < len(legs)
    assert {leg["impliedVolatility"] for leg in legs} == {0}
    assert mean(leg["change"] == 0 for leg in carried) == pytest.approx(0.88, abs=0.06)
    two_sided = mean(leg["buyPrice1"] > 0 < leg["sellPrice1"] for leg in carried)
    assert two_sided == pytest.approx(0.75, abs=0.2)


# The closing auction.


@pytest.mark.parametrize("day", [WEDNESDAY, EXPIRY_DAY])
def test_the_spot_stands_in_the_auction_and_the_forward_moves(day: date) -> None:
    today = SimulatedDay(day)
    standing = {spot_of(body) for _, body in today.bodies("15:16", "15:29")}
    assert len(standing) == 1
    (frozen,) = standing
    assert spot_of(today.body("15:15")) != frozen != spot_of(today.body("15:30"))
    assert len({spot_of(body) for _, body in today.bodies("15:30", "15:40")}) == 1
    forwards = {parity_forward(today, f"15:{minute}") for minute in range(16, 30, 2)}
    assert len(forwards) == 7
    assert max(forwards) - min(forwards) > 5


def test_before_august_2026_there_was_no_auction() -> None:
    spots = {spot_of(body) for _, body in SimulatedDay(date(2026, 7, 29)).bodies("15:16", "15:29")}
    assert len(spots) == 14


@pytest.mark.parametrize("clock", ["15:35", "15:40", "16:30"])
def test_the_payoff_of_an_expiring_series_is_fixed_minutes_before_its_trading_ends(
    clock: str,
) -> None:
    body = EXPIRY.body(clock)
    for row in body["records"]["data"]:
        over = spot_of(body) - row["strikePrice"]
        for side, intrinsic in (("CE", max(over, 0)), ("PE", max(-over, 0))):
            leg = row[side]
            if leg["buyPrice1"] and leg["sellPrice1"]:
                assert leg["buyPrice1"] <= intrinsic + 0.05
                assert leg["sellPrice1"] >= intrinsic - 0.05
    assert EXPIRY.body("15:36") != EXPIRY.body("15:40"), "it trades on"


def test_the_forward_is_above_the_spot_by_the_carry() -> None:
    expiry = DAY.expiries()[1]
    years = (expiry - WEDNESDAY).days / 365
    spot = spot_of(DAY.body("12:00"))
    assert parity_forward(DAY, "12:00", expiry) == pytest.approx(spot * exp(0.073 * years), abs=1.5)


@pytest.mark.parametrize(("minute", "stands"), [(48, False), (50, True), (53, True), (55, False)])
def test_a_market_that_never_closes_has_an_auction_in_each_hour(minute: int, stands: bool) -> None:
    market = SimulatedMarket()
    instant = datetime(2026, 9, 16, 12, minute, 30, tzinfo=IST)
    bodies = [
        market.chain("NIFTY", date(2026, 9, 22), instant - timedelta(seconds=s)) for s in (0, 30)
    ]
    now, before = map(spot_of, bodies)
    assert (now == before) is stands
    assert bodies[0] != bodies[1]


# What the recorder makes of it.


def test_the_recorder_accepts_every_body_of_a_day() -> None:
    for day in (DAY, EXPIRY):
        for clock in ("09:14", "09:15", "11:00", "15:20", "15:38", "16:30", "21:00"):
            for expiry in day.before.expiries() if clock == "09:14" else day.expiries():
                if day.body(clock, expiry)["records"]["data"]:
                    assert isinstance(day.snapshot(clock, expiry), Snapshot)


def test_a_day_lists_what_the_market_lists() -> None:
    texts = DAY.body("12:00")["records"]["expiryDates"]
    assert [parse_day(text) for text in texts] == DAY.expiries()


def test_the_exchange_s_volatility_is_solved_as_the_simulated_one(captured_body: Captured) -> None:
    """Black-Scholes on the spot, at 10 % a year, with whole days: to two decimals in a capture."""
    body = captured_body("v3/nifty-23-jun-2026.captured-2026-06-19T1737.json.gz")
    assert parse_stamp(body["records"]["timestamp"]).date() == date(2026, 6, 19)
    model = PricingModel(
        7,
        INSTRUMENTS["NIFTY"],
        date(2026, 6, 23),
        market_day(date(2026, 6, 19), "exchange"),
        second=0,
        tick_seconds=30,
    )
    compared = 0
    for row in body["records"]["data"]:
        for side in SIDES:
            leg, strike = row[side], row["strikePrice"]
            if leg["impliedVolatility"] and leg["totalTradedVolume"]:
                solved = model.sent_volatility(side, strike, leg["lastPrice"], spot_of(body))
                assert solved == pytest.approx(leg["impliedVolatility"], abs=0.011)
                compared += 1
    assert compared == 145


@pytest.mark.parametrize(
    ("hours", "first", "frozen"),
    [("always", "12:46", (53, 54)), ("exchange", "15:12", (*range(17, 30),))],
)
def test_the_recorder_sees_the_spot_stand_in_the_auction(
    hours: Hours, first: str, frozen: tuple[int, ...]
) -> None:
    market = SimulatedMarket(hours=hours)
    before: Any = None
    seen = []
    for minute in range(18):
        instant = DAY.at(first) + timedelta(minutes=minute)
        body = market.chain("NIFTY", DAY.expiries()[0], instant)
        snapshot = parse(orjson.dumps(body), "NIFTY", instant)
        found = standing_price(snapshot, before, Market(hours))
        before = {
            "exchange_timestamp": snapshot.exchange_timestamp,
            "underlying_value": snapshot.underlying_value,
            "underlying_since": found.since,
            "fetched_at": instant,
        }
        if found.frozen_since:
            seen.append(instant.astimezone(IST).minute)
    assert tuple(seen) == frozen
