"""The list of symbols is read once a day by one environment, and the last good one holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from chain_fetch.recording.lists.symbol_evidence import AskedSource
from chain_fetch.recording.lists.symbol_list_reader import SymbolListReader
from chain_fetch.recording.lists.symbol_list_rules import SymbolFacts
from chain_fetch.recording.lists.symbol_watch import SymbolWatch
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.refused import Refused
from chain_fetch.source import SentSymbol
from local.run.simulated_time import InlineExecutor
from optionchain.errors import PayloadInvalid, StoreUnavailable
from optionchain.market import Market, Session
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.settings import Settings
from optionchain.symbol_list import SymbolList
from tests.support.fakes import FakeStateStore, ShakyDatabase, SimulatedClock
from tests.support.histories import ist
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock
FRIDAY, MONDAY, TUESDAY = date(2026, 9, 18), date(2026, 9, 21), date(2026, 9, 22)
EXPIRY = date(2026, 9, 29)
LISTED = {"NIFTY": SentSymbol("index"), "ACC": SentSymbol("stock"), "IDEA": SentSymbol("stock")}


@dataclass
class FakeSource:
    """A source that lists symbols, or refuses; of a symbol without answers nothing is clear."""

    sent: Mapping[str, SentSymbol] | Exception = field(default_factory=lambda: LISTED)
    listed: dict[str, list[date] | Exception] = field(default_factory=dict)
    traded: dict[str, bool] = field(default_factory=dict)
    lists_read: int = 0
    asked: list[str] = field(default_factory=list)

    def symbols(self, deadline: float) -> Mapping[str, SentSymbol]:  # noqa: ARG002
        self.lists_read += 1
        if isinstance(self.sent, Exception):
            raise self.sent
        return self.sent

    def expiries(self, symbol: str, deadline: float) -> list[date]:  # noqa: ARG002
        self.asked.append(symbol)
        answer = self.listed.get(symbol, Refused("timeout", "no answer in time"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def trial(self, symbol: str, expiry: date, tick: datetime, deadline: float) -> bool | None:  # noqa: ARG002
        self.asked.append(f"{symbol} {expiry}")
        return self.traded.get(symbol)


class Scene:
    """Environments on one database, whose invocations begin each minute."""

    def __init__(self, telemetry: Telemetry, *sources: FakeSource, start: datetime) -> None:
        self.clock = SimulatedClock(start)
        self.database = ShakyDatabase(memory_database())
        self.telemetry, self.sources = telemetry, sources
        self.facts: dict[str, SymbolFacts] = {}
        self.sessions: list[Session | None] = []
        self.settings = Settings(nse_symbols=("ALL",))
        self.watch = self.environment()

    def environment(self, *, files: bool = False) -> SymbolWatch:
        """Return the watch of a new environment."""
        now = self.clock.now
        asked = [
            AskedSource(
                f"source-{number}",
                each,
                each.trial,
                SourceBackoff(FakeStateStore(), now),
                list_is_file=files,
            )
            for number, each in enumerate(self.sources)
        ]
        register = SymbolListRegister(self.database)
        reader = SymbolListReader(asked, register, self, Market, self.telemetry, now)
        directory = SymbolDirectory(self.settings, register, now)
        enabled = RecorderSwitch(self.database).enabled
        pool = InlineExecutor()
        return SymbolWatch(directory, reader, Market, self.telemetry, enabled, now, pool)

    def of(self, session: Session | None) -> dict[str, SymbolFacts]:
        self.sessions.append(session)
        return self.facts

    def invoke(self, minutes: int = 1) -> None:
        """Let an invocation begin each minute."""
        for _ in range(minutes):
            self.watch()
            self.clock.sleep(60)

    def go_to(self, instant: datetime) -> None:
        self.clock.sleep((instant - self.clock.now()).total_seconds())

    @property
    def list(self) -> SymbolList:
        found = SymbolListRegister(self.database).in_force(date.max)
        assert found
        return found


def logged(output: str, message: str) -> list[dict[str, object]]:
    """Return the lines of the log with a message."""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("message") == message]


def test_without_any_list_it_is_read_at_once_also_in_a_session(telemetry: Telemetry) -> None:
    source = FakeSource()
    scene = Scene(telemetry, source, start=ist(MONDAY, "11:00"))
    scene.watch()
    assert scene.watch.directory.plan().symbols == ("NIFTY", "ACC", "IDEA")
    assert (scene.list.day, scene.list.added, source.asked) == (MONDAY, (), [])
    scene.invoke(minutes=30)
    assert source.lists_read == 1


@pytest.mark.parametrize(("start", "reads"), [("08:40", 30), ("09:15", 2), ("16:00", 0)])
def test_an_old_list_is_renewed_as_often_as_there_is_time(
    start: str, reads: int, telemetry: Telemetry
) -> None:
    source = FakeSource()
    scene = Scene(telemetry, source, start=ist(FRIDAY, "09:00"))
    scene.invoke()
    source.sent = Refused("timeout", "no answer in time")
    scene.go_to(ist(MONDAY, start))
    scene.invoke(minutes=30)
    assert source.lists_read == 1 + reads
    source.sent = LISTED
    scene.go_to(ist(TUESDAY, "09:00"))
    scene.invoke(minutes=30)
    assert source.lists_read == 2 + reads
    assert scene.list.day == TUESDAY


def test_one_of_several_environments_reads(telemetry: Telemetry) -> None:
    source = FakeSource()
    scene = Scene(telemetry, source, start=ist(FRIDAY, "09:00"))
    scene.invoke()
    scene.go_to(ist(MONDAY, "09:00"))
    source.sent = Refused("timeout", "no answer in time")
    watches = [scene.environment() for _ in range(5)]
    for watch in watches:
        watch()
    assert source.lists_read == 2
    source.sent = LISTED
    scene.clock.sleep(60)
    for watch in watches:
        watch()
    assert source.lists_read == 3
    assert all(watch.directory.plan().symbol_list == scene.list for watch in watches)


def test_what_traded_is_that_of_the_session_that_has_ended(telemetry: Telemetry) -> None:
    scene = Scene(telemetry, FakeSource(), start=ist(MONDAY, "11:00"))
    scene.facts = {"ACC": SymbolFacts((FRIDAY, EXPIRY), 5e9)}
    scene.invoke()
    assert scene.sessions == [Session(ist(FRIDAY, "09:15"), ist(FRIDAY, "15:40"))]
    assert (scene.list.symbols["ACC"].expiries, scene.list.symbols["ACC"].traded) == (1, 5e9)


def test_the_second_source_is_asked_where_the_first_refuses_or_is_not_believed(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = FakeSource(), FakeSource()
    scene = Scene(telemetry, first, second, start=ist(FRIDAY, "09:00"))
    scene.invoke()
    for day, answer in (MONDAY, Refused("timeout", "slow")), (TUESDAY, {}):
        first.sent = answer
        scene.go_to(ist(day, "09:00"))
        scene.invoke(minutes=10)
        assert (scene.list.day, scene.list.source) == (day, "source-1")
    output = capsys.readouterr().out
    (unread,) = logged(output, "symbol_list_unread")
    (rejected,) = logged(output, "symbol_list_rejected")
    assert (unread["detail"], rejected["detail"]) == ("timeout: slow", "it has no symbol")
    assert output.count('"SymbolListRejected":[1') == output.count('"SymbolListUnread":[1') == 1
    assert SymbolListRegister(scene.database).rejected() is None


def test_a_list_that_is_not_believed_leaves_the_one_before(telemetry: Telemetry) -> None:
    source = FakeSource()
    scene = Scene(telemetry, source, start=ist(FRIDAY, "09:00"))
    scene.invoke()
    source.sent = {"NIFTY": SentSymbol("index")}
    scene.go_to(ist(MONDAY, "09:00"))
    scene.invoke(minutes=5)
    assert scene.list.day == FRIDAY
    assert scene.watch.directory.plan().symbols == ("NIFTY", "ACC", "IDEA")
    rejected = SymbolListRegister(scene.database).rejected()
    assert rejected
    assert (rejected.source, rejected.detail) == ("source-0", "it has no stock")


TRADES: list[tuple[list[date] | Exception, bool | None, bool]] = [
    ([EXPIRY], True, True),
    ([EXPIRY], None, True),
    ([EXPIRY], False, True),  # an empty answer, of which the source sends some before an opening
    (PayloadInvalid("no expiry from today on", "IDEA"), True, True),
    (PayloadInvalid("no expiry from today on", "IDEA"), False, False),
    (Refused("timeout", "slow"), None, True),
]


@pytest.mark.parametrize(("listed", "trades", "kept"), TRADES)
def test_a_lost_symbol_is_kept_while_it_trades(
    listed: list[date] | Exception,
    telemetry: Telemetry,
    capsys: pytest.CaptureFixture[str],
    *,
    trades: bool | None,
    kept: bool,
) -> None:
    source = FakeSource()
    scene = Scene(telemetry, source, start=ist(FRIDAY, "09:00"))
    scene.invoke()
    source.sent = {symbol: LISTED[symbol] for symbol in ("NIFTY", "ACC")}
    source.listed["IDEA"] = listed
    source.traded |= {} if trades is None else {"IDEA": trades}
    scene.facts = {"IDEA": SymbolFacts((EXPIRY,))}
    scene.go_to(ist(MONDAY, "09:00"))
    scene.invoke()
    assert source.asked == ["IDEA", f"IDEA {EXPIRY}"]
    assert scene.list.removed == (() if kept else ("IDEA",))
    told = logged(capsys.readouterr().out, "symbol_list")[-1]
    assert told["removed"] == ([] if kept else ["IDEA"])
    assert told["lost_since"] == ({"IDEA": "2026-09-21"} if kept else {})


@pytest.mark.parametrize(
    ("answer", "added"),
    [
        ([EXPIRY], True),
        (Refused("timeout", "slow"), True),
        (PayloadInvalid("no expiry from today on", "TCS"), False),
    ],
)
def test_a_new_symbol_is_added_unless_it_has_no_expiry_yet(
    answer: list[date] | Exception,
    telemetry: Telemetry,
    capsys: pytest.CaptureFixture[str],
    *,
    added: bool,
) -> None:
    source = FakeSource()
    scene = Scene(telemetry, source, start=ist(FRIDAY, "09:00"))
    scene.invoke()
    source.sent = {**LISTED, "TCS": SentSymbol("stock")}
    source.listed["TCS"] = answer
    scene.go_to(ist(MONDAY, "09:00"))
    scene.invoke()
    assert source.asked == ["TCS"]
    assert scene.list.added == (("TCS",) if added else ())
    assert ("TCS" in scene.watch.directory.plan().symbols) is added
    assert capsys.readouterr().out.count('"SymbolsAdded":[1') == added


def test_a_source_that_refuses_is_left_alone(telemetry: Telemetry) -> None:
    source = FakeSource(Refused("blocked", "HTTP 403"))
    scene = Scene(telemetry, source, start=ist(MONDAY, "08:00"))
    scene.invoke(minutes=4)
    assert source.lists_read == 1
    scene.watch = scene.environment(files=True)
    scene.invoke(minutes=40)
    assert source.lists_read == 3


def test_nothing_is_asked_while_switched_off_or_without_the_database(telemetry: Telemetry) -> None:
    source = FakeSource()
    scene = Scene(telemetry, source, start=ist(MONDAY, "09:00"))
    RecorderSwitch(scene.database).switch((), scene.clock.now(), enabled=False)
    scene.invoke()
    scene.database.away = True
    scene.invoke()
    assert source.lists_read == 0
    with pytest.raises(StoreUnavailable):
        scene.environment().directory.plan()
    assert scene.watch.directory.at_hand().symbols == ()


def test_settings_that_name_each_symbol_need_no_list(telemetry: Telemetry) -> None:
    source = FakeSource()
    scene = Scene(telemetry, source, start=ist(MONDAY, "09:00"))
    scene.settings = Settings()
    scene.database.away = True
    scene.watch = scene.environment()
    scene.invoke(minutes=60)
    assert source.lists_read == 0
    assert scene.watch.directory.plan().symbols == ("NIFTY", "BANKNIFTY")


def test_a_list_outlives_the_environment_and_the_day(telemetry: Telemetry) -> None:
    source = FakeSource()
    scene = Scene(telemetry, source, start=ist(FRIDAY, "09:00"))
    scene.invoke()
    source.sent = Refused("timeout", "slow")
    scene.go_to(ist(MONDAY, "11:00") + timedelta(days=7))
    scene.watch = scene.environment()
    scene.invoke()
    assert scene.watch.directory.plan().symbols == ("NIFTY", "ACC", "IDEA")
