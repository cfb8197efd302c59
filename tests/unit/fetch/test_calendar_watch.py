"""A wrong list of holidays cannot put the recorder to sleep: the watch on days without a tick."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.lists.calendar_watch import CalendarWatch
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.refused import Refused
from optionchain.announced_days import HOLIDAYS_2026
from optionchain.errors import PayloadInvalid
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.source_register import SourceState
from optionchain.snapshot import Snapshot
from tests.support.bodies import chain_body
from tests.support.fakes import FakeStateStore, ShakyDatabase, SimulatedClock
from tests.support.histories import ist
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock
WEDNESDAY, FRIDAY = date(2026, 9, 16), date(2026, 10, 2)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
EXPIRY = date(2026, 10, 6)
FALSE_LIST = HOLIDAYS_2026 | {WEDNESDAY}
BLOCK = Refused("blocked", "403")


class Exchange:
    """Answers a list of holidays and chains with a stamp; notes what it was asked for."""

    def __init__(self) -> None:
        self.listed: frozenset[date] | Exception = FALSE_LIST
        self.stamp: datetime | Exception = ist(WEDNESDAY - DAY, "15:40:00")
        self.asked: list[str] = []

    def holidays(self, deadline: float) -> frozenset[date]:
        assert deadline > 0
        self.asked.append("holidays")
        if isinstance(self.listed, Exception):
            raise self.listed
        return self.listed

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        assert symbol in ("NIFTY", "IDEA")
        assert deadline > 0
        return [EXPIRY]

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        assert (expiry, deadline > 0) == (EXPIRY, True)
        self.asked.append(symbol)
        if isinstance(self.stamp, Exception):
            raise self.stamp
        return orjson.dumps(chain_body(symbol=symbol, stamp=self.stamp, expiry=EXPIRY))


class Scene:
    """The schedule of some environments over one database; each invocation is by a new one."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.clock = SimulatedClock(ist(WEDNESDAY, "09:00"))
        self.database = ShakyDatabase(memory_database())
        self.exchange, self.store = Exchange(), FakeStateStore()
        self.telemetry = telemetry
        # What a source without time stamps sends: volume and open interest of each contract.
        self.vendor: tuple[float, float] | None = None
        # What one environment remembers; by default each invocation is by a new one.
        self.kept: dict[date, Snapshot] | None = None

    def invoke(self) -> bool:
        """Return whether the market is open for this invocation."""
        now = self.clock.now
        calendar = MarketCalendar(HolidayRegister(self.database), "exchange", {}, now)
        backoff = SourceBackoff(self.store, now)
        enabled = RecorderSwitch(self.database).enabled
        unstamped = {} if self.kept is None else {"_unstamped": self.kept}
        watch = CalendarWatch(
            calendar, self.exchange, self.parse, backoff, self.telemetry, enabled, now, **unstamped
        )
        return watch.market(["NIFTY", "IDEA"]).is_open(now())

    def parse(self, body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
        if self.vendor is None:
            return parse(body, symbol, fetched_at)
        volume, open_interest = self.vendor
        chain = snapshot(symbol=symbol, total_traded_volume=volume, open_interest=open_interest)
        return replace(chain, exchange_timestamp=None, fetched_at=fetched_at)

    def every_minute(self, since: datetime, until: datetime) -> list[datetime]:
        """Invoke each minute as the schedule does; return the minutes of an open market."""
        self.clock.sleep((since - self.clock.now()).total_seconds())
        found = []
        while self.clock.now() < until:
            if self.invoke():
                found.append(self.clock.now())
            self.clock.sleep(60)
        return found


@pytest.fixture
def here(telemetry: Telemetry) -> Scene:
    return Scene(telemetry)


def messages(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line["message"] for line in lines if "message" in line]


def counted(text: str, metric: str) -> int:
    """Return how often a metric was written."""
    lines: list[Any] = [json.loads(line) for line in text.splitlines()]
    return sum(metric in line for line in lines)


def test_the_list_is_renewed_before_the_opening_of_each_weekday(here: Scene) -> None:
    here.every_minute(ist(WEDNESDAY, "09:00"), ist(WEDNESDAY, "09:13"))
    here.every_minute(ist(WEDNESDAY + DAY, "09:00"), ist(WEDNESDAY + DAY, "09:13"))
    assert here.exchange.asked == ["holidays"] * 2


def test_a_holiday_taken_back_on_the_eve_is_a_day_like_any_other(here: Scene) -> None:
    here.exchange.listed = HOLIDAYS_2026 | {WEDNESDAY + DAY}
    here.invoke()
    tomorrow = WEDNESDAY + DAY
    here.exchange.listed = HOLIDAYS_2026
    here.every_minute(ist(tomorrow, "09:00"), ist(tomorrow, "09:13"))
    here.clock.sleep((ist(tomorrow, "09:15") - here.clock.now()).total_seconds())
    assert here.invoke()


@pytest.mark.parametrize(
    ("day", "since", "until"),
    [
        (WEDNESDAY, "00:00", "08:00"),
        (WEDNESDAY, "15:46", "23:59"),
        (WEDNESDAY + 3 * DAY, "09:00", "20:59"),  # a Saturday
        (WEDNESDAY + 4 * DAY, "09:00", "20:59"),
    ],
)
def test_at_night_and_on_weekends_the_exchange_is_not_asked(
    here: Scene, day: date, since: str, until: str
) -> None:
    here.clock = SimulatedClock(ist(day, since))
    assert here.every_minute(ist(day, since), ist(day, until)) == []
    assert here.exchange.asked == []


def test_a_holiday_that_both_lists_of_today_name_costs_one_request(here: Scene) -> None:
    here.exchange.listed = HOLIDAYS_2026
    assert here.every_minute(ist(FRIDAY, "09:00"), ist(FRIDAY, "20:59")) == []
    assert here.exchange.asked == ["holidays"]


def test_a_day_that_the_exchange_s_list_closes_alone_is_said_and_looked_at(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert here.every_minute(ist(WEDNESDAY, "09:00"), ist(WEDNESDAY, "16:00")) == []
    assert Counter(here.exchange.asked) == {"holidays": 1, "NIFTY": 38, "IDEA": 39}
    written = capsys.readouterr().out
    assert counted(written, "ClosedByListAlone") == 385
    assert written.count("closed_by_list_alone") == 77


def test_a_fresh_chain_opens_a_day_that_is_listed_as_closed(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    here.every_minute(ist(WEDNESDAY, "09:00"), ist(WEDNESDAY, "11:03"))
    here.exchange.stamp = ist(WEDNESDAY, "11:02:50")
    opened = here.every_minute(ist(WEDNESDAY, "11:03"), ist(WEDNESDAY, "11:20"))
    assert opened[0] == ist(WEDNESDAY, "11:05")  # the probe, at most five minutes later
    assert len(opened) == 15
    assert messages(capsys)[-1] == "holiday_list_contradicted"


@pytest.mark.parametrize(
    "stamp",
    [
        ist(WEDNESDAY - DAY, "15:40:00"),
        ist(WEDNESDAY, "09:00:00"),  # before the opening
        ist(WEDNESDAY, "11:10:00"),  # more than two minutes ahead
        ist(WEDNESDAY + DAY, "11:00:00"),
        Refused("timeout", "no answer"),
        PayloadInvalid("no rows", "records.data"),
    ],
)
def test_what_is_no_evidence_leaves_the_day_closed(
    here: Scene, stamp: datetime | Exception
) -> None:
    here.invoke()
    here.exchange.stamp = stamp
    assert here.every_minute(ist(WEDNESDAY, "11:00"), ist(WEDNESDAY, "11:06")) == []


@pytest.mark.parametrize("listed", [Refused("timeout", "no answer"), PayloadInvalid("[]", "FO")])
def test_while_the_list_cannot_be_read_every_closed_day_is_looked_at(
    here: Scene, listed: Exception
) -> None:
    """The holiday of the shipped list may have been moved, and the exchange's list is away."""
    here.exchange.listed = listed
    here.exchange.stamp = ist(FRIDAY, "09:17:30")
    opened = here.every_minute(ist(FRIDAY, "09:00"), ist(FRIDAY, "09:30"))
    assert opened[0] == ist(FRIDAY, "09:20")
    assert here.exchange.asked[:3] == ["holidays"] * 3


def test_a_source_that_blocks_is_not_asked_again_during_its_wait(here: Scene) -> None:
    here.exchange.listed = BLOCK
    here.every_minute(ist(WEDNESDAY, "09:00"), ist(WEDNESDAY, "09:05"))
    assert here.exchange.asked == ["holidays"]
    assert here.store.state.reason == "blocked"
    here.exchange = Exchange()
    here.store.state = SourceState()
    here.invoke()
    here.exchange.stamp = BLOCK
    here.every_minute(ist(WEDNESDAY, "09:15"), ist(WEDNESDAY, "09:20"))
    assert here.exchange.asked in (["holidays", "NIFTY"], ["holidays", "IDEA"])


def test_a_list_that_is_not_believed_is_told_once_each_time_it_is_read(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    here.exchange.listed = frozenset(WEDNESDAY + DAY * each for each in range(61))
    here.every_minute(ist(WEDNESDAY, "09:00"), ist(WEDNESDAY, "09:10"))
    assert here.exchange.asked == ["holidays"] * 2
    written = capsys.readouterr().out
    assert written.count("holiday_list_rejected") == 2
    assert counted(written, "HolidayListRejected") == 2
    here.clock.sleep(300)
    assert here.invoke()  # 09:15: open by the shipped list


def test_a_recorder_that_is_switched_off_asks_nothing(here: Scene) -> None:
    RecorderSwitch(here.database).switch(["NIFTY"], here.clock.now(), enabled=False)
    here.every_minute(ist(WEDNESDAY, "09:00"), ist(WEDNESDAY, "09:14"))
    here.every_minute(ist(FRIDAY, "09:00"), ist(FRIDAY, "09:30"))
    assert here.exchange.asked == []


def test_without_the_database_the_list_at_hand_stays_in_force(here: Scene) -> None:
    here.database.away = True
    assert here.every_minute(ist(FRIDAY, "09:00"), ist(FRIDAY, "09:20")) == []
    assert here.exchange.asked == []


@pytest.mark.parametrize(
    ("readings", "opened"),
    [
        # The clock of the recorder is no evidence, and neither is a chain that moves by itself.
        ([(700.0, 900.0)] * 12, []),
        ([(700.0, 900.0 + number) for number in range(12)], []),
        ([(700.0, 900.0), (0.0, 0.0)] * 6, []),
        ([(0.0, 900.0), (700.0, 900.0)] * 6, []),
        # Volumes rise from one probe to the next.
        ([(700.0 + number, 900.0) for number in range(12)], ["11:05"]),
        ([(0.0, 900.0), *[(700.0 + number, 900.0) for number in range(11)]], ["11:10"]),
    ],
)
def test_without_a_stamp_only_trades_open_a_closed_day(
    here: Scene, readings: list[tuple[float, float]], opened: list[str]
) -> None:
    here.kept = {}
    found = []
    here.invoke()
    for number, reading in enumerate(readings):
        here.vendor = reading
        at = ist(WEDNESDAY, "11:00") + number * 5 * MINUTE
        found += here.every_minute(at, at + 5 * MINUTE)
    assert found[:1] == [ist(WEDNESDAY, at) for at in opened]
    if not opened:
        assert {"NIFTY", "IDEA"} >= set(here.exchange.asked) - {"holidays"}
