"""What the recorder tells CloudWatch, from the lines that a real handler run emits."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import pytest
from pymongo.database import Database

from chain_fetch.recording.telemetry import Telemetry
from local.mongod import Mongod, free_port
from local.nse_simulator.market import SimulatedMarket
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.settings import Settings
from tests.conftest import ROOT
from tests.support.scripted_nse import LockstepClock, Recorder, Scene, scene

NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)
COUNTS = {
    "LegsParsed": "legs",
    "DocumentsInserted": "inserted",
    "DocumentsDuplicate": "duplicates",
}
DURATIONS = {
    "TickLateness": "lateness_ms",
    "FetchDuration": "fetch_ms",
    "StoreDuration": "store_ms",
}
OUTCOMES = {
    "stored": "TicksStored",
    "unchanged": "TicksUnchanged",
    "failed": "TicksFailed",
    "skipped": "TicksSkipped",
}


class Lines:
    """A stream that decodes the log lines written to it."""

    def __init__(self) -> None:
        self.written: list[dict[str, Any]] = []

    def write(self, text: str) -> None:
        if text.strip():
            self.written.append(json.loads(text))

    def flush(self) -> None:
        """Nothing is held back."""


@pytest.fixture
def logged() -> Iterator[Lines]:
    """The log lines at INFO; Powertools keeps one logger a process, so it is lent."""
    logger = Telemetry("INFO").logger
    (handler,) = logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    lines, level, own = Lines(), logger.log_level, handler.stream
    handler.stream = cast("TextIO", lines)
    logger.setLevel("INFO")
    yield lines
    logger.setLevel(level)
    handler.stream = own


@pytest.fixture
def here(mongo_settings: Settings, database: Database[Document]) -> Iterator[Scene]:
    """Two symbols whose data changes every half minute."""

    def market(clock: LockstepClock) -> SimulatedMarket:
        return SimulatedMarket(clock=clock.true)

    settings = {"nse_symbols": ("IDEA", "M&M"), "nse_expiries": 3, "log_level": "INFO"}
    with scene(mongo_settings, database, NOON, market, **settings) as here:
        yield here


def every_outcome(here: Scene, recorder: Recorder) -> list[Document]:
    """Ticks of each outcome, after a crash that left a header out; the ledger of them."""
    recorder.deps.prepare()
    recorder.deps.read(["IDEA"], here.clock.now())
    here.database[SNAPSHOTS].delete_many({})
    entries = recorder.work(2)
    here.exchange.faults.add("truncated")
    entries += recorder.work()
    here.exchange.faults.clear()
    here.exchange.faults.add("access_denied")
    return entries + recorder.work(2)


def metrics_of(text: str) -> list[dict[str, Any]]:
    return [line for row in text.splitlines() if "_aws" in (line := json.loads(row))]


# ── metrics ──────────────────────────────────────────────────────────────────────────────────


def test_each_tick_of_each_symbol_emits_what_the_ledger_says_of_it(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    with here.recorder() as recorder:
        entries = every_outcome(here, recorder)
    emitted = metrics_of(capsys.readouterr().out)
    outcomes = [entry["outcome"] for entry in entries]
    assert [outcomes.count(outcome) for outcome in OUTCOMES] == [2, 2, 4, 2]
    assert len(emitted) == len(entries) == 10
    names: set[str] = set()
    for entry, line in zip(entries, emitted, strict=True):
        values = {name: line[name] for name in line if name[0].isupper()}
        expected: dict[str, Any] = {OUTCOMES[entry["outcome"]]: [1.0]}
        for metric, key in (COUNTS | DURATIONS).items():
            if key in entry:
                expected[metric] = [entry[key]]
        if entry.get("data_age_seconds") is not None:
            expected["DataAge"] = [entry["data_age_seconds"]]
        expected["SourceBlocked"] = [float(entry.get("reason") == "blocked")]
        assert values == expected
        assert (line["service"], line["symbol"]) == ("fetch", entry["symbol"])
        names |= values.keys()
    assert names == {*OUTCOMES.values(), *COUNTS, *DURATIONS, "DataAge", "SourceBlocked"}


def test_metrics_have_their_units_and_are_of_each_symbol_and_of_all(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    with here.recorder() as recorder:
        every_outcome(here, recorder)
    for line in metrics_of(capsys.readouterr().out):
        (definition,) = line["_aws"]["CloudWatchMetrics"]
        assert definition["Namespace"] == "OptionChain"
        dimensions = [sorted(names) for names in definition["Dimensions"]]
        assert dimensions == [["service", "symbol"], ["service"]]
        for metric in definition["Metrics"]:
            unit = {"DataAge": "Seconds"} | dict.fromkeys(DURATIONS, "Milliseconds")
            assert metric["Unit"] == unit.get(metric["Name"], "Count")


def test_what_was_measured_is_neither_nothing_nor_made_up(
    here: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    with here.recorder() as recorder:
        every_outcome(here, recorder)
    emitted = metrics_of(capsys.readouterr().out)
    (stored,) = (line for line in emitted if line["symbol"] == "M&M" and "TicksStored" in line)
    assert stored["LegsParsed"] == stored["DocumentsInserted"] > [20]
    assert stored["DocumentsDuplicate"] == [0]
    assert [0] < stored["FetchDuration"] < [4_750]
    assert [0] < stored["StoreDuration"] < [4_750]
    assert stored["DataAge"] == [0]
    (again,) = (line for line in emitted if line["symbol"] == "IDEA" and "TicksStored" in line)
    assert again["DocumentsDuplicate"] == again["LegsParsed"] > [20]
    assert again["DocumentsInserted"] == [0]
    ages = [line["DataAge"] for line in emitted if "TicksUnchanged" in line]
    assert ages == [[5], [5]]
    blocked = [line["SourceBlocked"] for line in emitted]
    assert blocked == [[0]] * 6 + [[1]] * 4


# ── log lines ────────────────────────────────────────────────────────────────────────────────


def test_one_line_a_tick_and_symbol_carries_invocation_tick_and_outcome(
    here: Scene, logged: Lines
) -> None:
    with here.recorder() as recorder:
        entries = every_outcome(here, recorder)
        entries += recorder.work(1, owner="the-second-one")
    lines = logged.written
    assert len(lines) == len(entries) == 12
    for entry, line in zip(entries, lines, strict=True):
        assert line["message"] == "tick"
        assert line["level"] == ("WARNING" if entry["outcome"] == "failed" else "INFO")
        assert line["service"] == "fetch"
        assert line["invocation"] == entry["owner"]
        assert (line["symbol"], line["tick"]) == (entry["symbol"], entry["tick"].isoformat())
        assert line["outcome"] == entry["outcome"]
        assert (line.get("reason"), line.get("detail")) == (
            entry.get("reason"),
            entry.get("detail"),
        )
        for name in {*COUNTS.values(), *DURATIONS.values()} & entry.keys():
            assert line[name] == entry[name]
        datetime.fromisoformat(line["timestamp"])
    assert {line["invocation"] for line in lines} == {"the-only-one", "the-second-one"}


# ── secrets ──────────────────────────────────────────────────────────────────────────────────


PASSWORD = "s3cr%2Ft-w0rd"
USER = "recorder-of-chains"
SHOWN = ("s3cr", "w0rd", USER)
PROGRAM = """
from chain_fetch.handler import lambda_handler
from tests.recorder import Context
print(lambda_handler({}, Context("a-request", 1.0)))
"""


def run(uri: str, level: str) -> str:
    """All that a process of its own writes, which runs the handler by its environment."""
    environment = {
        "PATH": os.environ["PATH"],
        "MONGODB_URI": uri,
        "NSE_BASE_URL": f"http://127.0.0.1:{free_port()}",
        "NSE_SYMBOLS": "NIFTY",
        "NSE_FETCH_INTERVAL": "1",
        "MARKET_HOURS": "always",
        "LOG_LEVEL": level,
    }
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", PROGRAM],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_no_line_shows_the_secret_of_a_database_that_does_not_serve(mongod: Mongod) -> None:
    away = f"mongodb://{USER}:{PASSWORD}@127.0.0.1:{free_port()}/?authSource=admin"
    refuses = f"mongodb://{USER}:{PASSWORD}@127.0.0.1:{mongod.port}/?directConnection=true"
    with ThreadPoolExecutor(3) as pool:
        *absent, refused = pool.map(run, (away, away, refuses), ("INFO", "DEBUG", "DEBUG"))
    for written, why in (
        *((text, "Connection refused") for text in absent),
        (refused, "Authentication failed"),
    ):
        assert '"reason":"database"' in written
        assert why in written, "the operator is told"
        assert not [part for part in SHOWN if part in written]


def test_no_line_shows_the_secret_of_a_uri_that_cannot_be_used() -> None:
    uris = [
        f"mongodb://{USER}:{PASSWORD}@127.0.0.1:notaport/",
        f"mongodb://{USER}:{PASSWORD}@/",
        f"mongodb://{USER}:{PASSWORD}@127.0.0.1/?tls=true&tlsInsecure=1&tlsAllowInvalidCertificates=1",
        f"http://{USER}:{PASSWORD}@127.0.0.1/",
        # Not encoded: a part of the password would be the name of a host, or its port.
        f"mongodb://{USER}:s3cr@t-w0rd/x@127.0.0.1/",
        f"mongodb://{USER}:27017/s3cr@127.0.0.1/",
    ]
    with ThreadPoolExecutor(3) as pool:
        for written in pool.map(run, uris, ["DEBUG"] * len(uris)):
            assert "SettingInvalid: MONGODB_URI='(hidden)'" in written
            assert not [part for part in SHOWN if part in written]
