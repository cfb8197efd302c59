"""Where a run of `make run` begins in time."""

from datetime import UTC, date, datetime, timedelta

import pytest

from local.nse_simulator.__main__ import market_of, parse_arguments
from local.nse_simulator.market import SimulatedMarket
from local.run.options import read_options
from local.run.simulated_day import SPELLS, invocations
from local.run.simulated_time import SteppedClock
from local.run.start import Start, read_start
from local.shifted_clock import ShiftedClock
from optionchain.errors import SettingInvalid
from optionchain.exchange_time import IST

SATURDAY = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)
WEDNESDAY_NOON = datetime(2026, 11, 25, 12, 0, tzinfo=IST)


def india(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST).astimezone(UTC)


@pytest.mark.parametrize(
    ("given", "now", "start"),
    [
        ({}, SATURDAY, None),
        ({"AT": "15:14"}, SATURDAY, Start(india("2026-11-27T15:14"))),
        ({"AT": "11:00"}, WEDNESDAY_NOON, Start(india("2026-11-25T11:00"))),
        # The day before is a holiday.
        ({"AT": "15:14"}, WEDNESDAY_NOON, Start(india("2026-11-23T15:14"))),
        ({"AT": "2026-11-25T19:44"}, SATURDAY, Start(india("2026-11-25T19:44"))),
        ({"DAY": "yes"}, SATURDAY, Start(india("2026-11-27T09:20"), date(2026, 11, 26))),
        ({"DAY": "yes"}, WEDNESDAY_NOON, Start(india("2026-11-25T09:20"), date(2026, 11, 23))),
        ({"DAY": "2026-11-20"}, SATURDAY, Start(india("2026-11-23T09:20"), date(2026, 11, 20))),
    ],
)
def test_a_run_begins_now_or_at_a_moment_or_after_a_day(
    given: dict[str, str], now: datetime, start: Start | None
) -> None:
    assert read_start(given, now) == start


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"AT": "quarter past three"}, "AT"),
        ({"AT": "25:00"}, "AT"),
        ({"AT": "2026-02-30T09:15"}, "AT"),
        ({"DAY": "no"}, "DAY"),
        ({"DAY": "2026-11-24"}, "DAY"),
        ({"AT": "15:14", "DAY": "yes"}, "AT"),
        ({"AT": "15:14", "REPLAY": "captures"}, "AT"),
        ({"DAY": "yes", "NSE_BASE_URL": "https://www.nseindia.com"}, "DAY"),
    ],
    ids=["words", "no hour", "no date", "no", "a holiday", "both", "a replay", "the exchange"],
)
def test_a_start_that_cannot_be_is_refused_by_its_name(given: dict[str, str], name: str) -> None:
    with pytest.raises(SettingInvalid, match=name):
        read_start(given, SATURDAY)


def test_a_run_at_another_moment_has_real_hours_and_a_database_of_its_own() -> None:
    options = read_options([], {"AT": "15:14"}, SATURDAY)
    assert options.start == Start(india("2026-11-27T15:14"))
    assert options.settings.market_hours == "exchange"
    assert options.settings.mongodb_database == "option_chain_simulated_1128_063000"
    assert options.settings.nse_symbols == ("NIFTY", "BANKNIFTY")
    given = {"AT": "15:14", "MARKET_HOURS": "always"}
    assert read_options([], given, SATURDAY).settings.market_hours == "always"


@pytest.mark.parametrize("given", [{"AT": "2026-10-05T10:00"}, {"DAY": "2026-10-05"}])
def test_a_moment_that_the_database_would_delete_at_once_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(SettingInvalid, match="RETENTION_DAYS"):
        read_options([], given, SATURDAY)
    options = read_options([], given | {"RETENTION_DAYS": "90"}, SATURDAY)
    assert options.start is not None


def test_a_recorded_day_has_one_symbol_unless_more_are_given() -> None:
    symbols = [
        read_options([], {"DAY": "yes"} | given, SATURDAY).settings.nse_symbols
        for given in ({}, {"NSE_SYMBOLS": "NIFTY,IDEA"})
    ]
    assert symbols == [("NIFTY",), ("NIFTY", "IDEA")]


def test_a_shifted_clock_shows_another_time_and_runs_on() -> None:
    clock = ShiftedClock.showing(india("2026-11-27T15:14"))
    assert timedelta() <= clock.now() - india("2026-11-27T15:14") < timedelta(seconds=5)
    assert abs(ShiftedClock().now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert ShiftedClock().arguments == []


def test_the_exchange_gets_the_clock_and_the_hours_of_the_run() -> None:
    clock = ShiftedClock(timedelta(days=-2))
    market = market_of(parse_arguments(["--hours", "exchange", *clock.arguments]))
    assert isinstance(market, SimulatedMarket)
    assert market.hours == "exchange"
    assert abs(market.now() - clock.now()) < timedelta(seconds=5)


def test_a_stepped_clock_stands_until_somebody_sleeps() -> None:
    clock = SteppedClock(SATURDAY)
    assert clock.now() == SATURDAY
    clock.sleep(90)
    clock.go_to(SATURDAY)
    assert (clock.now() - SATURDAY, clock.monotonic()) == (timedelta(seconds=90), 90)
    clock.go_to(SATURDAY + timedelta(hours=1))
    assert clock.monotonic() == 3600


def test_invocations_cover_the_day_the_evening_and_the_morning_after() -> None:
    until = india("2026-11-27T09:20")
    begins = list(invocations(date(2026, 11, 26), until, SPELLS))
    assert begins == sorted(begins)
    assert begins[0] < india("2026-11-26T09:15")
    for moment in ("2026-11-26T15:45", "2026-11-26T19:45", "2026-11-26T21:00", "2026-11-27T09:19"):
        assert any(begin <= india(moment) < begin + timedelta(minutes=2) for begin in begins)
    assert all(begin < until for begin in begins)
