"""What a person reads at the terminal."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from local.run.console import Console, banner, tick_line
from local.run.options import read_options
from local.run.recorder_database import RecorderDatabase
from optionchain.errors import StoreUnavailable

TICK = datetime(2026, 11, 23, 6, 30, 5, tzinfo=UTC)
CLOCK = f"{TICK.astimezone():%H:%M:%S}"
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
STORED = {
    "symbol": "NIFTY",
    "tick": TICK,
    "outcome": "stored",
    "lateness_ms": 3.4,
    "legs": 618,
    "inserted": 412,
}
URI = "mongodb://127.0.0.1:4711/?replicaSet=rs0"


class FakeRecording:
    """Answers with what it was given, in order; an error is raised."""

    def __init__(self, *answers: list[Mapping[str, Any]] | Exception) -> None:
        self._answers = list(answers)

    def completed_ticks(self, now: datetime) -> list[Mapping[str, Any]]:  # noqa: ARG002
        answer = self._answers.pop(0) if self._answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer


def shown(recording: FakeRecording, looks: int, env: dict[str, str], now: datetime) -> list[str]:
    """Return what a console says in some looks, a second apart."""
    said: list[str] = []
    console = Console(read_options([], env), cast("RecorderDatabase", recording), said.append)
    for second in range(looks):
        console.show(now + timedelta(seconds=second))
    return said


def test_a_stored_tick_says_what_was_stored_and_how_late() -> None:
    line = "SIMULATED  NIFTY       stored         3 ms late    618 legs    412 documents"
    assert tick_line(STORED, "SIMULATED") == f"{CLOCK}  {line}"


def test_an_unchanged_tick_stored_nothing() -> None:
    line = "REPLAY  NIFTY       unchanged      3 ms late    618 legs"
    unchanged = STORED | {"outcome": "unchanged", "inserted": 0}
    assert tick_line(unchanged, "REPLAY") == f"{CLOCK}  {line}"


def test_live_lines_have_no_label() -> None:
    assert tick_line(STORED, "").startswith(f"{CLOCK}  NIFTY ")


@pytest.mark.parametrize("detail", ["no answer in time", "timeout: no answer in time"])
def test_a_failed_tick_says_why_once(detail: str) -> None:
    failed = STORED | {"outcome": "failed", "reason": "timeout", "detail": detail}
    assert tick_line(failed, "").endswith("failed         3 ms late  timeout: no answer in time")


def test_a_long_reason_is_cut() -> None:
    failed = STORED | {"outcome": "failed", "reason": "database", "detail": "word " * 100}
    assert len(tick_line(failed, "SIMULATED")) < 160


def test_the_banner_says_simulated_and_where_to_look() -> None:
    text = banner(read_options([], {"PORT": "9000", "NSE_SYMBOLS": "M&M"}), URI)
    assert text.startswith("SIMULATED market")
    for part in (
        "http://127.0.0.1:9000/docs",
        "curl -s http://127.0.0.1:9000/option-chain/M%26M",
        str(Path(".local/mongod")),
        URI,
        "option_chain_simulated",
        str(Path(".local/logs")),
        "Ctrl-C stops",
    ):
        assert part in text


def test_the_banner_of_live_use_names_the_source_and_hides_a_given_uri() -> None:
    secret = "mongodb://me:secret@127.0.0.1/"
    env = {"NSE_BASE_URL": "https://www.nseindia.com", "MONGODB_URI": secret}
    text = banner(read_options([], env), None)
    assert "from https://www.nseindia.com" in text
    assert "SIMULATED" not in text
    assert "secret" not in text


def test_each_completed_tick_is_a_line() -> None:
    recording = FakeRecording([STORED], [], [STORED | {"symbol": "BANKNIFTY"}])
    said = shown(recording, 3, {}, TICK)
    assert [line.split()[2] for line in said] == ["NIFTY", "BANKNIFTY"]


def test_a_database_that_goes_away_is_told_once_and_once_when_it_is_back() -> None:
    away = StoreUnavailable("ServerSelectionTimeoutError: refused " + "and more " * 50)
    said = shown(FakeRecording([STORED], away, away, [], [STORED]), 5, {}, TICK)
    assert len(said) == 4
    assert said[1].startswith("The database does not answer: ServerSelectionTimeoutError: refused")
    assert len(said[1]) < 130
    assert said[2] == "The database answers again."


def test_a_closed_market_is_told_once() -> None:
    said = shown(FakeRecording(), 3, {"MARKET_HOURS": "exchange"}, SUNDAY)
    assert said == ["The market is closed until Mon 23 Nov 09:15 IST: no tick is due."]


def test_the_opening_is_told() -> None:
    opening = datetime(2026, 11, 23, 3, 44, 59, tzinfo=UTC)
    said = shown(FakeRecording(), 3, {"MARKET_HOURS": "exchange"}, opening)
    assert said[1:] == ["The market is open."]
