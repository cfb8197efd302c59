"""Each file of events/ is handled by the function that AWS would hand it to."""

import pytest
from mangum import Mangum

from chain_fetch.handler import lambda_handler
from optionchain.mongo.indexes import TICKS
from tests.conftest import ROOT
from tests.integration.conftest import SceneAt
from tests.support.bodies import Json
from tests.support.gateway import answer, event
from tests.support.recorder import Context
from tests.support.scripted_nse import NOON

NIFTY = {"symbol": "NIFTY"}
# The status of the answer, and the beginning of its body or some members of it. HEAD has no body.
ANSWERS: dict[str, tuple[int, str | Json]] = {
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
            "known_symbols": ["M&M", "NIFTY"],
            "instance": "/option-chain/NOSUCH",
        },
    ),
}
# The outcome of each symbol's ticks.
RECORDED = {
    "schedule": {"NIFTY": "stored"},
    "schedule-group": {},
    "schedule-symbols": {"RELIANCE": "stored", "M&M": "stored"},
    "schedule-unknown-symbol": {"NITFY": "failed", "IDEA": "stored"},
}
# How many days of two symbols' week are sealed: see archive/test_archive_handler.py.
SEALED = {"archive": 4, "archive-day": 1, "archive-days": 2}


def test_every_event_has_its_outcome_here() -> None:
    assert {
        path.stem for path in (ROOT / "events").glob("*.json")
    } == ANSWERS.keys() | RECORDED.keys() | SEALED.keys()


def test_requests_are_answered(application: Mangum) -> None:
    for name, (status, expected) in ANSWERS.items():
        found, _, body = answer(event(name), application)
        assert found == status, name
        if isinstance(expected, str):
            assert body.startswith(expected), name
            assert bool(body) == bool(expected), name
        else:
            assert {key: body[key] for key in expected} == expected, name


@pytest.mark.parametrize("name", RECORDED)
def test_schedule_is_recorded(scene_at: SceneAt, name: str) -> None:
    with scene_at(NOON, nse_symbols=("NIFTY",)) as here, here.recorder() as recorder:
        answer = lambda_handler(event(name), Context(seconds=12), recorder.deps)
    # One symbol has one group, and the second of three groups has nothing to record.
    assert (answer["symbols"], answer["ticks"]) == (
        list(RECORDED[name]),
        3 if RECORDED[name] else 0,
    )
    entries = list(here.database[TICKS].find())
    assert {(entry["symbol"], entry["outcome"]) for entry in entries} == set(RECORDED[name].items())
