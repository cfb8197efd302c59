"""Lists of contracts are read once a day, before the opening, and never at the cost of a tick."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from chain_fetch.recording.lists.contract_master import ContractMaster
from chain_fetch.recording.lists.contract_watch import ContractWatch
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.refused import Refused
from local.run.simulated_time import InlineExecutor
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from optionchain.market import Market
from optionchain.mongo.contract_register import ContractRegister
from optionchain.mongo.recorder_switch import RecorderSwitch
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.histories import ist
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock
FRIDAY, MONDAY = date(2026, 9, 18), date(2026, 9, 21)
EXPIRY = date(2026, 9, 29)
SYMBOLS = ("NIFTY", "M&M")
MARKET = Market()
MINUTE = timedelta(minutes=1)


@dataclass
class Reader:
    """A list that states one lot of NIFTY, or cannot be read."""

    name: str = "bhavcopy"
    lot: int = 65
    answer: Exception | None = None
    before: bool = True
    asked: list[datetime] = field(default_factory=list)
    now: SimulatedClock | None = None

    def day(self, today: date, market: Market) -> date | None:
        return market.trading_day_before(today) if self.before else today

    def read(
        self, symbols: Sequence[str], day: date, deadline: float
    ) -> Mapping[str, Mapping[date, ContractTerms]]:
        assert symbols == SYMBOLS
        assert day == (FRIDAY if self.before else MONDAY)
        assert 20 < deadline - time.monotonic() < 30
        assert self.now is not None
        self.asked.append(self.now.now())
        if self.answer:
            raise self.answer
        return {"NIFTY": {EXPIRY: ContractTerms(self.lot)}}


class CountingExecutor(InlineExecutor):
    """Counts what other threads are given to do."""

    tasks = 0

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        self.tasks += 1
        return super().submit(fn, *args, **kwargs)


class Scene:
    """The schedule of one environment on a Monday morning."""

    def __init__(self, telemetry: Telemetry, *readers: Reader, start: str = "09:00") -> None:
        self.clock = SimulatedClock(ist(MONDAY, start))
        self.database = ShakyDatabase(memory_database())
        self.readers, self.telemetry = readers, telemetry
        for reader in readers:
            reader.now = self.clock
        self.watch = self.environment()

    def environment(self) -> ContractWatch:
        """Return the watch of a new environment."""
        self.master = ContractMaster(ContractRegister(self.database), self.clock.now)
        enabled = RecorderSwitch(self.database).enabled
        parts = self.readers, self.master, self.telemetry, enabled, self.clock.now
        return ContractWatch(*parts, InlineExecutor())

    def invoke(self, minutes: int = 1) -> None:
        """Let an invocation begin each minute."""
        for _ in range(minutes):
            self.watch.look(SYMBOLS, MARKET)
            self.clock.sleep(60)

    @property
    def lot(self) -> int | None:
        return self.master.of("NIFTY", EXPIRY, MONDAY).lot_size


def logged(output: str, message: str) -> list[dict[str, object]]:
    """Return the lines of the log with a message."""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("message") == message]


def test_each_list_is_read_once_before_the_opening(telemetry: Telemetry) -> None:
    exchange, vendor = Reader(), Reader("upstox-files", before=False)
    scene = Scene(telemetry, exchange, vendor)
    scene.invoke(minutes=60)
    assert exchange.asked == vendor.asked == [ist(MONDAY, "09:00")]
    assert scene.lot == 65
    assert scene.master.of("M&M", EXPIRY, MONDAY).reasons["lot_size"] == "not_listed"


def test_what_another_environment_has_read_is_not_read_again(telemetry: Telemetry) -> None:
    reader = Reader()
    scene = Scene(telemetry, reader)
    scene.invoke()
    scene.watch = scene.environment()
    scene.invoke(minutes=5)
    assert len(reader.asked) == 1
    assert scene.lot == 65


def test_a_list_that_cannot_be_read_is_asked_for_each_minute_until_it_can(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = Reader(answer=Refused("timeout", "no answer in time"))
    scene = Scene(telemetry, reader)
    scene.invoke(minutes=4)
    reader.answer = None
    scene.invoke(minutes=4)
    assert len(reader.asked) == 5
    assert scene.lot == 65
    output = capsys.readouterr().out
    told = logged(output, "contract_list")
    assert [(line["list"], line["day"], line["detail"]) for line in told] == [
        ("bhavcopy", "2026-09-18", "timeout: no answer in time")
    ] * 4
    assert output.count('"ContractListsUnread":[1') == 4


@pytest.mark.parametrize(("error", "known", "times"), [
    (Refused("timeout", "slow"), False, 60),
    (PayloadInvalid("cut off", "a.csv.zip"), False, 60),
    (Refused("timeout", "slow"), True, 4),
    (Refused("empty", "the server has no file"), False, 4),
    # Who refuses is left alone, whatever is known.
    (Refused("blocked", "HTTP 403"), False, 2),
    (Refused("rate_limited", "HTTP 429", 3_000.0), False, 2),
    (Refused("rate_limited", "HTTP 429", 7_200.0), True, 1),
])  # fmt: skip
def test_in_a_session_a_list_is_asked_for_as_often_as_it_is_needed(
    error: Exception, known: bool, times: int, telemetry: Telemetry
) -> None:
    reader = Reader(answer=error)
    scene = Scene(telemetry, reader, start="11:00")
    if known:
        for symbol in SYMBOLS:
            scene.master.learn("upstox", symbol, {EXPIRY: ContractTerms(65)}, MONDAY)
    scene.invoke(minutes=60)
    assert len(reader.asked) == times


@pytest.mark.parametrize(("start", "submitted", "read"), [
    ("08:59", 0, 1),
    ("09:00", 0, 1),
    ("09:13", 1, 1),
    ("09:20", 1, 1),
    ("15:39", 1, 1),
    ("15:41", 0, 0),
    ("18:00", 0, 0),
    ("19:46", 1, 1),
    ("21:59", 0, 0),
])  # fmt: skip
def test_beside_ticks_a_list_is_read_by_another_thread(
    start: str, submitted: int, read: int, telemetry: Telemetry
) -> None:
    reader, pool = Reader(), CountingExecutor()
    scene = Scene(telemetry, reader, start=start)
    scene.watch.pool = pool
    scene.invoke()
    assert (pool.tasks, len(reader.asked)) == (submitted, read)


def test_nothing_is_read_on_a_day_without_a_session(telemetry: Telemetry) -> None:
    reader = Reader()
    scene = Scene(telemetry, reader)
    scene.clock.sleep(timedelta(days=5).total_seconds())  # a Saturday
    scene.invoke(minutes=60)
    assert reader.asked == []


def test_a_recorder_that_is_stopped_or_has_no_database_reads_nothing(telemetry: Telemetry) -> None:
    reader = Reader()
    scene = Scene(telemetry, reader)
    scene.database.away = True
    scene.invoke()
    assert reader.asked == []
    scene.database.away = False
    RecorderSwitch(scene.database).switch(SYMBOLS, scene.clock.now(), enabled=False)
    scene.invoke()
    assert reader.asked == []
    RecorderSwitch(scene.database).switch(SYMBOLS, scene.clock.now(), enabled=True)
    scene.invoke()
    assert len(reader.asked) == 1


def test_a_list_that_fails_hinders_no_other(telemetry: Telemetry) -> None:
    bad, good = Reader(answer=PayloadInvalid("no zip", "a")), Reader("upstox-files", before=False)
    scene = Scene(telemetry, bad, good)
    scene.invoke()
    assert scene.lot == 65


def test_lists_that_differ_are_told_with_both_values(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene(telemetry, Reader(), Reader("upstox-files", lot=75, before=False))
    scene.invoke()
    assert scene.lot is None
    (told,) = logged(capsys.readouterr().out, "contract_lists_differ")
    assert told["detail"] == (
        "NIFTY 29-Sep-2026, lot_size: bhavcopy of 2026-09-18: 65; upstox-files of 2026-09-21: 75"
    )


def test_an_unforeseen_error_beside_ticks_is_logged(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene(telemetry, Reader(answer=KeyError("bug")), start="11:00")
    scene.invoke()
    (told,) = logged(capsys.readouterr().out, "contract_list")
    assert told["exception_name"] == "KeyError"
