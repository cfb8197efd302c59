"""What an invocation does before its first tick: indexes and the list of holidays."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.lists.calendar_watch import CalendarSource, CalendarWatch
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.shifts.warm_up import WarmUp
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.refused import Refused
from optionchain.announced_days import HOLIDAYS_2026
from optionchain.errors import PayloadInvalid, StoreUnavailable
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.source_register import SourceState
from tests.support.fakes import FakeStateStore, ShakyDatabase, SimulatedClock
from tests.support.mongomock_database import RETENTION_DAYS, memory_database, uses_mongomock

pytestmark = uses_mongomock
NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)
LISTED = HOLIDAYS_2026 | {date(2026, 9, 17)}


@dataclass
class Exchange:
    """The part of the client that is asked for holidays."""

    answer: frozenset[date] | Exception = LISTED
    asked: int = 0

    def holidays(self, deadline: float) -> frozenset[date]:
        assert deadline > 0
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Scene:
    exchange: Exchange
    database: ShakyDatabase
    clock: SimulatedClock
    store: FakeStateStore
    calendar: MarketCalendar
    warm_up: WarmUp


@pytest.fixture
def here(telemetry: Telemetry) -> Scene:
    clock, store, exchange = SimulatedClock(NOON), FakeStateStore(), Exchange()
    database = ShakyDatabase(memory_database())
    calendar = MarketCalendar(HolidayRegister(database), "exchange", {}, clock.now)
    warm_up = WarmUp(
        load=lambda: None,
        indexes=Indexes(database, RETENTION_DAYS),
        watch=CalendarWatch(
            calendar,
            cast("CalendarSource", exchange),
            parse,
            SourceBackoff(store, clock.now),
            telemetry,
            lambda: True,
            clock.now,
        ),
    )
    return Scene(exchange, database, clock, store, calendar, warm_up)


def warnings(capsys: pytest.CaptureFixture[str]) -> list[str]:
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["level"] for line in written} <= {"WARNING"}
    assert {line["message"] for line in written} <= {"holidays"}
    return [line["detail"] for line in written]


def test_the_first_warm_up_creates_indexes_and_reads_the_list(here: Scene) -> None:
    here.warm_up()
    assert len(here.database["option_chain"].index_information()) == 4
    assert here.calendar.market().holidays >= LISTED


@pytest.mark.parametrize(
    "error",
    [
        Refused("empty", "the body is {}"),
        Refused("not_json", "a page"),
        Refused("timeout", "no answer in time"),
        PayloadInvalid("not a list of days", "holiday master: FO"),
    ],
)
def test_a_list_that_cannot_be_read_is_logged_and_the_old_one_stays(
    here: Scene, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    here.warm_up()
    here.clock.sleep(timedelta(days=2).total_seconds())
    here.exchange.answer = error
    here.warm_up()
    assert warnings(capsys) == [str(error)]
    assert here.calendar.market().holidays >= LISTED
    assert here.store.state == SourceState()


def test_during_a_wait_the_exchange_is_not_asked(here: Scene) -> None:
    here.store.state = SourceState("blocked", "403", NOON, NOON + timedelta(hours=1), 1)
    here.warm_up()
    assert here.exchange.asked == 0
    assert len(here.database["option_chain"].index_information()) == 4
    here.clock.sleep(3_600)
    here.warm_up()
    assert here.exchange.asked == 1


def test_without_a_database_nothing_is_asked(here: Scene) -> None:
    here.database.away = True
    with pytest.raises(StoreUnavailable):
        here.warm_up()
    assert here.exchange.asked == 0
    here.database.away = False
    here.warm_up()
    assert here.exchange.asked == 1
