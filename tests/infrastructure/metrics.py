"""Metrics by name and dimensions: those that exist, and those that alarms and widgets show."""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest

from chain_archive.seal_days import FailedDay
from chain_archive.telemetry import Telemetry as ArchiveTelemetry
from chain_fetch.recording.reports.telemetry import Telemetry
from optionchain.mongo.unsealed_days import UnsealedDay
from tests.infrastructure.stack import Stack
from tests.support.snapshots import TICK


class Metric(NamedTuple):
    """A metric. A dimension that a search leaves open has an empty value."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


# What these services publish without being told to, by the dimensions that the template uses. From
# their documentation: "Types of metrics for Lambda functions" (ClaimedAccountConcurrency is of the
# account, ExecutedVersion of an alias with two versions), "Amazon API Gateway dimensions and
# metrics" (of a stage), "Available CloudWatch metrics for Amazon SQS", "Monitoring with CloudWatch
# metrics" of CloudWatch Logs.
OF_AWS: dict[str, dict[tuple[str, ...], str]] = {
    "AWS/Lambda": {
        ("FunctionName",): "Invocations Errors Throttles Duration ConcurrentExecutions",
        ("ExecutedVersion", "FunctionName", "Resource"): "Errors",
        (): "ClaimedAccountConcurrency",
    },
    "AWS/ApiGateway": {("ApiName", "Stage"): "Count 4XXError 5XXError Latency"},
    "AWS/SQS": {("QueueName",): "ApproximateNumberOfMessagesVisible"},
    "AWS/Logs": {("LogGroupName",): "IncomingBytes"},
}
# What the recorder counts of itself as a whole.
COUNTS = (
    "TicksMissed",
    "Stopped",
    "ClosedByListAlone",
    "SettlementMissing",
    "SettlementLegsDiffering",
    "TokenEnding",
    "SourceSwitched",
    "ContractListsUnread",
    "UnsealedSessions",
    "DaysLostUnsealed",
)
OPEN = {"symbol": "", "group": "", "tier": ""}
_TEN_WORST = re.compile(r"SLICE\(SORT\((SEARCH\(.*\)), (?:SUM|MAX), DESC\), 0, 10\)")
_SEARCH = re.compile(
    r"""SEARCH\('\{"(?P<namespace>[^"]+)","(?P<one>\w+)","(?P<two>\w+)"\}"""
    r""" service="(?P<service>\w+)" MetricName="(?P<name>\w+)"', '(Sum|Maximum|p\d\d)', \d+\)"""
)


def of_alarm(alarm: dict[str, Any]) -> Iterator[Metric]:
    """Yield what an alarm looks at."""
    queries = alarm.get("Metrics", [{"MetricStat": {"Metric": alarm}}])
    for metric in (each["MetricStat"]["Metric"] for each in queries if "MetricStat" in each):
        named = {each["Name"]: str(each["Value"]) for each in metric.get("Dimensions", [])}
        yield Metric(metric["Namespace"], metric["MetricName"], frozenset(named.items()))


def of_widget(widget: dict[str, Any]) -> Iterator[Metric]:
    """Yield what a widget shows or searches for."""
    for entry in widget["properties"].get("metrics", []):
        parts = [part for part in entry if isinstance(part, str)]
        if parts:
            namespace, name, *rest = parts
            yield Metric(namespace, name, frozenset(zip(rest[::2], rest[1::2], strict=True)))
        elif "SEARCH" in entry[0]["expression"]:
            expression = _TEN_WORST.sub(r"\1", entry[0]["expression"])
            found = _SEARCH.fullmatch(expression)
            assert found is not None, entry
            dimensions = {found["one"]: "", found["two"]: "", "service": found["service"]}
            yield Metric(found["namespace"], found["name"], frozenset(dimensions.items()))


def used(stack: Stack) -> set[Metric]:
    """Return all metrics of a stack's alarms and its dashboard."""
    body = json.loads(stack.properties("Dashboard")["DashboardBody"])
    alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
    return {metric for alarm in alarms for metric in of_alarm(alarm)} | {
        metric for widget in body["widgets"] for metric in of_widget(widget)
    }


def emitted(written: str) -> set[Metric]:
    """Return the metrics in log lines of CloudWatch's embedded format; the symbol is left open.

    A group and a tier are there by name, which alarms ask for, and left open, for a search.
    """
    return {
        Metric(each["Namespace"], metric["Name"], frozenset((name, line[name]) for name in names))
        for text in written.splitlines()
        for line in (json.loads(text) | {"symbol": ""}, json.loads(text) | OPEN)
        for each in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for names, metric in product(each["Dimensions"], each["Metrics"])
    }


def of_archive(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> set[Metric]:
    """Return all metrics that the archive function emits in a stack."""
    name = "POWERTOOLS_METRICS_NAMESPACE"
    monkeypatch.setenv(name, stack.environment("ArchiveFunction")[name])
    telemetry = ArchiveTelemetry("INFO")
    day = TICK.date()
    telemetry.report_run([FailedDay("NIFTY", day, OSError())], left=1, milliseconds=[7.0])
    telemetry.report_lost(UnsealedDay("NIFTY", day, TICK))
    return emitted(capsys.readouterr().out)


def of_recorder(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> set[Metric]:
    """Return all metrics that the recorder emits in a stack, for ticks of each outcome."""
    numbers = "lateness_ms fetch_ms store_ms legs inserted duplicates data_age_seconds"
    whole = dict.fromkeys(numbers.split(), 7)
    name = "POWERTOOLS_METRICS_NAMESPACE"
    monkeypatch.setenv(name, stack.environment("FetchFunction")[name])
    telemetry = Telemetry("INFO")
    for outcome in ("stored", "unchanged", "failed", "skipped"):
        telemetry.report("NIFTY", TICK, whole | {"outcome": outcome, "reason": "blocked"})
    evening = {"outcome": "failed", "reason": "blocked", "read": "settled", "left_unsettled": 2}
    telemetry.report("NIFTY", TICK, whole | evening)
    telemetry.report_ages({"NIFTY": 7.0})
    telemetry.report_start()
    for count in COUNTS:
        telemetry.count(count, 1)
    return emitted(capsys.readouterr().out)
