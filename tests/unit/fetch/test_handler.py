"""The handler of the fetch Lambda, with fakes handed to it: nothing is patched."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chain_fetch.dependencies import Dependencies
from chain_fetch.handler import lambda_handler
from chain_fetch.recording.backlog import Backlog
from chain_fetch.recording.plan import Reading
from chain_fetch.recording.source_backoff import SourceWatch
from chain_fetch.recording.telemetry import Telemetry
from chain_fetch.recording.tick import Read
from optionchain.errors import SettingInvalid
from optionchain.market_calendar import MarketCalendar
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.bodies import EXPIRY
from tests.support.fakes import Memory, SimulatedClock
from tests.support.mongomock_database import (
    RETENTION_DAYS,
    AnyDatabase,
    memory_database,
    uses_mongomock,
)

pytestmark = uses_mongomock
NOON = datetime(2026, 6, 19, 6, 30, tzinfo=UTC)


@dataclass
class FakeContext:
    """Lambda's context; `seconds` remain of the invocation."""

    seconds: float = 11.0
    aws_request_id: str = "a-request"

    def get_remaining_time_in_millis(self) -> int:
        return round(self.seconds * 1e3)


@dataclass
class Reader:
    """Reads nothing and says that all of it was news."""

    asked: list[tuple[tuple[str, ...], datetime]] = field(default_factory=list)

    def __call__(self, symbols: Sequence[str], tick: datetime) -> dict[str, list[Read]]:
        self.asked.append((tuple(symbols), tick))
        reading = Reading("", EXPIRY, required=True)
        return {symbol: [Read(reading, outcome="stored")] for symbol in symbols}


@pytest.fixture
def database() -> AnyDatabase:
    return memory_database()


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def deps(database: AnyDatabase, reader: Reader, telemetry: Telemetry) -> Dependencies:
    clock = SimulatedClock(NOON)
    return Dependencies(
        settings=Settings(),
        calendar=MarketCalendar(HolidayRegister(database), "exchange", {}, clock.now),
        prepare=Indexes(database, RETENTION_DAYS).ensure,
        enabled=RecorderSwitch(database).enabled,
        register=ShiftRegister(database),
        ledger=TickLedger(database),
        backlog=Backlog(),
        watch=SourceWatch(Memory(), clock.now),
        read=reader,
        telemetry=telemetry,
        clock=clock,
    )


def test_an_event_without_symbols_records_those_of_the_settings(
    deps: Dependencies, reader: Reader
) -> None:
    answer = lambda_handler({}, FakeContext(), deps)
    assert answer == {"symbols": ["NIFTY", "BANKNIFTY"], "ticks": 1}
    assert reader.asked == [(("NIFTY", "BANKNIFTY"), NOON)]


@pytest.mark.parametrize(
    "event", [{"symbols": ["reliance", "M&M"]}, {"symbols": "Reliance, m&m ,RELIANCE"}]
)
def test_an_event_names_symbols_in_any_case(event: dict[str, Any], deps: Dependencies) -> None:
    assert lambda_handler(event, FakeContext(), deps)["symbols"] == ["RELIANCE", "M&M"]


SCHEDULED = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler"}


@pytest.mark.parametrize(
    "event",
    [SCHEDULED, SCHEDULED | {"detail": {}}, SCHEDULED | {"detail": "{}"}, {"symbols": None}],
)
def test_an_event_of_eventbridge_itself_means_the_symbols_of_the_settings(
    event: dict[str, Any], deps: Dependencies
) -> None:
    assert lambda_handler(event, FakeContext(), deps)["symbols"] == ["NIFTY", "BANKNIFTY"]


@pytest.mark.parametrize(
    ("event", "named"),
    [
        (["NIFTY"], "event=['NIFTY']"),
        ("NIFTY", "event='NIFTY'"),
        (None, "event=None"),
        ({"symbol": ["RELIANCE"]}, "keys of the event=['symbol']"),
        ({"httpMethod": "GET", "path": "/"}, "keys of the event=['httpMethod', 'path']"),
        (SCHEDULED | {"detail": {"symbols": ["RELIANCE"]}}, "detail of the event={'symbols'"),
    ],
)
def test_an_event_of_another_shape_records_nothing_and_is_named(
    event: Any,  # noqa: ANN401
    named: str,
    deps: Dependencies,
    reader: Reader,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not the symbols of the settings either: others were meant."""
    with pytest.raises(SettingInvalid, match=r"must be \{\} or") as caught:
        lambda_handler(event, FakeContext(aws_request_id="i-3"), deps)
    assert str(caught.value).startswith(named)
    assert reader.asked == []
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["level"], line["message"], line["invocation"]) == (
        *("ERROR", "setting_invalid", "i-3"),
    )


@pytest.mark.parametrize("symbols", ["x" * 10_000, ["x" * 10_000], [1] * 10_000])
def test_of_what_is_wrong_no_more_is_shown_than_is_read(
    symbols: object, deps: Dependencies
) -> None:
    with pytest.raises(SettingInvalid, match="symbols of the event") as caught:
        lambda_handler({"symbols": symbols}, FakeContext(), deps)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "symbols",
    [[], "", 5, True, {"NIFTY": 1}, ["NIFTY", 5], ["NIFTY", None], [""], ["A B"], "$where"],
)
def test_symbols_of_an_unknown_shape_stop_the_start_and_name_themselves(
    symbols: object, deps: Dependencies, reader: Reader
) -> None:
    with pytest.raises(SettingInvalid, match="symbols of the event") as caught:
        lambda_handler({"symbols": symbols}, FakeContext(), deps)
    assert repr(symbols) in str(caught.value)
    assert reader.asked == []


def test_the_invocation_owns_its_shift_and_its_claims(
    deps: Dependencies, database: AnyDatabase
) -> None:
    lambda_handler({"symbols": ["NIFTY"]}, FakeContext(aws_request_id="i-1"), deps)
    assert deps.register.owners()["NIFTY"]["owner"] == "i-1"
    (entry,) = database["ticks"].find()
    assert (entry["symbol"], entry["tick"], entry["owner"]) == ("NIFTY", NOON, "i-1")
    assert entry["outcome"] == "stored"


def test_indexes_are_there_after_the_first_invocation(
    deps: Dependencies, database: AnyDatabase
) -> None:
    lambda_handler({}, FakeContext(), deps)
    assert len(database["option_chain"].index_information()) == 4


def test_nothing_is_begun_in_the_last_ten_seconds_of_an_invocation(
    deps: Dependencies, reader: Reader
) -> None:
    """They are for the last tick to be read and recorded."""
    assert lambda_handler({}, FakeContext(seconds=9.9), deps)["ticks"] == 0
    assert reader.asked == []


def test_while_the_market_is_closed_nothing_is_asked_of_anybody(
    deps: Dependencies, database: AnyDatabase, reader: Reader
) -> None:
    closed = replace(deps, clock=SimulatedClock(NOON + timedelta(days=1)))
    assert lambda_handler({}, FakeContext(seconds=130), closed)["ticks"] == 0
    assert reader.asked == []
    assert database.list_collection_names() == []


def test_every_log_line_names_its_invocation(
    deps: Dependencies, capsys: pytest.CaptureFixture[str]
) -> None:
    lambda_handler({"symbols": ["NIFTY"]}, FakeContext(aws_request_id="i-7"), deps)
    lines = [line for line in capsys.readouterr().out.splitlines() if '"message":"tick"' in line]
    assert len(lines) == 1
    assert '"invocation":"i-7"' in lines[0]


def test_importing_the_handler_reads_no_setting_and_opens_no_socket() -> None:
    """A cold start pays for no more than it needs, and a bad setting is met in a handler."""
    program = "import socket; socket.socket.connect = None; import chain_fetch.handler"
    done = subprocess.run([sys.executable, "-c", program], env={}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_invocation_that_a_stop_has_overtaken_reads_nothing(
    deps: Dependencies, database: AnyDatabase, reader: Reader
) -> None:
    RecorderSwitch(database).switch(["NIFTY", "BANKNIFTY"], NOON, enabled=False)
    assert lambda_handler({}, FakeContext(), deps)["ticks"] == 0
    assert reader.asked == []
    assert TickLedger(database).last_claim(["NIFTY", "BANKNIFTY"]) is None
