"""The checks of a rehearsed stack, in their order; each yields its results."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from local.rehearsal.archive_check import archive
from local.rehearsal.groups_check import fewer_groups, shares
from local.rehearsal.rehearsal import CheckResult, Rehearsal
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS

# Up to a minute until the schedule is due, a cold start, and time for a busy machine.
_FIRST_TICKS_SECONDS = 150
_LEAVE_SECONDS = 20
_POLL_SECONDS = 0.5
_METRICS = '"CloudWatchMetrics"'


def resources(rehearsal: Rehearsal) -> Iterator[CheckResult]:
    """All resources of the stack were created."""
    stack = rehearsal.stack
    counts = sorted(stack.kinds().items())
    kinds = ", ".join(f"{count} {kind.removeprefix('AWS::')}" for kind, count in counts)
    yield CheckResult(f"{len(stack.resources)} resources of stack {stack.name}: {kinds}")
    for resource in stack.unfinished():
        yield CheckResult(f"{resource.name} ({resource.kind}) is {resource.status}", ok=False)


def dashboard(rehearsal: Rehearsal) -> Iterator[CheckResult]:
    """CloudFormation found dashboard.yaml and resolved its body."""
    cloudwatch = rehearsal.ministack.client("cloudwatch")
    found = cloudwatch.get_dashboard(DashboardName=rehearsal.stack.name)["DashboardBody"]
    yield CheckResult(f"the dashboard has {len(json.loads(found)['widgets'])} widgets")


def recording(rehearsal: Rehearsal) -> Iterator[CheckResult]:
    """The schedule starts the recorder, and the recorder stores chains."""
    symbols, ticks = rehearsal.symbols, rehearsal.database[TICKS]
    began = time.monotonic()
    stored = {"outcome": "stored", "symbol": {"$in": list(symbols)}}
    done = _wait_until(lambda: len(ticks.distinct("symbol", stored)) >= len(symbols))
    waited = f"{time.monotonic() - began:.0f} s"
    if not done:
        yield CheckResult(f"no recorder stored a tick of each symbol within {waited}", ok=False)
        return
    yield CheckResult(f"the schedule started the recorder; it stored all symbols after {waited}")
    for symbol in symbols:
        documents, snapshots, own = (
            rehearsal.database[name].count_documents({"symbol": symbol})
            for name in (CONTRACTS, SNAPSHOTS, TICKS)
        )
        yield CheckResult(f"{symbol}: {documents} documents in {snapshots} snapshots, {own} ticks")


def answers(rehearsal: Rehearsal) -> Iterator[CheckResult]:
    """The API answers from the recorded data, through API Gateway."""
    expected = {
        "/": HTTPStatus.OK,
        "/health": HTTPStatus.OK,
        "/openapi.json": HTTPStatus.OK,
        "/symbols": HTTPStatus.OK,
        f"/option-chain/{rehearsal.symbols[0]}": HTTPStatus.OK,
        "/option-chain/NOSUCH": HTTPStatus.NOT_FOUND,
    }
    for path, status in expected.items():
        answer = rehearsal.api.get(path)
        text = f"GET {path} {answer.status}, {len(answer.body):,} bytes"
        yield CheckResult(text, answer.status == status)
    if rehearsal.api.has_key:
        refused = rehearsal.api.get("/symbols", with_key=False).status
        yield CheckResult(f"GET /symbols without a key {refused}", refused == HTTPStatus.FORBIDDEN)


def switch(rehearsal: Rehearsal) -> Iterator[CheckResult]:
    """A signed request stops the schedule, and the recorder ends its shift."""
    refused = rehearsal.api.stop_recording(signed=False).status
    yield CheckResult(f"POST /pipeline/stop unsigned {refused}", refused == HTTPStatus.FORBIDDEN)
    answer = rehearsal.api.stop_recording(signed=True)
    states = set(rehearsal.stack.schedule_states())
    stopped = answer.status == HTTPStatus.OK and states == {"DISABLED"}
    text = f"POST /pipeline/stop signed {answer.status}; schedules {', '.join(states)}"
    yield CheckResult(text, stopped)
    ended = _wait_until(lambda: _has_ended(rehearsal), _LEAVE_SECONDS)
    yield CheckResult("the recorder ended" if ended else "the recorder did not end", ended)
    metrics = sum(_METRICS in line for line in _log_lines(rehearsal))
    yield CheckResult(f"its log group has {metrics} lines of metrics", metrics > 0)


def bad_event(rehearsal: Rehearsal) -> Iterator[CheckResult]:
    """An event that the recorder cannot read is an error of Lambda, which alarms count."""
    answer = rehearsal.ministack.client("lambda").invoke(
        FunctionName=rehearsal.stack.physical("FetchFunction"),
        Payload=json.dumps({"symbols": [1]}),
    )
    failed = "FunctionError" in answer
    yield CheckResult(f"an unreadable event is {'an' if failed else 'no'} error", failed)


CHECKS = (
    *(resources, dashboard, recording, shares, answers, archive, switch, bad_event),
    fewer_groups,
)


def _wait_until(condition: Callable[[], Any], seconds: float = _FIRST_TICKS_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _log_lines(rehearsal: Rehearsal) -> list[str]:
    function = rehearsal.stack.physical("FetchFunction")
    client = rehearsal.ministack.client("logs")
    with suppress(client.exceptions.ResourceNotFoundException):
        events = client.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        return [event["message"] for event in events]
    return []


def _has_ended(rehearsal: Rehearsal) -> bool:
    return any(line.startswith("REPORT ") for line in _log_lines(rehearsal))
