"""One log line and one set of metrics for each symbol and tick, on standard output."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chain_fetch.recording.ledger_entry import completed_entry, skipped_entry
from chain_fetch.recording.telemetry import Telemetry
from optionchain.mongo.snapshot_writer import CommitResult
from tests.support.results import good
from tests.support.snapshots import TICK


def lines(capsys: pytest.CaptureFixture[str]) -> tuple[list[Any], list[Any]]:
    """Return what was logged and the metrics, decoded."""
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = [line for line in written if "_aws" in line]
    return [line for line in written if "_aws" not in line], metrics


UNITS = {
    "TickLateness": "Milliseconds",
    "FetchDuration": "Milliseconds",
    "StoreDuration": "Milliseconds",
    "DataAge": "Seconds",
}


def stored_entry() -> dict[str, Any]:
    result = good(
        committed=CommitResult(inserted=204, duplicates=2),
        exchange_timestamp=TICK - timedelta(seconds=5),
        fetch_ms=210.4,
        store_ms=31.2,
    )
    return completed_entry(TICK, TICK + timedelta(milliseconds=7), [result])


def test_a_tick_is_one_json_line_with_symbol_and_outcome(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.report("NIFTY", TICK, stored_entry())
    ((line,), _) = lines(capsys)
    assert line["message"] == "tick"
    assert (line["level"], line["service"]) == ("INFO", "fetch")
    assert (line["symbol"], line["outcome"]) == ("NIFTY", "stored")
    assert line["tick"] == "2026-06-19T09:32:25+00:00"
    assert (line["legs"], line["lateness_ms"]) == (206, 7.0)
    assert "expiries" not in line


def test_a_failed_tick_is_a_warning_with_its_reason(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = skipped_entry(TICK, TICK, "blocked", "HTTP 403") | {"outcome": "failed"}
    telemetry.report("M&M", TICK, entry)
    ((line,), _) = lines(capsys)
    assert (line["level"], line["reason"], line["detail"]) == ("WARNING", "blocked", "HTTP 403")


def test_metrics_carry_counts_and_durations_by_symbol(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.report("NIFTY", TICK, stored_entry())
    (_, (metrics,)) = lines(capsys)
    assert (metrics["service"], metrics["symbol"]) == ("fetch", "NIFTY")
    values = {name: metrics[name] for name in metrics if name[0].isupper()}
    assert values == {
        "TicksStored": [1],
        "LegsParsed": [206],
        "DocumentsInserted": [204],
        "DocumentsDuplicate": [2],
        "TickLateness": [7],
        "FetchDuration": [210.4],
        "StoreDuration": [31.2],
        "DataAge": [5],
        "SourceBlocked": [0],
    }
    (definition,) = metrics["_aws"]["CloudWatchMetrics"]
    assert definition["Namespace"] == "OptionChain"
    assert [sorted(names) for names in definition["Dimensions"]] == [
        ["service", "symbol"],
        ["service"],
    ]
    units = {item["Name"]: item["Unit"] for item in definition["Metrics"]}
    assert units == {name: UNITS.get(name, "Count") for name in values}


@pytest.mark.parametrize(
    ("outcome", "metric"),
    [
        ("stored", "TicksStored"),
        ("unchanged", "TicksUnchanged"),
        ("failed", "TicksFailed"),
        ("skipped", "TicksSkipped"),
    ],
)
def test_every_outcome_has_a_metric_of_its_own(
    outcome: str, metric: str, telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.report("NIFTY", TICK, {"outcome": outcome})
    (_, (metrics,)) = lines(capsys)
    assert [name for name in metrics if name.startswith("Ticks")] == [metric]


def test_metrics_go_to_the_namespace_of_their_stack(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two deployments in one account do not count each other's ticks."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "OptionChain/another-stack")
    Telemetry("INFO").report("NIFTY", TICK, stored_entry())
    (_, (metrics,)) = lines(capsys)
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "OptionChain/another-stack"


def test_metrics_of_one_tick_are_not_added_to_the_next(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    for symbol in ("NIFTY", "BANKNIFTY"):
        telemetry.report(symbol, TICK, stored_entry())
    (_, metrics) = lines(capsys)
    found = [(line["symbol"], line["TicksStored"]) for line in metrics]
    assert found == [("NIFTY", [1]), ("BANKNIFTY", [1])]
