"""What the recorder tells CloudWatch: the metrics and log lines of real handler runs."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from io import StringIO
from typing import NamedTuple

import pytest

from chain_fetch.recording.reports.telemetry import Telemetry
from local.nse_simulator.market import SimulatedMarket
from optionchain.exchange_time import ist_clock
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.settings import Settings
from tests.conftest import empty
from tests.support.bodies import Json
from tests.support.mongomock_database import AnyDatabase
from tests.support.scripted_nse import NOON, LockstepClock, Recorder, Scene, scene

COUNTS = {"LegsParsed": "legs", "DocumentsInserted": "inserted", "DocumentsDuplicate": "duplicates"}
DURATIONS = {"TickLateness": "lateness_ms"}
DURATIONS |= {"FetchDuration": "fetch_ms", "StoreDuration": "store_ms"}
OUTCOMES = {name: f"Ticks{name.title()}" for name in ("stored", "unchanged", "failed", "skipped")}


class Told(NamedTuple):
    """The ledger of some ticks, and the metrics and log lines of them, in the same order.

    `starts` are the metrics of the invocations, which are of no symbol, and `ages` those of the
    oldest expiries.
    """

    entries: list[Document]
    metrics: list[Json]
    starts: list[Json]
    ages: list[Json]
    lines: list[Json]


def every_outcome(here: Scene, recorder: Recorder) -> list[Document]:
    """Ticks of each outcome, after a crash that left a header out; the ledger of them."""
    recorder.deps.warm_up()
    recorder.deps.sources.readers[0].read(["IDEA"], here.clock.now())
    here.database[SNAPSHOTS].delete_many({})
    entries = recorder.work(2)
    here.exchange.faults.add("truncated")
    entries += recorder.work()
    here.exchange.faults.clear()
    here.exchange.faults.add("access_denied")
    return entries + recorder.work(2) + recorder.work(1, owner="the-second-one")


@contextmanager
def lent_log() -> Iterator[StringIO]:
    """The recorder's log at INFO; Powertools keeps one logger a process, which is lent."""
    logger = Telemetry("INFO").logger
    (handler,) = logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    level, stream = logger.log_level, StringIO()
    # Not by setStream: it would flush the stream of a test before, which may be closed.
    own, handler.stream = handler.stream, stream
    logger.setLevel("INFO")
    yield stream
    logger.setLevel(level)
    handler.stream = own


@pytest.fixture(scope="module")
def told(shared_settings: Settings, shared_database: AnyDatabase) -> Iterator[Told]:
    """What is told of two symbols whose data change every half minute."""

    def market(clock: LockstepClock) -> SimulatedMarket:
        return SimulatedMarket(clock=clock.true)

    changes = {"nse_symbols": ("IDEA", "M&M"), "nse_expiries": 3, "log_level": "INFO"}
    with (
        scene(shared_settings, shared_database, NOON, market, **changes) as here,
        here.recorder() as recorder,
        redirect_stdout(StringIO()) as printed,
        lent_log() as log,
    ):
        entries = every_outcome(here, recorder)
    written = map(json.loads, printed.getvalue().splitlines())
    metrics = [line for line in written if "_aws" in line]
    yield Told(
        entries,
        [line for line in metrics if "symbol" in line],
        [line for line in metrics if "symbol" not in line and "OldestExpiryAge" not in line],
        [line for line in metrics if "OldestExpiryAge" in line],
        [json.loads(line) for line in log.getvalue().splitlines()],
    )
    empty(shared_database)


def test_every_outcome_is_there(told: Told) -> None:
    outcomes = [entry["outcome"] for entry in told.entries]
    assert [outcomes.count(outcome) for outcome in OUTCOMES] == [2, 2, 4, 4]


def test_each_tick_of_each_symbol_emits_what_the_ledger_says_of_it(told: Told) -> None:
    names: set[str] = set()
    for entry, line in zip(told.entries, told.metrics, strict=True):
        values = {name: line[name] for name in line if name[0].isupper()}
        expected: Json = {OUTCOMES[entry["outcome"]]: [1.0]}
        for metric, key in (COUNTS | DURATIONS).items():
            if key in entry:
                expected[metric] = [entry[key]]
        if entry.get("data_age_seconds") is not None:
            expected["DataAge"] = [entry["data_age_seconds"]]
        expected["SourceBlocked"] = [float(entry.get("reason") == "blocked")]
        expected["TicksStale"] = [float(entry.get("reason") == "stale")]
        assert values == expected
        assert (line["service"], line["symbol"]) == ("fetch", entry["symbol"])
        names |= values.keys()
    others = {"DataAge", "SourceBlocked", "TicksStale"}
    assert names == {*OUTCOMES.values(), *COUNTS, *DURATIONS, *others}


def test_metrics_have_their_units_and_are_of_each_symbol_and_of_all(told: Told) -> None:
    units = {"DataAge": "Seconds"} | dict.fromkeys(DURATIONS, "Milliseconds")
    for line in told.metrics:
        definition, by_group = line["_aws"]["CloudWatchMetrics"]
        assert by_group["Dimensions"] == [["service", "group"], ["service", "tier"]]
        assert (line["group"], line["tier"]) == ("1", "BASE")
        (outcome,) = (name for name in OUTCOMES.values() if name in line)
        assert by_group["Metrics"] == [{"Name": outcome, "Unit": "Count"}]
        assert definition["Namespace"] == by_group["Namespace"] == "OptionChain"
        dimensions = [sorted(names) for names in definition["Dimensions"]]
        assert dimensions == [["service", "symbol"], ["service"]]
        for metric in definition["Metrics"]:
            assert metric["Unit"] == units.get(metric["Name"], "Count")


def test_each_invocation_says_that_it_came_what_was_missed_and_whether_it_is_stopped(
    told: Told,
) -> None:
    found = [{name: line[name] for name in line if name[0].isupper()} for line in told.starts]
    assert found == [{"ShiftsStarted": [1]}, {"TicksMissed": [0]}, {"Stopped": [0]}] * 4


def test_once_a_minute_the_age_of_the_oldest_expiry_is_told(told: Told) -> None:
    """All expiries are read at the tick of the full minute."""
    found = [(line.get("group"), line.get("tier"), line["OldestExpiryAge"]) for line in told.ages]
    assert found == [("1", None, [0.0]), (None, "BASE", [0.0])]


def test_what_was_measured_is_the_work_that_was_done(told: Told) -> None:
    (stored,) = (row for row in told.metrics if row["symbol"] == "M&M" and "TicksStored" in row)
    assert stored["LegsParsed"] == stored["DocumentsInserted"] > [20]
    assert stored["DocumentsDuplicate"] == [0]
    assert [0] < stored["FetchDuration"] < [4_750]
    assert [0] < stored["StoreDuration"] < [4_750]
    assert stored["DataAge"] == [0]
    (again,) = (row for row in told.metrics if row["symbol"] == "IDEA" and "TicksStored" in row)
    assert again["DocumentsDuplicate"] == again["LegsParsed"] > [20]
    assert again["DocumentsInserted"] == [0]
    assert [row["DataAge"] for row in told.metrics if "TicksUnchanged" in row] == [[5], [5]]
    assert [row["SourceBlocked"] for row in told.metrics] == [[0]] * 6 + [[1]] * 6


def test_one_log_line_a_tick_and_symbol_carries_invocation_tick_and_outcome(told: Told) -> None:
    plan, *lines = told.lines
    assert (plan["message"], plan["source"]) == ("budget_plan", "nse")
    (wait,) = (line for line in lines if line["message"] == "source_waits")
    ticks = [line for line in lines if line["message"] != "source_waits"]
    # A tick of a wait has no line of its own: the beginning of the wait has one.
    skipped = [entry for entry in told.entries if entry["outcome"] == "skipped"]
    assert lines.index(wait) == len(ticks)
    assert (wait["level"], wait["invocation"]) == ("WARNING", skipped[0]["owner"])
    assert (wait["reason"], wait["detail"]) == ("blocked", skipped[0]["detail"])
    assert ist_clock(datetime.fromisoformat(wait["until"])) in wait["detail"]
    asked = [entry for entry in told.entries if entry not in skipped]
    for entry, line in zip(asked, ticks, strict=True):
        assert (line["message"], line["service"]) == ("tick", "fetch")
        assert line["level"] == ("WARNING" if entry["outcome"] == "failed" else "INFO")
        assert line["invocation"] == entry["owner"]
        assert (line["symbol"], line["tick"]) == (entry["symbol"], entry["tick"].isoformat())
        for name in ("outcome", "reason", "detail"):
            assert line.get(name) == entry.get(name)
        for name in {*COUNTS.values(), *DURATIONS.values()} & entry.keys():
            assert line[name] == entry[name]
        datetime.fromisoformat(line["timestamp"])
    # The second invocation has only ticks of the wait.
    assert {line["invocation"] for line in told.lines} == {"the-only-one"}
