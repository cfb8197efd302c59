"""What `make run` prints."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from local.run.banner import banner
from local.run.console import Console, tick_line
from local.run.options import read_options
from local.run.recorder_database import RecorderDatabase
from optionchain.errors import StoreUnavailable
from tests.support.histories import ist

TICK = datetime(2026, 11, 23, 6, 30, 5, tzinfo=UTC)
CLOCK = "12:00:05 IST"
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
OPENING = datetime(2026, 11, 23, 3, 44, 59, tzinfo=UTC)
STORED: dict[str, Any] = {
    "symbol": "NIFTY",
    "tick": TICK,
    "outcome": "stored",
    "lateness_ms": 3.4,
    "legs": 618,
    "inserted": 412,
}
UNCHANGED = STORED | {"outcome": "unchanged", "inserted": 0}
FAILED = STORED | {"outcome": "failed", "reason": "timeout"}
UNREACHABLE = StoreUnavailable("ServerSelectionTimeoutError: refused " + "and more " * 50)
URI = "mongodb://127.0.0.1:4711/?replicaSet=rs0"
# Completed ticks, or an error that is raised.
type Read = list[Mapping[str, Any]] | Exception


class FakeDatabase:
    def __init__(self, *reads: Read) -> None:
        self._reads = list(reads)

    def completed_ticks(self, now: datetime) -> list[Mapping[str, Any]]:  # noqa: ARG002
        read = self._reads.pop(0)
        if isinstance(read, Exception):
            raise read
        return read


def printed(now: datetime, market_hours: str, *reads: Read) -> list[str]:
    """Return what a console prints for these reads, a second apart."""
    lines: list[str] = []
    options = read_options([], {"MARKET_HOURS": market_hours})
    console = Console(options, cast("RecorderDatabase", FakeDatabase(*reads)), lines.append)
    for second in range(len(reads)):
        console.show(now + timedelta(seconds=second))
    return lines


@pytest.mark.parametrize(
    ("entry", "label", "line"),
    [
        (
            STORED,
            "SIMULATED",
            "SIMULATED  NIFTY       stored         3 ms late    618 legs    412 documents",
        ),
        (UNCHANGED, "REPLAY", "REPLAY  NIFTY       unchanged      3 ms late    618 legs"),
        (UNCHANGED, "", "NIFTY       unchanged      3 ms late    618 legs"),
        *(
            (FAILED | {"detail": detail}, "", f"NIFTY       failed         3 ms late  {reason}")
            for detail, reason in [
                ("no answer in time", "timeout: no answer in time"),
                ("timeout: no answer in time", "timeout: no answer in time"),
                ("word " * 100, f"timeout: {'word ' * 17}…"),
            ]
        ),
    ],
)
def test_a_tick_is_one_short_line(entry: Mapping[str, Any], label: str, line: str) -> None:
    assert tick_line(entry, label) == f"{CLOCK}  {line}"


@pytest.mark.parametrize("source", ["upstox", "nse"])
def test_a_run_that_asks_a_vendor_names_the_source_of_each_tick(source: str) -> None:
    for entry in (STORED, UNCHANGED, FAILED | {"detail": "no answer"}):
        line = tick_line(entry | {"source": source}, "SIMULATED", names_source=True)
        assert line.endswith(f"  {source}")
        assert line.startswith(tick_line(entry, "SIMULATED"))


def test_a_tick_for_which_no_source_was_asked_names_none() -> None:
    skipped = {"outcome": "skipped", "reason": "busy", "detail": "no time", "lateness_ms": 3.4}
    entry = {"symbol": "NIFTY", "tick": TICK} | skipped
    line = tick_line(entry, "SIMULATED", names_source=True)
    assert line == tick_line(entry, "SIMULATED")
    assert "nse" not in line


def test_the_banner_says_simulated_and_where_everything_is() -> None:
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


def test_the_banner_names_misspelt_settings_and_shows_no_value() -> None:
    env = {"NSE_SYMBOL": "RELIANCE", "PROT": "9000", "SOURCE_DATE_EPOCH": "0", "PATH": "/bin"}
    text = banner(read_options([], env | {"MAKE_GIVEN": "NSE_SYMBOL PROT PYTHON"}), URI)
    noted = [line.removeprefix("  NOTE    ") for line in text.splitlines() if "NOTE" in line]
    assert noted == [
        "NSE_SYMBOL is set, but it is no setting and changes nothing; did you mean NSE_SYMBOLS?",
        "PROT is set, but it is no setting and changes nothing; did you mean PORT?",
    ]
    assert "RELIANCE" not in text


def test_each_completed_tick_is_a_line_and_an_outage_is_reported_once() -> None:
    bank = STORED | {"symbol": "BANKNIFTY"}
    lines = printed(TICK, "always", [STORED], [], UNREACHABLE, UNREACHABLE, [], [bank])
    first, away, back, last = lines
    assert (first.split()[3], last.split()[3]) == ("NIFTY", "BANKNIFTY")
    assert away.startswith("The database does not answer: ServerSelectionTimeoutError: refused")
    assert len(away) < 130
    assert back == "The database answers again."


def test_a_tick_of_many_symbols_is_one_line() -> None:
    entries: list[Mapping[str, Any]] = [STORED | {"symbol": f"S{number}"} for number in range(9)]
    entries += [UNCHANGED, FAILED | {"detail": "no answer", "lateness_ms": 9.0}]
    told = "11 symbols: 1 failed, 9 stored, 1 unchanged  9 ms late  NIFTY timeout: no answer"
    assert printed(TICK, "always", entries) == [f"{CLOCK}  SIMULATED  {told}"]


def waiting(seconds: int, until: datetime, symbol: str = "NIFTY") -> Mapping[str, Any]:
    told = {"outcome": "skipped", "reason": "blocked", "detail": "nothing is asked: HTTP 403"}
    tick = TICK + timedelta(seconds=seconds)
    return {"symbol": symbol, "tick": tick, "lateness_ms": 3.0, "waits_until": until} | told


def test_a_wait_is_a_line_when_it_begins_and_one_when_it_is_over() -> None:
    until, later = TICK + timedelta(minutes=5), TICK + timedelta(minutes=9)
    waits: list[Read] = [
        [waiting(second, until, symbol) for symbol in ("NIFTY", "BANKNIFTY")]
        for second in range(0, 60, 5)
    ]
    tried = STORED | {"tick": TICK + timedelta(minutes=5)}
    again: Read = [waiting(400, later)]
    lines = printed(TICK, "always", *waits, [tried], again, again)
    over = "the wait is over: 12 ticks of 2 symbols skipped since 12:00:05 IST"
    assert lines == [
        f"{CLOCK}  SIMULATED  waiting: nothing is asked: HTTP 403",
        f"12:05:05 IST  SIMULATED  {over}",
        tick_line(tried, "SIMULATED"),
        "12:06:45 IST  SIMULATED  waiting: nothing is asked: HTTP 403",
    ]


def test_a_wait_that_becomes_longer_or_outlasts_the_session_is_told() -> None:
    first = TICK + timedelta(minutes=5)
    second = first + timedelta(minutes=5)
    lines = printed(TICK, "always", [waiting(0, first)], [waiting(5, second)])
    assert [line.split("SIMULATED  ")[1].split(":")[0] for line in lines] == [
        "waiting",
        "the wait is over",
        "waiting",
    ]
    closing = ist(date(2026, 11, 27), "15:39:59")
    *_, over, closed = printed(closing, "exchange", [waiting(0, first)], [])
    assert "the wait is over: 1 tick of 1 symbol skipped" in over
    assert closed.startswith("The market is closed")


@pytest.mark.parametrize(
    ("symbols", "shown"), [("ALL,-NIFTY", "BANKNIFTY"), ("STOCKS", "RELIANCE"), ("IDEA", "IDEA")]
)
def test_the_banner_names_a_symbol_that_is_recorded(symbols: str, shown: str) -> None:
    text = banner(read_options([], {"NSE_SYMBOLS": symbols}), URI)
    assert f"/option-chain/{shown}\n" in text


def test_opening_and_closing_of_the_market_are_reported_once() -> None:
    closed = "The market is closed until Mon 23 Nov 09:15 IST. No tick is due before that."
    assert printed(SUNDAY, "exchange", [], [], []) == [closed]
    assert printed(OPENING, "exchange", [], [], []) == [closed, "The market is open."]


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("08:00", "No tick is due before that."),
        ("15:40", "What is left of this day is read at 15:45, 19:45, 21:00 IST."),
        ("19:44", "What is left of this day is read at 19:45, 21:00 IST."),
        ("21:00", "No tick is due before that."),
    ],
)
def test_a_closed_market_is_reported_with_the_ticks_of_its_evening(now: str, left: str) -> None:
    (line,) = printed(ist(date(2026, 11, 27), now), "exchange", [])
    assert line.startswith("The market is closed until")
    assert line.endswith(f"09:15 IST. {left}")
