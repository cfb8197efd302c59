"""The dashboard: CloudWatch takes its body, and it shows only metrics that exist."""

import json
import re
from itertools import product
from typing import Any

import pytest

from chain_api.calculations.health_reasons import STAMPED_WITHIN
from tests.infrastructure.metrics import OF_AWS, of_archive, of_recorder, of_widget, used
from tests.infrastructure.runbook import runbook_name
from tests.infrastructure.stack import Stack, Template, deployed

type Widgets = list[Template]

# What the properties of a widget must have and may have, by its type: the part in use of
# CloudWatch's "Dashboard Body Structure and Syntax".
PROPERTIES = {
    "metric": ("title region metrics view stacked period stat yAxis", {"annotations"}),
    "text": ("markdown", set[str]()),
    "alarm": ("title alarms", set[str]()),
}
OPTIONS = {
    "id": r"[a-z]\w*",
    "label": ".+",
    "expression": ".+",
    "color": "#[0-9a-f]{6}",
    "stat": r"Sum|Average|Minimum|Maximum|SampleCount|p\d+",
    "visible": "True|False",
    "yAxis": "left|right",
}
SHOWN = """
    TicksMissed TicksStale Stopped ClosedByListAlone TokenEnding ShiftsStarted UnsealedSessions
    DaysLostUnsealed SealedDays UnsealedDays SealFailures SealedBytes SealMilliseconds
    TicksStored TicksUnchanged TicksFailed TicksSkipped TickLateness DataAge SourceBlocked
    DocumentsInserted DocumentsDuplicate Latency Count 4XXError 5XXError Throttles
    ConcurrentExecutions Invocations Duration IncomingBytes
"""

with_and_without_reservation = pytest.mark.parametrize("reserved", ["0", "4"])
with_and_without_archive = pytest.mark.parametrize("archive", ["true", "false"])


def body(stack: Stack) -> Template:
    found: Template = json.loads(stack.properties("Dashboard")["DashboardBody"])
    return found


@pytest.fixture(scope="module")
def widgets(stack: Stack) -> Widgets:
    found: Widgets = body(stack)["widgets"]
    return found


def entries(widgets: Widgets) -> list[list[Any]]:
    """Return the metrics and expressions of all widgets."""
    return [each for widget in widgets for each in widget["properties"].get("metrics", [])]


@with_and_without_archive
@with_and_without_reservation
def test_body_has_the_structure_that_cloudwatch_takes(
    translated: Template, reserved: str, archive: str
) -> None:
    found = body(deployed(translated, FetchConcurrency=reserved, Archive=archive))
    assert found.keys() == {"start", "periodOverride", "widgets"}
    for widget in found["widgets"]:
        assert widget.keys() == {"type", "x", "y", "width", "height", "properties"}
        required, optional = PROPERTIES[widget["type"]]
        assert widget["properties"].keys() - optional == set(required.split())
        assert widget["properties"].get("period", 60) % 60 == 0
    for *names, options in entries(found["widgets"]):
        assert all(re.fullmatch(OPTIONS[name], str(value)) for name, value in options.items())
        assert len(names) % 2 == 0
        assert names or {"id", "expression"} <= options.keys()


def test_widgets_fit_the_grid_and_do_not_overlap(widgets: Widgets) -> None:
    taken: set[tuple[int, int]] = set()
    for each in widgets:
        columns = range(each["x"], each["x"] + each["width"])
        cells = set(product(columns, range(each["y"], each["y"] + each["height"])))
        assert columns.stop <= 24
        assert not cells & taken, each["properties"].get("title")
        taken |= cells


def test_expressions_refer_to_what_the_widget_shows(widgets: Widgets) -> None:
    for widget in widgets:
        options = [entry[-1] for entry in entries([widget]) if isinstance(entry[-1], dict)]
        ids = [each["id"] for each in options if "id" in each]
        assert len(set(ids)) == len(ids)
        for expression in (each.get("expression", "SEARCH") for each in options):
            if "SEARCH" not in expression:
                assert set(re.findall(r"[a-z_]+", expression)) <= set(ids)


def test_metrics_of_ours_are_those_that_the_functions_emit(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder = of_recorder(stack, monkeypatch, capsys)
    known = recorder | of_archive(stack, monkeypatch, capsys)
    asked = {metric for metric in used(stack) if not metric.namespace.startswith("AWS/")}
    assert asked <= known
    assert len({metric.name for metric in recorder}) == 26
    assert {metric.name for metric in asked} == {metric.name for metric in known}


def test_metrics_of_aws_are_documented_ones_with_their_dimensions(stack: Stack) -> None:
    for metric in used(stack):
        if metric.namespace.startswith("AWS/"):
            keys = tuple(sorted(name for name, _ in metric.dimensions))
            assert metric.name in OF_AWS[metric.namespace][keys].split(), metric


def test_dimensions_name_what_is_in_the_stack(stack: Stack) -> None:
    kinds = {
        "FunctionName": ("AWS::Lambda::Function", "FunctionName"),
        "ApiName": ("AWS::ApiGateway::RestApi", "Name"),
        "Stage": ("AWS::ApiGateway::Stage", "StageName"),
        "QueueName": ("AWS::SQS::Queue", "QueueName"),
        "LogGroupName": ("AWS::Logs::LogGroup", "LogGroupName"),
    }
    pairs = {pair for metric in used(stack) for pair in metric.dimensions}
    for dimension, (kind, name) in kinds.items():
        there = {each[name] for each in stack.of_type(kind).values()}
        assert {value for key, value in pairs if key == dimension} == there


def test_dashboard_shows_what_an_operator_asks_for(widgets: Widgets) -> None:
    """Symbols are a parameter: no widget names one, and the metrics of each are searched for."""
    shown = {metric for widget in widgets for metric in of_widget(widget)}
    assert {metric.name for metric in shown} >= set(SHOWN.split())
    by_symbol = {metric.name for metric in shown if "symbol" in dict(metric.dimensions)}
    assert by_symbol == {"TicksFailed", "TicksSkipped", "DataAge", "SourceBlocked"}
    by_group = {metric.name for metric in shown if "group" in dict(metric.dimensions)}
    assert by_group == {"ShiftsStarted", "TicksFailed", "TicksSkipped", "OldestExpiryAge"}
    by_tier = {metric.name for metric in shown if "tier" in dict(metric.dimensions)}
    assert by_tier == {"TicksFailed", "TicksSkipped", "OldestExpiryAge"}
    latency = [entry[-1]["stat"] for entry in entries(widgets) if "Latency" in entry]
    assert latency == ["p50", "p95", "p99"]


def test_gigabyte_seconds_go_by_the_memory_of_each_function(translated: Template) -> None:
    stack = deployed(translated, FetchMemory="300", ApiMemory="700")
    text = stack.properties("Dashboard")["DashboardBody"]
    assert "fetch_ms / 1000 * 300 / 1024" in text
    assert "api_ms / 1000 * 700 / 1024" in text
    memory = stack.properties("ArchiveFunction")["MemorySize"]
    assert f"archive_ms / 1000 * {memory} / 1024" in text


@with_and_without_archive
@pytest.mark.parametrize("groups", ["1", "8"])
@pytest.mark.parametrize("tiers", ["", "INDICES=5,LIQUID50=15", "A=5,B=10,C=15,D=20"])
@with_and_without_reservation
def test_every_alarm_is_shown_and_in_the_runbook(
    translated: Template, reserved: str, groups: str, tiers: str, archive: str
) -> None:
    given = {"FetchConcurrency": reserved, "Groups": groups, "Tiers": tiers, "Archive": archive}
    stack = deployed(translated, **given)
    alarms = stack.of_type("AWS::CloudWatch::Alarm")
    (shown,) = (each for each in body(stack)["widgets"] if each["type"] == "alarm")
    assert sorted(shown["properties"]["alarms"]) == sorted(f"arn:{name}" for name in alarms)
    (text,) = (each for each in body(stack)["widgets"] if each["type"] == "text")
    rows = re.findall(r"^\| ([^|]*)", text["properties"]["markdown"], re.MULTILINE)
    said = {name for row in rows[1:] for name in row.replace(" ", "").split(",")}
    named = {runbook_name(each["AlarmName"].removeprefix("nse-test-")) for each in alarms.values()}
    optional = {"fetch-concurrency", "no-good-tick-N", "tick-failures-TIER"}
    optional |= {"unsealed-session", "archive-errors", "day-lost"}
    assert said == named | optional


def test_lines_in_graphs_are_the_thresholds(stack: Stack, widgets: Widgets) -> None:
    drawn = {
        widget["properties"]["title"]: line["value"]
        for widget in widgets
        for line in widget["properties"].get("annotations", {}).get("horizontal", [])
    }
    assert drawn == {
        "Age of the exchange's data, the ten oldest symbols": STAMPED_WITHIN.total_seconds(),
        "API: time to answer": stack.properties("ApiLatencyAlarm")["Threshold"],
    }
