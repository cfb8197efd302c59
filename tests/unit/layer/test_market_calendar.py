"""The calendar in force: the exchange's own list, the shipped one, special sessions."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.refused import Refused
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import IST
from optionchain.market import HOLIDAYS_2026, Market
from optionchain.market_calendar import MarketCalendar, market_of
from optionchain.mongo.holiday_register import HolidayRegister, Holidays
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock

WEDNESDAY = date(2026, 9, 16)
SUNDAY = date(2026, 11, 8)
DAY = timedelta(days=1)
MUHURAT = {SUNDAY: (time(18, 15), time(19, 15))}


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


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(ist(WEDNESDAY))


@pytest.fixture
def database() -> CountingDatabase:
    return CountingDatabase(memory_database())


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(HOLIDAYS_2026 | {WEDNESDAY})


type NewCalendar = Callable[..., MarketCalendar]


@pytest.fixture
def environment(database: CountingDatabase, clock: SimulatedClock) -> NewCalendar:
    """A calendar as a new execution environment has it."""

    def calendar(
        hours: Literal["exchange", "always"] = "exchange",
        special: Mapping[date, tuple[time, time]] = MUHURAT,
    ) -> MarketCalendar:
        return MarketCalendar(HolidayRegister(database), hours, special, clock.now)

    return calendar


def test_the_shipped_list_holds_until_the_exchange_s_was_read(environment: NewCalendar) -> None:
    monday = date(2026, 9, 14)  # a holiday of the shipped list alone
    calendar = environment()
    market = calendar.market()
    assert (market.holidays, market.origin) == (HOLIDAYS_2026, "shipped")
    assert (market.is_open(ist(monday)), market.is_open(ist(WEDNESDAY))) == (False, True)
    calendar.refresh(Exchange(HOLIDAYS_2026 - {monday} | {WEDNESDAY}))
    for known in (calendar, environment()):
        market = known.market()
        assert market.origin == "exchange"
        assert (market.is_open(ist(monday)), market.is_open(ist(WEDNESDAY))) == (True, False)


@pytest.mark.parametrize("listed", [{date(2027, 1, 26)}, {date(2025, 10, 2)}])
def test_for_a_year_without_a_listed_day_the_shipped_list_is_in_force(listed: set[date]) -> None:
    market = market_of(Holidays(frozenset(listed), ist(WEDNESDAY)), "exchange", {})
    assert market.holidays == HOLIDAYS_2026 | listed


@given(st.frozensets(st.dates(date(2025, 1, 1), date(2027, 12, 31)), min_size=1))
def test_the_exchange_s_list_decides_every_year_that_it_covers(days: frozenset[date]) -> None:
    market = market_of(Holidays(days, ist(WEDNESDAY)), "exchange", {})
    assert market.origin == "exchange"
    for year in {day.year for day in days}:
        assert {day for day in market.holidays if day.year == year} == {
            day for day in days if day.year == year
        }
    if 2026 not in {day.year for day in days}:
        assert market.holidays >= HOLIDAYS_2026


def test_the_exchange_is_asked_once_a_day_by_all_environments_together(
    environment: NewCalendar, exchange: Exchange, clock: SimulatedClock
) -> None:
    first = environment()
    for _ in range(24 * 4):
        first.refresh(exchange)
        environment().refresh(exchange)
        clock.sleep(15 * 60)
    assert exchange.asked == 1
    clock.sleep(60)
    environment().refresh(exchange)
    first.refresh(exchange)
    assert exchange.asked == 2


def test_a_list_that_cannot_be_read_is_asked_for_again_and_the_old_one_stays(
    environment: NewCalendar, exchange: Exchange, clock: SimulatedClock
) -> None:
    calendar = environment()
    calendar.refresh(exchange)
    clock.sleep((2 * DAY).total_seconds())
    broken = Exchange(Refused("not_json", "a page"))
    for _ in range(3):
        with pytest.raises(Refused):
            calendar.refresh(broken)
    assert broken.asked == 3
    for known in (calendar, environment()):
        assert known.market().holidays == HOLIDAYS_2026 | {WEDNESDAY}
    fresh = Exchange(HOLIDAYS_2026)
    calendar.refresh(fresh)
    assert calendar.market().holidays == HOLIDAYS_2026


def test_a_market_of_all_hours_needs_no_list(
    environment: NewCalendar, exchange: Exchange, database: CountingDatabase
) -> None:
    calendar = environment(hours="always")
    calendar.refresh(exchange)
    assert calendar.market().is_open(ist(SUNDAY))
    assert (exchange.asked, database.asked) == (0, 0)


def test_the_database_is_read_every_five_minutes_at_most(
    environment: NewCalendar, database: CountingDatabase, clock: SimulatedClock
) -> None:
    calendar = environment()
    for _ in range(12 * 60):
        calendar.market()
        clock.sleep(5)
    assert 11 <= database.asked <= 12


def test_a_list_of_another_environment_is_known_within_five_minutes(
    environment: NewCalendar, exchange: Exchange, clock: SimulatedClock
) -> None:
    calendar = environment()
    calendar.market()
    environment().refresh(exchange)
    clock.sleep(5 * 60 + 1)
    assert not calendar.market().is_open(ist(WEDNESDAY))


def test_without_the_database_the_known_list_stays_in_force(
    environment: NewCalendar, exchange: Exchange, database: CountingDatabase, clock: SimulatedClock
) -> None:
    calendar, newcomer = environment(), environment()
    calendar.refresh(exchange)
    database.away = True
    clock.sleep(10 * 60)
    assert calendar.market().origin == "exchange"
    assert newcomer.market().origin == "shipped"
    with pytest.raises(StoreUnavailable):
        newcomer.refresh(exchange)
    database.away = False
    clock.sleep(60)
    assert newcomer.market().origin == "exchange"


@pytest.mark.parametrize("origin", ["shipped", "exchange"])
def test_a_special_session_overrides_weekends_and_lists(
    environment: NewCalendar, origin: str
) -> None:
    calendar = environment()
    if origin == "exchange":
        calendar.refresh(Exchange(HOLIDAYS_2026 | {SUNDAY}))
    market = calendar.market()
    assert market.origin == origin
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
    ("day", "close", "settled"),
    [
        (date(2026, 7, 31), "15:29:55", "15:35:00"),
        (date(2026, 8, 3), "15:39:55", "15:45:00"),
        (SUNDAY, "19:14:55", "19:20:00"),
    ],
)
def test_one_tick_is_due_five_minutes_after_the_close(day: date, close: str, settled: str) -> None:
    ticks = due(Market(special=MUHURAT), day, "15:00", "23:59")
    assert ticks[-2:] == [close, settled]


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
