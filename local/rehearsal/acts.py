"""What is tried on the rehearsed stack, act by act; each tells what it saw."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pymongo.database import Database

from local.rehearsal.deployed_api import DeployedApi
from local.rehearsal.ministack import Ministack
from local.rehearsal.stack import Stack
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS

# The Scheduler's minute, the emulator's look each 10 s, a cold start, and patience.
_FIRST_TICKS_SECONDS = 150
_LEAVE_SECONDS = 20
_LOOK_SECONDS = 0.5
_METRICS = '"CloudWatchMetrics"'


@dataclass(frozen=True)
class Shown:
    """What an act showed, or did not."""

    text: str
    ok: bool = True


@dataclass(frozen=True)
class Scene:
    """What the acts are played on; `database` is the one that the stack writes."""

    emulator: Ministack
    stack: Stack
    database: Database[Document]
    gateway: DeployedApi


def resources(scene: Scene) -> Iterator[Shown]:
    """The stack came up whole."""
    counts = sorted(scene.stack.kinds().items())
    kinds = ", ".join(f"{count} {kind.removeprefix('AWS::')}" for kind, count in counts)
    yield Shown(f"{len(scene.stack.resources)} resources of stack {scene.stack.name}: {kinds}")
    for resource in scene.stack.unfinished():
        yield Shown(f"{resource.name} ({resource.kind}) is {resource.status}", ok=False)


def recording(scene: Scene) -> Iterator[Shown]:
    """The schedule starts the recorder, which writes what the exchange answers."""
    symbols = scene.stack.variables("FetchFunction")["NSE_SYMBOLS"].split(",")
    began = time.monotonic()
    stored = {"outcome": "stored", "symbol": {"$in": symbols}}
    ticks = scene.database[TICKS]
    done = _until(lambda: len(ticks.distinct("symbol", stored)) >= len(symbols))
    waited = f"{time.monotonic() - began:.0f} s"
    if not done:
        yield Shown(
            f"the schedule started no recorder that stored a tick within {waited}", ok=False
        )
        return
    yield Shown(f"the schedule started the recorder; after {waited} each symbol had stored a tick")
    for symbol in symbols:
        documents, snapshots, own = (
            scene.database[name].count_documents({"symbol": symbol})
            for name in (CONTRACTS, SNAPSHOTS, TICKS)
        )
        yield Shown(f"{symbol}: {documents} documents in {snapshots} snapshots, {own} ticks")


def answers(scene: Scene) -> Iterator[Shown]:
    """The API answers from what was recorded, through API Gateway."""
    symbol = scene.stack.variables("FetchFunction")["NSE_SYMBOLS"].split(",")[0]
    expected = {
        "/": HTTPStatus.OK,
        "/health": HTTPStatus.OK,
        "/openapi.json": HTTPStatus.OK,
        "/symbols": HTTPStatus.OK,
        f"/option-chain/{symbol}": HTTPStatus.OK,
        "/option-chain/NOSUCH": HTTPStatus.NOT_FOUND,
    }
    for path, status in expected.items():
        answer = scene.gateway.get(path)
        size = f"{len(answer.body):,} bytes, {answer.way}"
        yield Shown(f"GET {path} {answer.status}, {size}", answer.status == status)
    if scene.gateway.keyed:
        refused = scene.gateway.get("/symbols", key=False).status
        yield Shown(f"GET /symbols without a key {refused}", refused == HTTPStatus.FORBIDDEN)


def switch(scene: Scene) -> Iterator[Shown]:
    """The switch takes a signature, stops the schedule, and the shift leaves."""
    refused = scene.gateway.stop(signed=False).status
    yield Shown(f"POST /pipeline/stop unsigned {refused}", refused == HTTPStatus.FORBIDDEN)
    answer = scene.gateway.stop(signed=True)
    states = set(scene.stack.schedule_states())
    asked = f"POST /pipeline/stop signed {answer.status}, {answer.way}"
    switched = answer.status == HTTPStatus.OK and states == {"DISABLED"}
    yield Shown(f"{asked}; schedules {', '.join(states)}", switched)
    left = _until(lambda: _reported(scene), _LEAVE_SECONDS)
    yield Shown("the recorder on duty left" if left else "the recorder did not leave", left)
    metrics = sum(_METRICS in line for line in _log(scene))
    yield Shown(f"its log group has {metrics} lines of metrics", metrics > 0)


def bad_event(scene: Scene) -> Iterator[Shown]:
    """An event that the recorder cannot read is an error of Lambda's, which alarms count."""
    answer = scene.emulator.client("lambda").invoke(
        FunctionName=scene.stack.physical("FetchFunction"), Payload=json.dumps({"symbols": [1]})
    )
    failed = "FunctionError" in answer
    yield Shown(f"an unreadable event is {'an' if failed else 'no'} error of the recorder", failed)


ACTS = (resources, recording, answers, switch, bad_event)


def _until(found: Callable[[], Any], seconds: float = _FIRST_TICKS_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not found():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def _log(scene: Scene) -> list[str]:
    function = scene.stack.physical("FetchFunction")
    client = scene.emulator.client("logs")
    with suppress(client.exceptions.ResourceNotFoundException):
        events = client.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        return [event["message"] for event in events]
    return []


def _reported(scene: Scene) -> bool:
    return any(line.startswith("REPORT ") for line in _log(scene))
