"""Refreshes, the exchange's clock and a spot that stands still, on minutes priced here."""

from datetime import date, datetime, timedelta
from math import sqrt

import pytest
from opengreeks import black76

from local.evidence.auction import standstill
from local.evidence.captures import Contract, Minute, Reading
from local.evidence.parity import at_the_money, solved_volatilities
from local.evidence.sent_volatility import counted_days, lopsided, refresh, sent_carry
from optionchain.exchange_time import IST
from optionchain.snapshot import Side

EXPIRY = date(2026, 8, 25)
MORNING = datetime(2026, 8, 18, 11, 0, tzinfo=IST)
CLOSE = datetime(2026, 8, 25, 15, 40, tzinfo=IST)
YEAR = timedelta(days=365)
STRIKES = (23_900.0, 24_000.0, 24_100.0)


SIDES: tuple[tuple[Side, str], ...] = (("CE", "c"), ("PE", "p"))


def minute(
    number: int,
    forward: float = 24_020.0,
    *,
    spot: float = 24_000.0,
    calls: float | None = 10.0,
    puts: float | None = 10.0,
    percent: float = 10.0,
) -> Minute:
    """Return a minute of prices at `percent`, with the volatilities that the exchange sends."""
    at = MORNING + timedelta(minutes=number)
    readings: dict[Contract, Reading] = {}
    for strike in STRIKES:
        for side, flag in SIDES:
            sent = calls if side == "CE" else puts
            price = black76.black(flag, forward, strike, (CLOSE - at) / YEAR, 0.0, percent / 100)
            readings[Contract(EXPIRY, strike, side)] = Reading(price, 100.0, sent)
    return Minute(at, spot, readings)


def test_forward_and_volatilities_are_those_of_the_prices() -> None:
    pair = at_the_money(minute(0, 24_020.0), EXPIRY)
    assert pair.strike == 24_000.0
    assert pair.forward == pytest.approx(24_020.0)
    solved = solved_volatilities(minute(0), EXPIRY)
    assert len(solved) == 6
    assert list(solved.values()) == pytest.approx([10.0] * 6)


def test_deviation_depends_on_no_clock() -> None:
    left = (CLOSE - MORNING) / YEAR
    deviation = at_the_money(minute(0), EXPIRY).deviation
    assert deviation == pytest.approx(24_020.0 * 0.10 * sqrt(left))


def test_price_without_time_value_has_no_volatility() -> None:
    payoffs = {
        Contract(EXPIRY, strike, side): Reading(
            max(24_020.0 - strike if flag == "c" else strike - 24_020.0, 0.0), 0.0, None
        )
        for strike in STRIKES
        for side, flag in SIDES
    }
    paid = Minute(MORNING, 24_020.0, payoffs)
    assert at_the_money(paid, EXPIRY).deviation is None
    assert solved_volatilities(paid, EXPIRY) == {}
    assert solved_volatilities(minute(0)._replace(at=CLOSE), EXPIRY) == {}


def test_refresh_is_a_change_in_more_than_half_of_the_contracts() -> None:
    minutes = [
        minute(number, 24_020.0 + number, calls=10.0 + number // 10, puts=10.0 + number // 10)
        for number in range(31)
    ]
    one_side = minute(31, 24_051.0, calls=99.0, puts=13.0)
    found = refresh([*minutes, one_side])
    assert (found.steps, found.of_prices, found.of_volatility) == (31, 31, 3)
    assert (found.on_the_grid, found.longest_minutes) == (0, 10)


def test_refresh_in_the_second_minute_of_ten_is_on_the_grid() -> None:
    sent = [
        minute(number, calls=10.0 + (number >= 2), puts=10.0 + (number >= 2)) for number in range(4)
    ]
    found = refresh(sent)
    assert (found.of_volatility, found.on_the_grid, found.longest_minutes) == (1, 1, 0)


def test_lopsided_volatilities_are_told_by_side() -> None:
    minutes = [minute(0, calls=9.6, puts=10.5), minute(1, calls=9.6, puts=None)]
    found = lopsided(minutes, EXPIRY)
    assert (found.calls, found.puts) == pytest.approx((-0.4, 0.5))
    assert found.readings == 9


def test_volatility_of_half_the_size_counts_four_times_the_days() -> None:
    found = counted_days([minute(0, calls=5.0, puts=5.0), minute(1, calls=None)], EXPIRY)
    assert found.minutes == 1
    assert found.counted == pytest.approx(4 * found.left)
    assert found.left == pytest.approx((CLOSE - MORNING) / timedelta(days=1))


def test_standstill_is_the_longest_run_of_one_spot() -> None:
    spots = (24_000.0, 24_000.0, 24_005.0, 24_001.0, 24_001.0, 24_001.0, 24_009.0)
    minutes = [
        minute(number, 24_020.0 + 10 * number, spot=spot) for number, spot in enumerate(spots)
    ]
    found = standstill(minutes, EXPIRY)
    assert (found.since, found.until) == (minutes[3].at, minutes[5].at)
    assert (found.spot, found.next_spot) == (24_001.0, 24_009.0)
    assert (found.lowest_forward, found.highest_forward) == pytest.approx((24_050.0, 24_080.0))
    assert standstill(minutes[:6], EXPIRY).next_spot is None


def test_carry_is_of_the_forward_that_the_sent_volatilities_stand_on() -> None:
    forward, days = 24_046.45, 7
    sent = {
        contract: black76.implied_volatility(
            reading.last_price,
            forward,
            contract.strike_price,
            0.0,
            days / 365,
            "c" if contract.side == "CE" else "p",
        )
        for contract, reading in minute(1).readings.items()
    }
    fresh = {
        contract: reading._replace(implied_volatility=100 * sent[contract])
        for contract, reading in minute(1).readings.items()
    }
    found = sent_carry([minute(0), minute(1)._replace(readings=fresh)], EXPIRY)
    assert found.sent == pytest.approx(46.45)
    assert found.percent == pytest.approx(10.0, abs=0.1)
    assert found.parity == pytest.approx(20.0)
    assert found.readings == len(sent)
