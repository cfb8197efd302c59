"""The recorder as it is deployed, on Lambda's runtime."""

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pymongo.database import Database

from local.lambda_emulator.artifact import FETCH, Artifact
from local.lambda_emulator.runtime_emulator import InvocationFailed, RuntimeEmulator
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from optionchain.mongo.shift_register import ShiftRegister
from tests.support.invocation import GOOD, gaps, until

type Start = Callable[..., RuntimeEmulator]

EVENTS = Path(__file__).parents[2] / "events"
SCHEDULE = json.loads((EVENTS / "schedule.json").read_text(encoding="utf-8"))
SYMBOLS = ("NIFTY", "BANKNIFTY")
MEGABYTE = 1_000_000
# What the process of an environment may take to end when it is told to.
AT_ONCE = 1.0


def torn(database: Database[Document]) -> list[Document]:
    """Return the headers whose contracts are not all there."""
    return [
        header
        for header in database[SNAPSHOTS].find()
        if database[CONTRACTS].count_documents(
            {name: header[name] for name in ("symbol", "expiry", "fetched_at")}
        )
        != header["calls"] + header["puts"]
    ]


def relieve(database: Database[Document]) -> None:
    """Have whoever is on duty leave."""
    ShiftRegister(database).take_over(SYMBOLS, "the end of the test", datetime.now(UTC))


def test_a_minute_is_recorded_and_relieved_without_a_gap(
    start: Start, artifact: Artifact, recorded: Database[Document]
) -> None:
    """Two environments as the template has them, the second invoked a minute after the first."""
    first, second = start(), start()
    with ThreadPoolExecutor(2) as pool:
        began = datetime.now(UTC)
        shift = pool.submit(first.invoke, SCHEDULE)
        time.sleep(60)
        newcomer = pool.submit(second.invoke, SCHEDULE)
        report = shift.result(10)
        after = datetime.now(UTC)
        until(lambda: recorded[TICKS].find_one({"tick": {"$gt": after}, "outcome": {"$in": GOOD}}))
        relieve(recorded)
        newcomer.result(10)

    assert report["symbols"] == list(SYMBOLS)
    assert report["ticks"] >= 12
    assert after - began < timedelta(seconds=64)
    assert gaps(recorded, timedelta(seconds=5)) == []
    assert set(recorded[TICKS].distinct("outcome")) == set(GOOD)
    assert recorded[SNAPSHOTS].count_documents({}) > 0
    assert torn(recorded) == []
    # The layer's option library works without numpy, which is not in it.
    levels = [header["analytics"]["atm_iv"] for header in recorded[SNAPSHOTS].find()]
    assert all(2 < level < 200 for level in levels)
    assert len(first.log.init_ms) == len(second.log.init_ms) == 1
    # A quarter of the function's memory is left at least.
    assert first.peak_bytes < 0.75 * artifact.function(FETCH).memory * MEGABYTE


def test_a_shift_given_little_time_ends_by_itself_and_reports(
    start: Start, recorded: Database[Document]
) -> None:
    """Ten seconds before the time-out it leaves: five remain of fifteen, and a tick at each end."""
    since = datetime.now(UTC)
    report = start(timeout=15, NSE_FETCH_INTERVAL="1").invoke(SCHEDULE)
    assert 3 <= report["ticks"] <= 7
    entries = list(recorded[TICKS].find({"tick": {"$gte": since}, "symbol": "NIFTY"}))
    assert len(entries) >= 3
    assert {entry["outcome"] for entry in entries} <= set(GOOD)


def test_a_shift_without_time_begins_nothing(start: Start) -> None:
    assert start(timeout=5).invoke(SCHEDULE) == {"symbols": list(SYMBOLS), "ticks": 0}


def test_the_symbols_of_the_event_are_recorded(start: Start, recorded: Database[Document]) -> None:
    event = json.loads((EVENTS / "schedule-symbols.json").read_text(encoding="utf-8"))
    report = start(timeout=14, NSE_FETCH_INTERVAL="1").invoke(event)
    assert report["symbols"] == event["symbols"]
    assert set(recorded[SNAPSHOTS].distinct("symbol")) >= set(event["symbols"])


def test_an_event_of_another_shape_is_an_error_that_lambda_counts(start: Start) -> None:
    with pytest.raises(InvocationFailed) as failed:
        start().invoke({"symbols": 5})
    assert failed.value.kind == "SettingInvalid"


def test_every_tick_is_a_line_of_the_log_and_a_set_of_metrics(start: Start) -> None:
    one = start(timeout=14, NSE_FETCH_INTERVAL="1")
    ticks = one.invoke(SCHEDULE)["ticks"]
    due = ticks * len(SYMBOLS)
    # The emulator may still be writing down what it was told.
    until(lambda: one.log.text.count('"message":"tick"') >= due)
    until(lambda: one.log.text.count('"_aws"') >= due)
    lines = [json.loads(line) for line in one.log.text.splitlines() if line.startswith("{")]
    assert sum(line.get("message") == "tick" for line in lines) == due
    assert sum("_aws" in line for line in lines) == due


@pytest.mark.parametrize("symbols", [["NIFTY"], ["BANKNIFTY"], ["RELIANCE", "TCS"]])
def test_sigterm_amid_a_write_ends_at_once_and_tears_nothing(
    start: Start, recorded: Database[Document], symbols: list[str]
) -> None:
    """The header is written last: what was begun is not to be seen, whole or not."""
    for collection in (CONTRACTS, SNAPSHOTS):
        recorded[collection].delete_many({"symbol": {"$in": symbols}})
    one = start(NSE_FETCH_INTERVAL="1", NSE_EXPIRIES="8")
    with ThreadPoolExecutor(1) as pool:
        shift = pool.submit(one.invoke, {"symbols": symbols})
        until(lambda: recorded[CONTRACTS].find_one({"symbol": symbols[0]}))
        os.kill(one.runtime_pid, signal.SIGTERM)
        told = time.monotonic()
        with pytest.raises(InvocationFailed):
            shift.result(10)
        assert time.monotonic() - told < AT_ONCE
    assert "Traceback" not in one.log.text
    assert torn(recorded) == []


def test_the_next_invocation_goes_on_after_a_killed_one(
    start: Start, recorded: Database[Document]
) -> None:
    one = start(timeout=16, NSE_FETCH_INTERVAL="1")
    with ThreadPoolExecutor(1) as pool:
        since = datetime.now(UTC)
        shift = pool.submit(one.invoke, SCHEDULE)
        until(lambda: recorded[TICKS].find_one({"tick": {"$gte": since}, "outcome": {"$in": GOOD}}))
        os.kill(one.runtime_pid, signal.SIGTERM)
        with pytest.raises(InvocationFailed):
            shift.result(10)
    assert one.invoke(SCHEDULE)["ticks"] >= 3
    assert len(one.log.init_ms) == 2


def test_an_environment_that_is_shut_down_leaves_no_process(start: Start) -> None:
    one = start(timeout=5)
    one.invoke(SCHEDULE)
    python = Path(f"/proc/{one.runtime_pid}")
    told = time.monotonic()
    one.stop()
    assert time.monotonic() - told < AT_ONCE
    assert one.exit_code is not None
    assert not python.exists()
