"""The application answers as its OpenAPI document says, whatever schemathesis sends.

SCHEMATHESIS_EXAMPLES=1000 searches longer than the gate does.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import Case, GenerationMode, HookContext, Response
from schemathesis.config import SchemathesisConfig
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from chain_api.app import create_app
from chain_api.dependencies import connect, over
from local.mongod import Mongod
from local.openapi.document import NO_DATABASE
from local.openapi.example_session import NOW, SYMBOLS, record
from optionchain.settings import Settings
from tests.support.commands import watched

SEED = 20_260_619
# Beside some 1,600 requests that the document itself gives rise to: its examples, its bounds.
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "40"))
# Most of a parameter's values are from here: random ones would hardly meet what is recorded.
# The number is the share of them.
VALUES: dict[str, tuple[float, list[Any], tuple[str, ...]]] = {
    "symbols": (0.8, ["NIFTY", "nifty", "M&M"], ("path.symbol", "body.symbol")),
    "expiries": (
        0.7,
        ["nearest", "next", "23-Jun-2026", "2026-06-30"],
        ("query.expiry", "body.expiry_date"),
    ),
    "moments": (
        0.7,
        ["09:30", "2026-06-18", "2026-06-19T10:15:05", "2026-06-19T09:32:00Z"],
        ("query.as_of", "query.from", "query.to", "body.as_of"),
    ),
    "strikes": (0.7, [24350, 24300.0, 22450], ("query.strike",)),
    "contracts": (
        0.7,
        ["NIFTY_CE_24350_23-Jun-2026", "NIFTY_PE_22450_23-Jun-2026"],
        ("query.identifier",),
    ),
    "days": (0.7, ["2026-06-19", "18-Jun-2026"], ("query.date",)),
    "columns": (0.5, ["last_price,open_interest", "strike_price,type"], ("query.columns",)),
    "intervals": (0.7, ["15m", "1d"], ("query.interval",)),
    "metrics": (0.7, ["pcr_oi,straddle_price", "underlying_value"], ("query.metric",)),
}
# JSON Schema cannot express some rules, so data that fit the document may be answered 422: a `from`
# after `to`, two bounds in the wrong order, 30 February, a moment in the future, contracts named
# twice or not at all, a cursor of another service, a day whose ticks are not kept any more.
ACCEPTED = ["2xx", "304", "404", "422"]


def config() -> SchemathesisConfig:
    """Return what is tried and how often; it is the same in every run."""
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "dictionaries": {name: {"values": values} for name, (_, values, _) in VALUES.items()},
            "parameters": {
                place: {"dictionary": name, "probability": share}
                for name, (share, _, places) in VALUES.items()
                for place in places
            },
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            "generation": {"mode": "all", "max-examples": EXAMPLES, "deterministic": True},
        }
    )


class Stage:
    """The application under test; while tests are collected, one without a database."""

    def __init__(self) -> None:
        self.app: ASGIApp = create_app(connect(Settings(mongodb_uri=NO_DATABASE)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # As from this machine, which may start and stop the recorder.
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        own = {"client": ("127.0.0.1", 50_000), "headers": [(b"host", b"127.0.0.1"), *others]}
        await self.app({**scope, **own}, receive, send)


stage = Stage()
schema = schemathesis.openapi.from_asgi("/openapi.json", stage, config=config())


@pytest.fixture(scope="module", autouse=True)
def application(mongod: Mongod) -> Iterator[None]:
    """An application over a small recording, at a fixed instant in session."""
    with watched(mongod, "schemathesis") as (database, _):
        record(database)
        stage.app = create_app(over(database, Settings(nse_symbols=SYMBOLS), lambda: NOW))
        yield


@pytest.fixture(autouse=True)
def recording() -> Iterator[None]:
    """Start the recorder again if a test has stopped it: /health is 503 while it is stopped."""
    yield
    TestClient(stage).post("/pipeline/start")


# A history names its contracts in one of these ways; each excludes the parameters beside it.
EXCLUDED = {
    "identifier": {"strike", "strike_min", "strike_max", "strikes_around_atm"}
    | {"expiry", "option_type"},
    "strike": {"strike_min", "strike_max", "strikes_around_atm"},
}


@schema.hook
def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """Remove from data that fit the document what the rules beyond it always refuse."""
    if case.meta and case.meta.generation.mode is GenerationMode.POSITIVE and context.operation:
        query = case.query
        excluded = {"cursor"}
        if context.operation.path.endswith("/history"):
            excluded |= next((EXCLUDED[name] for name in EXCLUDED if name in query), set())
            excluded |= {"columns"} if "interval" in query else set()
            if not {*EXCLUDED, "strike_min", "strike_max"} & set(query):
                query.setdefault("strikes_around_atm", 1)
        for name in excluded & set(query):
            del query[name]
    return case


@schema.parametrize()
def test_application_keeps_to_its_document(case: Case[Any]) -> None:
    response = case.call_and_validate()
    if response.status_code == 200 and (link := next_page(response)):
        following = case.operation.Case(
            path_parameters=case.path_parameters, query={"cursor": link.partition("cursor=")[2]}
        )
        assert following.call_and_validate().status_code == 200


def next_page(response: Response) -> str | None:
    """Return the link of a page to the next one."""
    return (
        response.json().get("next")
        if response.headers["content-type"] == ["application/json"]
        else None
    )
