"""When options trade."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from optionchain.exchange_time import IST
from optionchain.market import HOLIDAYS_2026, Market, Session
from tests.support.histories import ist

MARKET = Market()
MUHURAT = date(2026, 11, 8)  # a Sunday evening
WITH_MUHURAT = Market(special={MUHURAT: (time(18, 0), time(19, 15))})


def hours(market: Market, day: date) -> tuple[time, time] | None:
    session = market.session(day)
    return session and (session.opens.astimezone(IST).time(), session.closes.astimezone(IST).time())


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        (date(2026, 1, 14), time(15, 30)),
        (date(2026, 7, 31), time(15, 30)),  # the Friday before the change
        (date(2026, 8, 3), time(15, 40)),  # the Monday of the change
        (date(2026, 11, 23), time(15, 40)),
    ],
)
def test_options_trade_ten_minutes_longer_since_3_august_2026(day: date, closes: time) -> None:
    assert hours(MARKET, day) == (time(9, 15), closes)


def test_a_session_lasts_from_its_opening_to_just_before_its_close() -> None:
    day = date(2026, 8, 3)
    expected = {"09:14:59": False, "09:15": True, "15:39:55": True, "15:40": False}
    for zone in (IST, UTC):  # the zone of an instant does not matter
        found = {text: MARKET.is_open(ist(day, text).astimezone(zone)) for text in expected}
        assert found == expected
    session = MARKET.session(day)
    assert session is not None
    assert "09:15" not in session  # text is no instant


@pytest.mark.parametrize(
    "day", [date(2026, 8, 1), date(2026, 8, 2), date(2026, 11, 8), *sorted(HOLIDAYS_2026)]
)
def test_weekends_and_holidays_are_closed(day: date) -> None:
    assert MARKET.session(day) is None
    assert not MARKET.is_open(ist(day, "11:00"))


def test_the_holidays_of_2026_are_those_that_the_exchange_announced() -> None:
    announced = (
        "15-01 26-01 03-03 26-03 31-03 03-04 14-04 01-05 28-05 26-06 14-09 02-10 20-10 10-11 "
        "24-11 25-12"
    )
    assert [f"{day:%d-%m}" for day in sorted(HOLIDAYS_2026)] == announced.split()
    assert not any(day.weekday() >= 5 for day in HOLIDAYS_2026), "a weekend needs no holiday"


def test_a_special_session_opens_a_closed_day_and_replaces_ordinary_hours() -> None:
    assert hours(WITH_MUHURAT, MUHURAT) == (time(18, 0), time(19, 15))
    assert WITH_MUHURAT.is_open(ist(MUHURAT, "18:30"))
    assert not WITH_MUHURAT.is_open(ist(MUHURAT, "11:00"))
    day = date(2026, 8, 3)
    assert hours(Market(special={day: (time(9, 15), time(10))}), day) == (time(9, 15), time(10))


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=IST)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-08-03 08:00", "2026-08-03 09:15"),  # later today
        ("2026-08-03 09:15", "2026-08-04 09:15"),  # open: the next one
        ("2026-08-03 16:00", "2026-08-04 09:15"),
        ("2026-08-07 16:00", "2026-08-10 09:15"),  # over a weekend
        ("2026-04-02 16:00", "2026-04-06 09:15"),  # over Good Friday and a weekend
        ("2026-11-23 23:59", "2026-11-25 09:15"),  # over a holiday
    ],
)
def test_the_next_opening_skips_weekends_and_holidays(now: str, opens: str) -> None:
    assert MARKET.next_opening(moment(now)) == moment(opens)


def test_openings_may_be_of_special_sessions() -> None:
    assert WITH_MUHURAT.next_opening(ist(date(2026, 11, 7), "12:00")) == ist(MUHURAT, "18:00")
    last = WITH_MUHURAT.last_session(ist(date(2026, 11, 9), "09:00"))
    assert last is not None
    assert last.opens == ist(MUHURAT, "18:00")


def test_a_break_of_over_15_days_has_no_next_opening_and_no_last_session() -> None:
    days = {date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(60)}
    market = Market(holidays=frozenset(days))
    assert market.next_opening(ist(date(2026, 1, 1), "12:00")) is None
    assert market.last_session(ist(date(2026, 2, 20), "12:00")) is None


@pytest.mark.parametrize("day", [date(2026, 8, 1), date(2026, 8, 3), date(2026, 12, 25)])
def test_always_makes_every_day_a_session_of_24_hours(day: date) -> None:
    market = Market("always")
    assert market.session(day) == Session(ist(day, "00:00"), ist(day + timedelta(1), "00:00"))
    assert all(market.is_open(ist(day, text)) for text in ("00:00", "03:00", "23:59:59"))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-08-03 09:14", "2026-07-31 09:15"),  # before the opening: the Friday before
        ("2026-08-03 09:15", "2026-08-03 09:15"),
        ("2026-08-03 12:00", "2026-08-03 09:15"),
        ("2026-08-03 23:59", "2026-08-03 09:15"),  # long after the close
        ("2026-08-09 12:00", "2026-08-07 09:15"),  # a Sunday
        ("2026-04-05 12:00", "2026-04-02 09:15"),  # over Good Friday and a weekend
        ("2026-11-25 08:00", "2026-11-23 09:15"),  # over a holiday
    ],
)
def test_the_last_session_is_the_newest_that_has_opened(now: str, opens: str) -> None:
    session = MARKET.last_session(moment(now))
    assert session is not None
    assert session.opens == moment(opens)
    assert session == MARKET.session(moment(opens).date())


def test_the_last_session_is_of_the_day_in_india() -> None:
    night = datetime(2026, 8, 3, 19, 0, tzinfo=UTC)  # 00:30 of the 4th in India
    assert MARKET.last_session(night) == MARKET.session(date(2026, 8, 3))
    assert Market("always").last_session(night) == Market("always").session(date(2026, 8, 4))
