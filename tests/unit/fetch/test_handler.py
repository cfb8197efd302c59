"""The handler of the fetch Lambda, with fakes handed to it: nothing is patched."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from types import MappingProxyType
from typing import Any

import pytest

from chain_fetch.dependencies import Dependencies
from chain_fetch.handler import lambda_handler
from chain_fetch.recording.reports.backlog import Backlog
from chain_fetch.recording.reports.telemetry import Telemetry
from local.run.simulated_time import InlineExecutor
from optionchain.errors import SettingInvalid
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from optionchain.symbol_selection import tiers_of
from tests.support.fakes import SimulatedClock
from tests.support.mongomock_database import RETENTION_DAYS, memory_database, uses_mongomock
from tests.support.recorder import Context
from tests.support.results import OfTheSession, all_stored, one_source

pytestmark = uses_mongomock
NOON = datetime(2026, 6, 19, 6, 30, tzinfo=UTC)

# Within these seconds a single tick is due.
ONE_TICK = 1.0


class Scene:
    """A recorder's dependencies and database, and the symbols and ticks that were read."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.database = memory_database()
        self.asked: list[tuple[tuple[str, ...], datetime]] = []
        clock = SimulatedClock(NOON)
        calendar = MarketCalendar(HolidayRegister(self.database), "exchange", {}, clock.now)
        self.deps = Dependencies(
            settings=Settings(),
            symbols=SymbolDirectory(Settings(), SymbolListRegister(self.database), clock.now),
            calendar=calendar,
            market=lambda _symbols: calendar.market(),
            warm_up=Indexes(self.database, RETENTION_DAYS).ensure,
            enabled=RecorderSwitch(self.database).enabled,
            register=ShiftRegister(self.database),
            ledger=TickLedger(self.database),
            backlog=Backlog(),
            sources=one_source(
                all_stored(lambda symbols, tick: self.asked.append((symbols, tick))), clock.now
            ),
            agenda=OfTheSession(),
            telemetry=telemetry,
            clock=clock,
        )

    def invoke(
        self,
        event: object = MappingProxyType({}),
        request_id: str = "a-request",
        seconds: float = ONE_TICK,
    ) -> dict[str, Any]:
        given: Any = event
        return lambda_handler(given, Context(request_id, seconds), self.deps)


@pytest.fixture
def here(telemetry: Telemetry) -> Scene:
    return Scene(telemetry)


def test_an_event_without_symbols_records_those_of_the_settings(here: Scene) -> None:
    assert here.invoke() == {"symbols": ["NIFTY", "BANKNIFTY"], "ticks": 1}
    assert here.asked == [(("NIFTY", "BANKNIFTY"), NOON)]


def test_without_a_list_of_symbols_an_invocation_records_nothing_and_says_so(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, register = Settings(nse_symbols=("ALL",)), SymbolListRegister(here.database)
    asked: list[str] = []
    here.deps = replace(
        here.deps,
        settings=settings,
        symbols=SymbolDirectory(settings, register, here.deps.clock.now),
        watch_symbols=lambda: asked.append("watch"),
    )
    assert here.invoke() == {"symbols": [], "ticks": 0}
    assert (here.asked, asked) == ([], ["watch"])
    assert '"SymbolListMissing":[1' in capsys.readouterr().out


@pytest.mark.parametrize(
    "event", [{"symbols": ["reliance", "M&M"]}, {"symbols": "Reliance, m&m ,RELIANCE"}]
)
def test_an_event_names_symbols_in_any_case(event: dict[str, Any], here: Scene) -> None:
    assert here.invoke(event)["symbols"] == ["RELIANCE", "M&M"]


SCHEDULED = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler"}


@pytest.mark.parametrize(
    "event",
    [SCHEDULED, SCHEDULED | {"detail": {}}, SCHEDULED | {"detail": "{}"}, {"symbols": None}],
)
def test_an_event_of_eventbridge_names_no_symbols(event: dict[str, Any], here: Scene) -> None:
    assert here.invoke(event)["symbols"] == ["NIFTY", "BANKNIFTY"]


NO_SYMBOLS: list[object] = [5, True, {"NIFTY": 1}, [], ["NIFTY", 5], ["NIFTY", None]]
NO_SYMBOLS += ["", [""], ["A B"], "$where"]
NO_GROUPS: list[object] = ["", "a b", "x" * 21, 2, None, ["2"], "२"]
NO_NUMBERS: list[object] = [0, 21, -1, "4", 2.0, True, None, [4]]


@pytest.mark.parametrize(
    ("event", "named"),
    [
        (["NIFTY"], "event=['NIFTY']: must be {}, {"),
        ("NIFTY", "event='NIFTY': must be {}, {"),
        (None, "event=None: must be {}, {"),
        ({"symbol": ["RELIANCE"]}, "keys of the event=['symbol']: must be {}, {"),
        ({"httpMethod": "GET", "path": "/"}, "keys of the event=['httpMethod', 'path']: must"),
        (SCHEDULED | {"detail": {"symbols": ["RELIANCE"]}}, "detail of the event={'symbols'"),
        *(({"symbols": each}, f"symbols of the event={each!r}: must be a") for each in NO_SYMBOLS),
        *(({"group": each}, f"group of the event={each!r}: must be 1") for each in NO_GROUPS),
        *(({"groups": each}, f"groups of the event={each!r}: must be a") for each in NO_NUMBERS),
        ({"group": "5", "groups": 4}, 'group of the event=\'5\': must be "1" to "4"'),
        ({"group": "01", "groups": 4}, 'group of the event=\'01\': must be "1" to "4"'),
        ({"group": "two", "groups": 4}, 'group of the event=\'two\': must be "1" to "4"'),
        ({"symbols": ["IDEA"], "groups": 4}, "symbols of the event=['IDEA']: a group among"),
    ],
)
def test_an_unusable_event_is_named_and_logged_and_records_nothing(
    event: object, named: str, here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """The symbols of the settings are not recorded instead: others were meant."""
    with pytest.raises(SettingInvalid) as caught:
        here.invoke(event, "i-3")
    assert str(caught.value).startswith(named)
    assert here.asked == []
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    expected = {"level": "ERROR", "message": "setting_invalid", "invocation": "i-3"}
    assert line.items() >= expected.items()


def test_a_budget_that_does_not_carry_the_symbols_ends_the_invocation(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(symbols: Sequence[str]) -> None:
        raise SettingInvalid("NSE_FETCH_INTERVAL", 5, f"{len(symbols)} are too many")

    here.deps = replace(here.deps, check_budget=refuse)
    with pytest.raises(SettingInvalid, match="3 are too many"):
        here.invoke({"symbols": ["A", "B", "C"]})
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert line["setting"] == "NSE_FETCH_INTERVAL"
    assert here.asked == []


def test_the_plan_is_published_for_the_symbols_of_the_event(here: Scene) -> None:
    told: list[object] = []
    here.deps = replace(
        here.deps, serve=lambda *group: told.append(group), publish_budget=told.append
    )
    here.invoke({"symbols": ["SBIN"]})
    # The group is known before its share of the budget is.
    assert told == [(("SBIN",), 1, 1), ("SBIN",)]


@pytest.mark.parametrize(
    ("event", "group"), [({}, "1"), ({"symbols": ["IDEA"], "group": "2"}, "2")]
)
def test_metrics_of_an_invocation_carry_the_group_of_its_event(
    event: dict[str, Any], group: str, here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    here.invoke(event)
    written = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    groups = [line["group"] for line in written if "group" in line]
    assert groups == [group] * (1 + len(here.asked[0][0]))


@pytest.mark.parametrize("symbols", ["x" * 10_000, ["x" * 10_000], [1] * 10_000])
def test_an_error_shows_an_excerpt_of_a_long_value(symbols: object, here: Scene) -> None:
    with pytest.raises(SettingInvalid, match="symbols of the event") as caught:
        here.invoke({"symbols": symbols})
    assert len(str(caught.value)) < 300


def test_the_invocation_owns_its_shift_and_its_claims(here: Scene) -> None:
    here.invoke({"symbols": ["NIFTY"]}, "i-1")
    assert here.deps.register.owners()["NIFTY"]["owner"] == "i-1"
    (entry,) = here.database["ticks"].find()
    assert (entry["symbol"], entry["tick"], entry["owner"]) == ("NIFTY", NOON, "i-1")
    assert entry["outcome"] == "stored"


def test_nothing_is_begun_in_the_last_fifteen_seconds_of_an_invocation(here: Scene) -> None:
    """They are for reading and recording the last tick."""
    assert here.invoke(seconds=-0.1)["ticks"] == 0
    assert here.asked == []


def test_importing_the_handler_reads_no_setting_and_opens_no_socket() -> None:
    """A bad setting is met in the handler, where it can be logged."""
    program = "import socket; socket.socket.connect = None; import chain_fetch.handler"
    done = subprocess.run([sys.executable, "-c", program], env={}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_invocation_after_a_stop_reads_nothing(here: Scene) -> None:
    RecorderSwitch(here.database).switch(["NIFTY", "BANKNIFTY"], NOON, enabled=False)
    assert here.invoke()["ticks"] == 0
    assert here.asked == []
    assert TickLedger(here.database).last_claim(["NIFTY", "BANKNIFTY"]) is None


def test_each_group_records_its_share_and_none_twice(here: Scene) -> None:
    symbols = tuple(f"S{number}" for number in range(9))
    settings = Settings(nse_symbols=symbols)
    directory = replace(here.deps.symbols, settings=settings)
    here.deps = replace(here.deps, settings=settings, symbols=directory)
    shares = [here.invoke({"group": str(group), "groups": 4})["symbols"] for group in range(1, 5)]
    assert sorted(chain(*shares)) == sorted(symbols)
    assert {len(share) for share in shares} <= {2, 3}


def test_a_group_without_symbols_ends_at_once_and_says_so(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [here.invoke({"group": str(group), "groups": 3}) for group in range(1, 4)]
    assert sorted(len(each["symbols"]) for each in found) == [0, 1, 1]
    assert len(here.asked) == 2
    written = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    (warning,) = [line for line in written if line.get("message") == "group_without_symbols"]
    assert (warning["level"], warning["groups"]) == ("WARNING", 3)


def test_the_symbols_of_a_tier_have_its_rhythm(here: Scene) -> None:
    settings = Settings(nse_symbols=("NIFTY", "IDEA"), nse_tiers=tiers_of("NIFTY=5,IDEA=60"))
    directory = replace(here.deps.symbols, settings=settings)
    here.deps = replace(here.deps, symbols=directory, worker=InlineExecutor)
    here.invoke(seconds=60.0)
    ticks = Counter(symbol for symbols, _ in here.asked for symbol in symbols)
    assert ticks == {"NIFTY": 12, "IDEA": 1}
