"""The handler of the fetch Lambda, with fakes handed to it: nothing is patched."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from chain_fetch.dependencies import Dependencies
from chain_fetch.handler import lambda_handler
from chain_fetch.recording.backlog import Backlog
from chain_fetch.recording.source_backoff import SourceBackoff
from chain_fetch.recording.telemetry import Telemetry
from optionchain.errors import SettingInvalid
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.fakes import FakeStateStore, SimulatedClock
from tests.support.mongomock_database import (
    RETENTION_DAYS,
    AnyDatabase,
    memory_database,
    uses_mongomock,
)
from tests.support.recorder import Context
from tests.support.results import all_stored

pytestmark = uses_mongomock
NOON = datetime(2026, 6, 19, 6, 30, tzinfo=UTC)


type Asked = list[tuple[tuple[str, ...], datetime]]
# Within these seconds a single tick is due.
ONE_TICK = 1.0


@pytest.fixture
def database() -> AnyDatabase:
    return memory_database()


@pytest.fixture
def asked() -> Asked:
    """The symbols and ticks that were read."""
    return []


@pytest.fixture
def deps(database: AnyDatabase, asked: Asked, telemetry: Telemetry) -> Dependencies:
    clock = SimulatedClock(NOON)
    return Dependencies(
        settings=Settings(),
        calendar=MarketCalendar(HolidayRegister(database), "exchange", {}, clock.now),
        warm_up=Indexes(database, RETENTION_DAYS).ensure,
        enabled=RecorderSwitch(database).enabled,
        register=ShiftRegister(database),
        ledger=TickLedger(database),
        backlog=Backlog(),
        backoff=SourceBackoff(FakeStateStore(), clock.now),
        read=all_stored(lambda symbols, tick: asked.append((symbols, tick))),
        telemetry=telemetry,
        clock=clock,
    )


def invoke(
    deps: Dependencies,
    event: object = MappingProxyType({}),
    request_id: str = "a-request",
    seconds: float = ONE_TICK,
) -> dict[str, Any]:
    given: Any = event
    return lambda_handler(given, Context(request_id, seconds), deps)


def test_an_empty_event_records_symbols_of_the_settings(deps: Dependencies, asked: Asked) -> None:
    assert invoke(deps) == {"symbols": ["NIFTY", "BANKNIFTY"], "ticks": 1}
    assert asked == [(("NIFTY", "BANKNIFTY"), NOON)]


@pytest.mark.parametrize(
    "event", [{"symbols": ["reliance", "M&M"]}, {"symbols": "Reliance, m&m ,RELIANCE"}]
)
def test_an_event_names_symbols_in_any_case(event: dict[str, Any], deps: Dependencies) -> None:
    assert invoke(deps, event)["symbols"] == ["RELIANCE", "M&M"]


SCHEDULED = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler"}


@pytest.mark.parametrize(
    "event",
    [SCHEDULED, SCHEDULED | {"detail": {}}, SCHEDULED | {"detail": "{}"}, {"symbols": None}],
)
def test_eventbridge_s_own_event_means_defaults(event: dict[str, Any], deps: Dependencies) -> None:
    assert invoke(deps, event)["symbols"] == ["NIFTY", "BANKNIFTY"]


NO_SYMBOLS: list[object] = [
    [],
    "",
    5,
    True,
    {"NIFTY": 1},
    ["NIFTY", 5],
    ["NIFTY", None],
    [""],
    ["A B"],
    "$where",
]


@pytest.mark.parametrize(
    ("event", "named"),
    [
        (["NIFTY"], "event=['NIFTY']: must be {} or"),
        ("NIFTY", "event='NIFTY': must be {} or"),
        (None, "event=None: must be {} or"),
        ({"symbol": ["RELIANCE"]}, "keys of the event=['symbol']: must be {} or"),
        ({"httpMethod": "GET", "path": "/"}, "keys of the event=['httpMethod', 'path']: must"),
        (SCHEDULED | {"detail": {"symbols": ["RELIANCE"]}}, "detail of the event={'symbols'"),
        *(({"symbols": each}, f"symbols of the event={each!r}: must be a") for each in NO_SYMBOLS),
    ],
)
def test_an_unusable_event_is_named_and_logged_and_records_nothing(
    event: object,
    named: str,
    deps: Dependencies,
    asked: Asked,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The symbols of the settings are not recorded instead: others were meant."""
    with pytest.raises(SettingInvalid) as caught:
        invoke(deps, event, "i-3")
    assert str(caught.value).startswith(named)
    assert asked == []
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["level"], line["message"], line["invocation"]) == (
        "ERROR",
        "setting_invalid",
        "i-3",
    )


@pytest.mark.parametrize("symbols", ["x" * 10_000, ["x" * 10_000], [1] * 10_000])
def test_an_error_shows_an_excerpt_of_a_long_value(symbols: object, deps: Dependencies) -> None:
    with pytest.raises(SettingInvalid, match="symbols of the event") as caught:
        invoke(deps, {"symbols": symbols})
    assert len(str(caught.value)) < 300


def test_an_invocation_owns_its_shift_and_claims(deps: Dependencies, database: AnyDatabase) -> None:
    invoke(deps, {"symbols": ["NIFTY"]}, "i-1")
    assert deps.register.owners()["NIFTY"]["owner"] == "i-1"
    (entry,) = database["ticks"].find()
    assert (entry["symbol"], entry["tick"], entry["owner"]) == ("NIFTY", NOON, "i-1")
    assert entry["outcome"] == "stored"


def test_a_first_invocation_creates_the_indexes(deps: Dependencies, database: AnyDatabase) -> None:
    invoke(deps)
    assert len(database["option_chain"].index_information()) == 4


def test_nothing_is_begun_in_the_last_ten_seconds(deps: Dependencies, asked: Asked) -> None:
    """They are for reading and recording the last tick."""
    assert invoke(deps, seconds=-0.1)["ticks"] == 0
    assert asked == []


def test_a_closed_market_asks_neither_exchange_nor_database(
    deps: Dependencies, database: AnyDatabase, asked: Asked
) -> None:
    closed = replace(deps, clock=SimulatedClock(NOON + timedelta(days=1)))
    assert invoke(closed, seconds=120)["ticks"] == 0
    assert asked == []
    assert database.list_collection_names() == []


def test_every_log_line_names_its_invocation(
    deps: Dependencies, capsys: pytest.CaptureFixture[str]
) -> None:
    invoke(deps, {"symbols": ["NIFTY"]}, "i-7")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if '"message":"tick"' in line]
    assert '"invocation":"i-7"' in line


def test_importing_the_handler_reads_no_setting_and_opens_no_socket() -> None:
    """A bad setting is met in the handler, where it can be logged."""
    program = "import socket; socket.socket.connect = None; import chain_fetch.handler"
    done = subprocess.run([sys.executable, "-c", program], env={}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_invocation_after_a_stop_reads_nothing(
    deps: Dependencies, database: AnyDatabase, asked: Asked
) -> None:
    RecorderSwitch(database).switch(["NIFTY", "BANKNIFTY"], NOON, enabled=False)
    assert invoke(deps)["ticks"] == 0
    assert asked == []
    assert TickLedger(database).last_claim(["NIFTY", "BANKNIFTY"]) is None
