"""The recorder as it is deployed, on Lambda's runtime."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pymongo.database import Database

from local.lambda_emulator.artifact import FETCH, Artifact
from local.lambda_emulator.runtime_emulator import InvocationFailed
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from optionchain.mongo.shift_register import ShiftRegister
from tests.artifact.conftest import Start
from tests.support.gateway import event
from tests.support.invocation import GOOD, gaps, until
from tests.support.patience import PATIENCE_SECONDS

SCHEDULE = event("schedule")
SYMBOLS = ("NIFTY", "BANKNIFTY")
MEGABYTE = 1_000_000
# Until the next invocation relieves the first. In AWS a minute; the relay is the same.
RELIEF_SECONDS = 20


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


def test_a_shift_is_recorded_and_relieved_without_a_gap(
    start: Start, artifact: Artifact, recorded: Database[Document]
) -> None:
    """Two environments with the template's settings, the second invoked some time later."""
    first, second = start(), start()
    with ThreadPoolExecutor(2) as pool:
        shift = pool.submit(first.invoke, SCHEDULE)
        time.sleep(RELIEF_SECONDS)
        newcomer = pool.submit(second.invoke, SCHEDULE)
        report = shift.result(PATIENCE_SECONDS)  # it would go on for almost two minutes
        next_tick = {"tick": {"$gt": datetime.now(UTC)}, "outcome": {"$in": GOOD}}
        until(lambda: recorded[TICKS].find_one(next_tick))
        ShiftRegister(recorded).take_over(SYMBOLS, "the end of the test", datetime.now(UTC))
        newcomer.result(PATIENCE_SECONDS)

    assert report["symbols"] == list(SYMBOLS)
    assert report["ticks"] >= RELIEF_SECONDS // 5
    assert gaps(recorded, timedelta(seconds=5)) == []
    assert set(recorded[TICKS].distinct("outcome")) == set(GOOD)
    assert recorded[SNAPSHOTS].count_documents({}) > 0
    assert torn(recorded) == []
    # The layer's option library works without numpy, which is not in the layer.
    levels = [header["analytics"]["atm_iv"] for header in recorded[SNAPSHOTS].find()]
    assert all(2 < level < 200 for level in levels)
    assert len(first.log.init_ms) == len(second.log.init_ms) == 1
    # At least a quarter of the function's memory is free.
    assert first.peak_bytes < 0.75 * artifact.function(FETCH).memory * MEGABYTE


def test_a_shift_ends_before_its_time_out_and_logs_every_tick(
    start: Start, recorded: Database[Document]
) -> None:
    """It leaves fifteen seconds before the time-out: 20 of 35 remain, a tick at each end.

    A busy machine has time for fewer ticks.
    """
    given = event("schedule-symbols")
    since = datetime.now(UTC)
    emulator = start(timeout=35, NSE_FETCH_INTERVAL="1")
    report = emulator.invoke(given)
    assert report["symbols"] == given["symbols"]
    assert 3 <= report["ticks"] <= 22
    for symbol in given["symbols"]:
        entries = list(recorded[TICKS].find({"tick": {"$gte": since}, "symbol": symbol}))
        assert len(entries) >= 3
        assert all("outcome" in entry for entry in entries)
    assert set(recorded[SNAPSHOTS].distinct("symbol")) >= set(given["symbols"])

    due = report["ticks"] * len(given["symbols"])
    at_start = ("ShiftsStarted", "TicksMissed", "Stopped")
    # The emulator may write the last lines a moment later.
    until(lambda: emulator.log.text.count('"message":"tick"') >= due)
    until(lambda: emulator.log.text.count('"_aws"') >= due + len(at_start))
    lines = [json.loads(line) for line in emulator.log.text.splitlines() if line.startswith("{")]
    assert sum(line.get("message") == "tick" for line in lines) == due
    # The age of the oldest expiry is told once a minute, which may begin meanwhile.
    metrics = [line for line in lines if "_aws" in line and "OldestExpiryAge" not in line]
    assert [name in line for name in at_start for line in metrics].count(True) == len(at_start)
    assert len(metrics) == due + len(at_start)


def test_an_event_of_another_shape_is_an_error_that_lambda_counts(start: Start) -> None:
    with pytest.raises(InvocationFailed) as failed:
        start().invoke({"symbols": 5})
    assert failed.value.kind == "SettingInvalid"


@pytest.mark.parametrize("symbols", [["NIFTY", "BANKNIFTY"], ["RELIANCE", "TCS"]])
def test_sigterm_during_a_write_ends_at_once_tears_nothing_and_the_next_invocation_goes_on(
    start: Start, recorded: Database[Document], symbols: list[str]
) -> None:
    """The header is written last, so a snapshot that was not finished stays invisible."""
    for collection in (CONTRACTS, SNAPSHOTS):
        recorded[collection].delete_many({"symbol": {"$in": symbols}})
    emulator = start(timeout=40, NSE_FETCH_INTERVAL="1", NSE_EXPIRIES="8")
    with ThreadPoolExecutor(1) as pool:
        shift = pool.submit(emulator.invoke, {"symbols": symbols})
        until(lambda: recorded[CONTRACTS].find_one({"symbol": symbols[0]}))
        os.kill(emulator.runtime_pid, signal.SIGTERM)
        with pytest.raises(InvocationFailed):
            shift.result(20)  # the invocation would go on for 25 seconds
    assert "Traceback" not in emulator.log.text
    assert torn(recorded) == []
    assert emulator.invoke({"symbols": symbols})["ticks"] > 0
    assert len(emulator.log.init_ms) == 2


def test_a_shift_without_time_begins_nothing_and_leaves_no_process(start: Start) -> None:
    emulator = start(timeout=5)
    assert emulator.invoke(SCHEDULE) == {"symbols": list(SYMBOLS), "ticks": 0}
    python = Path(f"/proc/{emulator.runtime_pid}")
    emulator.stop()
    assert emulator.exit_code not in (None, -signal.SIGKILL), "it did not end by itself"
    assert not python.exists()
