"""When options trade."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from optionchain.announced_days import HOLIDAYS_2026, SHIPPED_SESSIONS
from optionchain.exchange_time import IST
from optionchain.market import Market, Session, expires_at
from tests.support.histories import ist

MARKET = Market()
MUHURAT = date(2026, 11, 8)  # a Sunday evening
WITH_MUHURAT = Market(special={MUHURAT: ((time(18, 0), time(19, 15)),)})


def hours(market: Market, day: date) -> list[str]:
    """Return the sessions of a day as `09:15-15:40`, in India."""
    pairs = [
        (each.opens.astimezone(IST), each.closes.astimezone(IST)) for each in market.sessions(day)
    ]
    return [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in pairs]


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        (date(2026, 1, 14), "15:30"),
        (date(2026, 7, 31), "15:30"),  # the Friday before the change
        (date(2026, 8, 3), "15:40"),  # the Monday of the change
        (date(2026, 11, 23), "15:40"),
    ],
)
def test_options_trade_ten_minutes_longer_since_3_august_2026(day: date, closes: str) -> None:
    assert hours(MARKET, day) == [f"09:15-{closes}"]


def test_a_session_lasts_from_its_opening_to_just_before_its_close() -> None:
    day = date(2026, 8, 3)
    expected = {"09:14:59": False, "09:15": True, "15:39:55": True, "15:40": False}
    for zone in (IST, UTC):  # the zone of an instant does not matter
        found = {text: MARKET.is_open(ist(day, text).astimezone(zone)) for text in expected}
        assert found == expected
    [session] = MARKET.sessions(day)
    assert MARKET.session_at(ist(day, "12:00")) == session
    assert "09:15" not in session  # text is no instant


@pytest.mark.parametrize(
    "day", [date(2026, 8, 1), date(2026, 8, 2), date(2026, 11, 8), *sorted(HOLIDAYS_2026)]
)
def test_weekends_and_holidays_are_closed(day: date) -> None:
    assert MARKET.sessions(day) == ()
    assert not MARKET.is_open(ist(day, "11:00"))


def test_the_holidays_of_2026_are_those_that_the_exchange_announced() -> None:
    announced = (
        "15-01 26-01 03-03 26-03 31-03 03-04 14-04 01-05 28-05 26-06 14-09 02-10 20-10 10-11 "
        "24-11 25-12"
    )
    assert [f"{day:%d-%m}" for day in sorted(HOLIDAYS_2026)] == announced.split()
    assert not any(day.weekday() >= 5 for day in HOLIDAYS_2026), "a weekend needs no holiday"


SATURDAY, MONDAY, HOLIDAY = date(2026, 8, 8), date(2026, 8, 3), date(2026, 11, 10)
TWO = "09:15-10:00 11:30-12:30"


def with_special(day: date, text: str) -> Market:
    """Return the market with special sessions on a day, such as `09:15-10:00 11:30-12:30`."""
    pairs = [part.split("-") for part in text.split()]
    special = tuple((time.fromisoformat(opens), time.fromisoformat(ends)) for opens, ends in pairs)
    return Market(special={day: special})


@pytest.mark.parametrize(
    ("day", "special", "expected"),
    [
        (MUHURAT, "18:00-19:15", "18:00-19:15"),
        (HOLIDAY, "18:00-19:15", "18:00-19:15"),  # the one session of a holiday
        (SATURDAY, TWO, TWO),  # a drill of disaster recovery
        (MONDAY, "18:00-19:00", "09:15-15:40 18:00-19:00"),  # beside the ordinary hours
        (MONDAY, "15:40-17:00", "09:15-15:40 15:40-17:00"),  # right after them
        (MONDAY, "07:00-08:00", "07:00-08:00 09:15-15:40"),
        (MONDAY, "09:15-10:00", "09:15-10:00"),  # instead of them
        (MONDAY, "10:00-17:00", "10:00-17:00"),  # a late opening, and a longer day
        (MONDAY, TWO, TWO),
        (MONDAY, "10:00-12:00 18:00-19:00", "10:00-12:00 18:00-19:00"),
    ],
)
def test_special_sessions_stand_beside_ordinary_hours_or_replace_those_they_overlap(
    day: date, special: str, expected: str
) -> None:
    market = with_special(day, special)
    assert hours(market, day) == expected.split()
    for session in market.sessions(day):
        assert market.session_at(session.opens) == session
        assert market.last_session(session.closes - timedelta(seconds=1)) == session
        assert market.next_opening(session.opens - timedelta(seconds=1)) == session.opens


def test_two_sessions_of_a_date_have_a_break_and_a_closing_tick_each() -> None:
    market = with_special(SATURDAY, TWO)
    minutes = [f"{tick:%H:%M}" for tick in market.due_ticks(SATURDAY, timedelta(minutes=1))]
    assert len(minutes) == 45 + 1 + 60 + 1 + 1
    assert minutes[44:47] == ["09:59", "10:05", "11:30"]
    assert minutes[-3:] == ["12:29", "12:35", "19:45"]  # the evening reads the day once


@pytest.mark.parametrize("special", [TWO, "15:40-15:43", "15:42-17:00", "18:00-19:00"])
@pytest.mark.parametrize("day", [MONDAY, SATURDAY])
def test_due_ticks_of_a_day_are_those_that_are_due_one_by_one(day: date, special: str) -> None:
    market, step = with_special(day, special), timedelta(seconds=20)
    every = [ist(day, "00:00") + step * number for number in range(24 * 60 * 3)]
    assert market.due_ticks(day, step) == [tick for tick in every if market.is_due(tick)]


@pytest.mark.parametrize("special", ["15:40-15:43", TWO])
@pytest.mark.parametrize("day", [MONDAY, SATURDAY])
def test_ticks_later_than_the_grid_have_a_later_closing_tick_and_the_same_evening(
    day: date, special: str
) -> None:
    market, step, delay = with_special(day, special), timedelta(minutes=1), timedelta(seconds=35)
    found = market.due_ticks(day, step, delay)
    evening = [each.begins for each in market.evening_rounds(day)][:1]
    assert found == [tick + delay for tick in market.due_ticks(day, step)[:-1]] + evening
    assert all(market.is_due(tick, delay) for tick in found)
    closing = market.closing_ticks(day)
    assert not any(market.is_due(tick, delay) for tick in closing)


@pytest.mark.parametrize(
    ("stamp", "tick", "earlier"),
    [
        ("09:59:58", "11:30:05", True),
        ("10:04:00", "11:30:05", True),  # values that the exchange rewrote after the close
        ("11:29:58", "11:30:05", False),
        ("11:30:00", "11:30:05", False),
        ("09:15:00", "09:59:55", False),
        ("10:00:00", "10:05:00", False),  # the closing tick is of the first session
        ("10:00:00", "12:35:00", True),
    ],
)
def test_a_body_of_a_date_s_first_session_is_an_earlier_one_in_the_second(
    stamp: str, tick: str, earlier: bool
) -> None:
    market = with_special(SATURDAY, TWO)
    assert market.is_earlier_session(ist(SATURDAY, stamp), ist(SATURDAY, tick)) is earlier


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
    assert market.sessions(day) == (Session(ist(day, "00:00"), ist(day + timedelta(1), "00:00")),)
    assert market.closing_ticks(day) == ()
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
    assert (session,) == MARKET.sessions(moment(opens).date())


def test_the_last_session_is_of_the_day_in_india() -> None:
    night = datetime(2026, 8, 3, 19, 0, tzinfo=UTC)  # 00:30 of the 4th in India
    assert (MARKET.last_session(night),) == MARKET.sessions(date(2026, 8, 3))
    always = Market("always")
    assert (always.last_session(night),) == always.sessions(date(2026, 8, 4))


@pytest.mark.parametrize(
    ("expiry", "ends"),
    [
        (date(2026, 7, 28), "15:30"),
        (date(2026, 8, 4), "15:40"),  # the first expiry after the later close
        (date(2024, 1, 20), "15:30"),  # a Saturday like a weekday, on which options expired
        (date(2024, 3, 2), "12:30"),  # its last session is known
        (date(2026, 1, 26), "15:30"),  # a holiday that an expiry was not moved away from
        (date(2027, 3, 6), "15:40"),
    ],
)
def test_an_expiry_ends_with_the_close_of_its_date(expiry: date, ends: str) -> None:
    assert expires_at(expiry) == ist(expiry, ends)


def test_sessions_outside_the_rule_that_were_public_are_shipped() -> None:
    assert {f"{day:%Y-%m-%d}": " ".join(hours(MARKET, day)) for day in SHIPPED_SESSIONS} == {
        "2024-01-20": "09:15-15:30",
        "2024-03-02": TWO,
        "2024-05-18": TWO,
        "2024-11-01": "18:00-19:00",
        "2025-02-01": "09:15-15:30",
        "2025-10-21": "13:45-14:45",
        "2026-02-01": "09:15-15:30",
    }


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 6, 23), date(2026, 6, 22)),
        (date(2026, 6, 22), date(2026, 6, 19)),  # a weekend between them
        (date(2026, 6, 21), date(2026, 6, 19)),
        (date(2026, 4, 6), date(2026, 4, 2)),  # Good Friday as well
        (date(2026, 2, 2), date(2026, 2, 1)),  # Budget Sunday
    ],
)
def test_the_trading_day_before_is_the_last_one_with_a_session(day: date, before: date) -> None:
    assert Market().trading_day_before(day) == before


def test_without_any_session_there_is_no_trading_day_before() -> None:
    closed = frozenset(date(2026, 6, 1) + timedelta(days=day) for day in range(30))
    assert Market(holidays=closed).trading_day_before(date(2026, 6, 22)) is None
