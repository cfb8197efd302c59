"""The calendar in force: the exchange's own list, the shipped one, special sessions."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.refused import Refused
from optionchain.announced_days import HOLIDAYS_2026, SHIPPED_HOLIDAYS
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import IST
from optionchain.holiday_list import judge
from optionchain.market import Market
from optionchain.market_calendar import MarketCalendar, market_of
from optionchain.mongo.holiday_register import HolidayRegister, Holidays
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock

WEDNESDAY = date(2026, 9, 16)
SUNDAY = date(2026, 11, 8)
DAY = timedelta(days=1)
MUHURAT = {SUNDAY: ((time(18, 15), time(19, 15)),)}


def ist(day: date, text: str = "11:00") -> datetime:
    return datetime.combine(day, time.fromisoformat(text), IST)


class Exchange:
    """Returns a list of holidays or raises an error; counts how often it was asked."""

    def __init__(self, answer: frozenset[date] | Exception) -> None:
        self.answer = answer
        self.asked = 0

    def __call__(self) -> frozenset[date]:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class CountingDatabase(ShakyDatabase):
    """A database that counts its operations."""

    asked = 0

    def answer(self) -> None:
        self.asked += 1
        super().answer()


class Clock(SimulatedClock):
    """A clock that may be set."""

    def move(self, by: timedelta) -> None:
        self._now += by


class Scene:
    """The exchange, the database and the clock of some environments."""

    def __init__(self) -> None:
        self.clock = Clock(ist(WEDNESDAY))
        self.database = CountingDatabase(memory_database())
        self.exchange = Exchange(HOLIDAYS_2026 | {WEDNESDAY})

    def calendar(self, hours: Literal["exchange", "always"] = "exchange") -> MarketCalendar:
        """Return a calendar as a new execution environment has it."""
        return MarketCalendar(HolidayRegister(self.database), hours, MUHURAT, self.clock.now)


@pytest.fixture
def here() -> Scene:
    return Scene()


def test_the_shipped_list_is_in_force_until_the_exchange_s_was_read(here: Scene) -> None:
    monday = date(2026, 9, 14)  # a holiday of the shipped list alone
    calendar = here.calendar()
    market = calendar.market()
    assert market == Market(special=market.special)
    assert (market.is_open(ist(monday)), market.is_open(ist(WEDNESDAY))) == (False, True)
    here.exchange.answer = HOLIDAYS_2026 - {monday} | {WEDNESDAY}
    calendar.refresh(here.exchange)
    for known in (calendar, here.calendar()):
        market = known.market()
        assert market.listed_alone == {WEDNESDAY}
        assert market.origin(2026) == "exchange"
        assert (market.is_open(ist(monday)), market.is_open(ist(WEDNESDAY))) == (True, False)


@pytest.mark.parametrize(
    ("year", "origin"), [(2023, "none"), (2025, "shipped"), (2026, "exchange"), (2027, "none")]
)
def test_a_year_without_any_list_counts_its_weekdays_as_open_and_says_so(
    here: Scene, year: int, origin: str
) -> None:
    calendar = here.calendar()
    calendar.refresh(here.exchange)
    market = calendar.market()
    assert market.origin(year) == origin
    assert market.is_open(ist(date(year, 1, 26))) is (origin == "none")


OF_2027 = frozenset(date(2027, month, 11) for month in (1, 2, 3, 5, 6, 8, 10, 11))
A_QUARTER = frozenset(WEDNESDAY + DAY * number for number in range(1, 62))


@given(st.frozensets(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=80))
def test_a_list_decides_the_years_that_are_believed_and_no_other(days: frozenset[date]) -> None:
    """Also one that an older version stored unjudged: this is how the market reads it."""
    market = market_of(Holidays(days, ist(WEDNESDAY)), "exchange", {})
    believed = judge(days).years
    for year in (2025, 2026, 2027):
        shipped = SHIPPED_HOLIDAYS.get(year, frozenset())
        expected = {day for day in days if day.year == year} if year in believed else shipped
        assert {day for day in market.holidays if day.year == year} == expected
        assert (market.origin(year) == "exchange") is (year in believed)


@pytest.mark.parametrize(
    ("listed", "days", "doubt"),
    [
        (A_QUARTER, HOLIDAYS_2026 | {WEDNESDAY}, "it closes 43 weekday(s) of 2026"),
        (frozenset({date(2026, 1, 26)}), HOLIDAYS_2026 | {WEDNESDAY}, "1 weekday(s) of 2026"),
        (OF_2027 | A_QUARTER, HOLIDAYS_2026 | {WEDNESDAY} | OF_2027, "weekday(s) of 2026"),
        (OF_2027, HOLIDAYS_2026 | {WEDNESDAY} | OF_2027, None),  # a list of another year
        (HOLIDAYS_2026, HOLIDAYS_2026, None),
    ],
)
def test_of_a_list_that_is_not_believed_the_last_good_one_stays(
    here: Scene, listed: frozenset[date], days: frozenset[date], doubt: str | None
) -> None:
    calendar = here.calendar()
    calendar.refresh(here.exchange)
    here.clock.move(DAY)
    here.exchange.answer = listed
    calendar.refresh(here.exchange)
    for known in (calendar, here.calendar()):
        market = known.market()
        assert {day for day in market.holidays if day.year >= 2026} == days
        assert (known.rejected is not None) is (doubt is not None)
        assert (doubt or "") in (known.rejected.detail if known.rejected else "")
    here.exchange.answer = HOLIDAYS_2026
    here.clock.move(DAY)
    calendar.refresh(here.exchange)
    assert calendar.rejected is None


@pytest.mark.parametrize("answer", [Refused("timeout", "no answer"), frozenset(A_QUARTER)])
def test_a_list_that_fails_is_asked_for_every_five_minutes_by_all_together(
    here: Scene, answer: Exception | frozenset[date]
) -> None:
    here.exchange.answer = answer
    for _ in range(60):
        with suppress(Refused):
            here.calendar().refresh(here.exchange)
        here.clock.move(timedelta(minutes=1))
    assert here.exchange.asked == 12
    here.exchange.answer = HOLIDAYS_2026
    for _ in range(60):
        here.calendar().refresh(here.exchange)
        here.clock.move(timedelta(minutes=1))
    assert here.exchange.asked == 13


def test_the_list_is_renewed_on_each_date_though_it_is_not_a_day_old(here: Scene) -> None:
    here.calendar().refresh(here.exchange)  # at 11:00, on the eve
    here.clock.move(timedelta(hours=22))
    here.exchange.answer = HOLIDAYS_2026
    calendar = here.calendar()
    calendar.refresh(here.exchange)
    assert calendar.market().holidays >= HOLIDAYS_2026
    assert here.exchange.asked == 2


def test_a_clock_that_ran_ahead_does_not_keep_a_list_for_ever(here: Scene) -> None:
    here.clock.move(365 * DAY)
    here.calendar().refresh(here.exchange)
    here.clock.move(-365 * DAY)
    here.calendar().refresh(here.exchange)
    assert here.exchange.asked == 2


def test_a_day_on_which_the_exchange_traded_is_open_for_every_reader(here: Scene) -> None:
    calendar, other = here.calendar(), here.calendar()
    calendar.refresh(here.exchange)
    assert not other.market().is_open(ist(WEDNESDAY))
    assert calendar.contradict(WEDNESDAY).is_open(ist(WEDNESDAY))
    here.clock.move(timedelta(minutes=6))
    assert other.market().is_open(ist(WEDNESDAY))
    assert other.contradicted == {WEDNESDAY}
    assert not other.market().listed_alone


def test_a_market_of_all_hours_needs_no_list(here: Scene) -> None:
    calendar = here.calendar(hours="always")
    calendar.refresh(here.exchange)
    assert calendar.market().is_open(ist(SUNDAY))
    assert (here.exchange.asked, here.database.asked) == (0, 0)


def test_the_database_is_read_every_five_minutes_at_most(here: Scene) -> None:
    calendar = here.calendar()
    for _ in range(12 * 60):
        calendar.market()
        here.clock.sleep(5)
    assert 11 <= here.database.asked <= 12


def test_a_list_of_another_environment_is_known_within_five_minutes(here: Scene) -> None:
    calendar = here.calendar()
    calendar.market()
    here.calendar().refresh(here.exchange)
    here.clock.sleep(5 * 60 + 1)
    assert not calendar.market().is_open(ist(WEDNESDAY))


def test_without_the_database_the_known_list_stays_in_force(here: Scene) -> None:
    calendar, newcomer = here.calendar(), here.calendar()
    calendar.refresh(here.exchange)
    here.database.away = True
    here.clock.sleep(10 * 60)
    assert calendar.market().origin(2026) == "exchange"
    assert newcomer.market().origin(2026) == "shipped"
    with pytest.raises(StoreUnavailable):
        newcomer.refresh(here.exchange)
    here.database.away = False
    here.clock.sleep(60)
    assert newcomer.market().origin(2026) == "exchange"


@pytest.mark.parametrize("origin", ["shipped", "exchange"])
def test_a_special_session_goes_before_weekends_and_every_list(here: Scene, origin: str) -> None:
    calendar = here.calendar()
    if origin == "exchange":
        calendar.refresh(Exchange(HOLIDAYS_2026 | {SUNDAY}))
    market = calendar.market()
    assert market.origin(2026) == origin
    times = ("09:15", "18:14:59", "18:15", "19:14:55", "19:15")
    assert [text for text in times if market.is_open(ist(SUNDAY, text))] == ["18:15", "19:14:55"]


def due(market: Market, day: date, since: str, until: str) -> list[str]:
    """The ticks of five seconds between two times of a day that are to be read."""
    instant, end = ist(day, since), ist(day, until)
    ticks = []
    while instant < end:
        if market.is_due(instant):
            ticks.append(f"{instant:%H:%M:%S}")
        instant += timedelta(seconds=5)
    return ticks


@pytest.mark.parametrize(
    ("day", "close", "settled", "evening"),
    [
        (date(2026, 7, 31), "15:29:55", "15:35:00", "19:45:00"),
        (date(2026, 8, 3), "15:39:55", "15:45:00", "19:45:00"),
        (SUNDAY, "19:14:55", "19:20:00", "21:00:00"),
    ],
)
def test_one_tick_is_due_five_minutes_after_the_close_and_one_in_the_evening(
    day: date, close: str, settled: str, evening: str
) -> None:
    ticks = due(Market(special=MUHURAT), day, "15:00", "23:59")
    assert ticks[-3:] == [close, settled, evening]


def test_a_day_without_a_session_has_no_tick_and_a_day_of_all_hours_has_each() -> None:
    for day in (date(2026, 9, 19), date(2026, 9, 20), date(2026, 9, 14)):
        assert due(Market(), day, "00:00", "23:59:59") == []
    assert len(due(Market("always"), SUNDAY, "00:00", "23:59:59")) == 24 * 60 * 12


@pytest.mark.parametrize(
    ("stamp", "tick"),
    [("15:30:00", "09:15:00"), ("23:59:59", "00:00:05"), ("09:15:00", "09:15:05")],
)
def test_a_timestamp_of_the_day_before_is_of_an_earlier_session(stamp: str, tick: str) -> None:
    before, now = ist(WEDNESDAY - DAY, stamp), ist(WEDNESDAY, tick)
    assert Market().is_earlier_session(before, now)
    assert not Market().is_earlier_session(ist(WEDNESDAY, "00:00:00"), now)
    assert not Market("always").is_earlier_session(before, now)
