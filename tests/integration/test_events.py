"""Each file of events/ is handled by the function that AWS would hand it to."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from mangum import Mangum
from mangum.types import LambdaContext
from pymongo.database import Database

from chain_api.app import create_app
from chain_api.dependencies import over
from chain_api.handler import behind_gateway
from chain_api.handler import lambda_handler as api_handler
from chain_fetch.handler import lambda_handler as fetch_handler
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import TICKS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.conftest import ROOT
from tests.support.api import NOW
from tests.support.recorder import Context
from tests.support.scripted_nse import scene
from tests.support.snapshots import snapshot

EVENTS = ROOT / "events"
NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)  # in India
NIFTY = {"symbol": "NIFTY"}
# The status of the answer, and the beginning of its body or some members of it. HEAD has no body.
ANSWERS: dict[str, tuple[int, str | dict[str, Any]]] = {
    "api-analytics": (200, NIFTY),
    "api-chain": (200, NIFTY | {"timestamp": "2026-06-19T09:32:25Z", "total_calls": 100}),
    "api-chain-head": (200, ""),
    "api-control-stop": (200, {"enabled": False, "schedule": "local"}),
    "api-control-start": (200, {"enabled": True, "schedule": "local"}),
    "api-dashboard": (200, "<!doctype html>"),
    "api-filter": (200, NIFTY | {"total_records": 21, "limit": 10}),
    "api-gaps": (200, NIFTY | {"date": "2026-06-19", "expected_ticks": 4_169}),
    "api-health": (200, {"status": "healthy", "reasons": []}),
    "api-preflight": (200, "OK"),
    "api-unknown-symbol": (
        404,
        {
            "type": "urn:nse-option-chain:problem:unknown-symbol",
            "known_symbols": ["NIFTY"],
            "instance": "/option-chain/NOSUCH",
        },
    ),
}
# The outcome of each symbol's ticks.
RECORDED = {
    "schedule": {"NIFTY": "stored"},
    "schedule-symbols": {"RELIANCE": "stored", "M&M": "stored"},
    "schedule-unknown-symbol": {"NITFY": "failed", "IDEA": "stored"},
}


def event(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_every_event_has_its_outcome_here() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == ANSWERS.keys() | RECORDED.keys()


@pytest.fixture
def api(database: Database[Document]) -> Iterator[Mangum]:
    """The API behind API Gateway over 100 strikes of NIFTY, with one site allowed to read it."""
    strikes = [float(strike) for strike in range(24_000, 29_000, 50)]
    SnapshotWriter(database).commit(Commit(snapshot(strikes)))
    settings = Settings(nse_symbols=("NIFTY",), cors_origins=("https://desk.example",))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield behind_gateway(create_app(over(database, settings, lambda: NOW)))
    asyncio.set_event_loop(None)
    loop.close()


def test_requests_are_answered(api: Mangum) -> None:
    for name, (status, expected) in ANSWERS.items():
        answer: Any = api_handler(event(name), cast("LambdaContext", None), api)
        assert (answer["statusCode"], answer["isBase64Encoded"]) == (status, False), name
        if isinstance(expected, str):
            assert answer["body"].startswith(expected), name
            assert bool(answer["body"]) == bool(expected), name
        else:
            body = json.loads(answer["body"])
            assert {key: body[key] for key in expected} == expected, name


@pytest.mark.parametrize("name", RECORDED)
def test_schedule_is_recorded(
    mongo_settings: Settings, database: Database[Document], name: str
) -> None:
    with (
        scene(mongo_settings, database, NOON, nse_symbols=("NIFTY",)) as here,
        here.recorder() as recorder,
    ):
        answer = fetch_handler(event(name), Context(seconds=12), recorder.deps)
    assert (answer["symbols"], answer["ticks"]) == (list(RECORDED[name]), 3)
    entries = list(database[TICKS].find())
    assert {(entry["symbol"], entry["outcome"]) for entry in entries} == set(RECORDED[name].items())
