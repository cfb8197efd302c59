"""Each file of events/ is handled by the function that AWS would hand it to."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
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
from local.nse_simulator.server import Exchange
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import TICKS, Indexes
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.support.api import NOW
from tests.support.mongomock_database import RETENTION_DAYS
from tests.support.recorder import Context, recorder
from tests.support.snapshots import snapshot

EVENTS = Path(__file__).parents[2] / "events"
GOOD = {"stored", "unchanged"}
# The status of the answer, and what its body begins with; HEAD has none.
ANSWERS = {
    "api-analytics": (200, '{"symbol":"NIFTY","expiry_date":'),
    "api-chain": (200, '{"symbol":"NIFTY","expiry_date":'),
    "api-chain-head": (200, ""),
    "api-control-start": (200, '{"enabled":true,"schedule":"local"'),
    "api-control-stop": (200, '{"enabled":false,"schedule":"local"'),
    "api-dashboard": (200, "<!doctype html>"),
    "api-filter": (200, '{"symbol":"NIFTY","timestamp":'),
    "api-gaps": (200, '{"symbol":"NIFTY","date":"2026-06-19",'),
    "api-health": (200, '{"status":"healthy",'),
    "api-preflight": (200, "OK"),
    "api-unknown-symbol": (404, '{"type":"urn:nse-option-chain:problem:unknown-symbol"'),
}
# The outcomes of each symbol's ticks.
RECORDED = {
    "schedule": {"NIFTY": GOOD},
    "schedule-symbols": {"RELIANCE": GOOD, "M&M": GOOD},
    "schedule-unknown-symbol": {"NITFY": {"failed"}, "IDEA": GOOD},
}


def event(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_every_event_has_its_outcome_here() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == ANSWERS.keys() | RECORDED.keys()


@pytest.fixture
def api(database: Database[Document]) -> Iterator[Mangum]:
    """The API behind API Gateway over 100 strikes of NIFTY, with one site allowed to read it."""
    Indexes(database, RETENTION_DAYS).ensure()
    strikes = [float(strike) for strike in range(24_000, 29_000, 50)]
    SnapshotWriter(database).commit([Commit(snapshot(strikes))])
    settings = Settings(nse_symbols=("NIFTY",), cors_origins=("https://desk.example",))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield behind_gateway(create_app(over(database, settings, lambda: NOW)))
    asyncio.set_event_loop(None)
    loop.close()


@pytest.mark.parametrize("name", ANSWERS)
def test_request_is_answered(api: Mangum, name: str) -> None:
    answer: Any = api_handler(event(name), cast("LambdaContext", None), api)
    status, beginning = ANSWERS[name]
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (status, False)
    assert answer["body"].startswith(beginning)
    assert bool(answer["body"]) == (name != "api-chain-head")


def test_switch_events_switch(api: Mangum, database: Database[Document]) -> None:
    for name, enabled in (("api-control-stop", False), ("api-control-start", True)):
        api_handler(event(name), cast("LambdaContext", None), api)
        assert RecorderSwitch(database).enabled() is enabled


@pytest.mark.parametrize("name", RECORDED)
def test_schedule_is_recorded(
    mongo_settings: Settings, database: Database[Document], name: str
) -> None:
    with Exchange() as exchange:
        changes: dict[str, object] = {
            "nse_base_url": exchange.url,
            "nse_symbols": ("NIFTY",),
            "nse_fetch_interval": 1,
            "nse_max_requests_per_second": 20,
            "market_hours": "always",
            "log_level": "ERROR",
        }
        with recorder(mongo_settings.model_copy(update=changes)) as deps:
            answer = fetch_handler(event(name), Context(seconds=4), deps)
    expected = RECORDED[name]
    assert (answer["symbols"], answer["ticks"] > 0) == (list(expected), True)
    for symbol, outcomes in expected.items():
        # The first tick may have begun before the invocation, with no time left for a request.
        entries = list(database[TICKS].find({"symbol": symbol}, sort=[("tick", 1)]))[1:]
        assert {entry["outcome"] for entry in entries} <= outcomes
        assert entries
