"""The running application keeps to its OpenAPI document, whatever is sent: schemathesis looks."""

from typing import Any

import pytest
import schemathesis
from pymongo.database import Database
from schemathesis import Case, GenerationMode, HookContext, Response
from schemathesis.config import SchemathesisConfig
from starlette.types import ASGIApp, Receive, Scope, Send

from chain_api.app import create_app
from chain_api.dependencies import connect, over
from local.openapi.document import NO_DATABASE
from local.openapi.example_session import NOW, SYMBOLS, record
from optionchain.mongo.client import Document
from optionchain.settings import Settings

SEED = 20_260_619
# Random values alone would hardly meet what is recorded: most of a value's draws are from these.
WORDS: dict[str, list[Any]] = {
    "symbols": ["NIFTY", "nifty", "M&M"],
    "expiries": ["nearest", "next", "23-Jun-2026", "2026-06-30"],
    "moments": ["09:30", "2026-06-18", "2026-06-19T10:15:05", "2026-06-19T09:32:00Z"],
    "strikes": [24350, 24300.0, 22450],
    "contracts": ["NIFTY_CE_24350_23-Jun-2026", "NIFTY_PE_22450_23-Jun-2026"],
    "days": ["2026-06-19", "18-Jun-2026"],
    "columns": ["last_price,open_interest", "strike_price,type"],
    "intervals": ["15m", "1d"],
    "metrics": ["pcr_oi,straddle_price", "underlying_value"],
}
PLACES = {
    "path.symbol": ("symbols", 0.8),
    "query.expiry": ("expiries", 0.7),
    "query.as_of": ("moments", 0.7),
    "query.from": ("moments", 0.7),
    "query.to": ("moments", 0.7),
    "query.strike": ("strikes", 0.7),
    "query.identifier": ("contracts", 0.7),
    "query.date": ("days", 0.7),
    "query.columns": ("columns", 0.5),
    "query.interval": ("intervals", 0.7),
    "query.metric": ("metrics", 0.7),
    "body.symbol": ("symbols", 0.8),
    "body.expiry_date": ("expiries", 0.7),
    "body.as_of": ("moments", 0.7),
}
# Rules that JSON Schema has no words for make a 422 of data that fit it: a `from` after `to`, two
# bounds the wrong way round, 30 February, a moment still to come, contracts named twice or not at
# all, a cursor that is not ours, a day of which no ticks are kept, a filter without a body.
# 404 (what was not recorded) is among those that schemathesis expects by itself.
ACCEPTED = ["2xx", "304", "404", "422"]


def config() -> SchemathesisConfig:
    """Return what is tried, and how often: always the same."""
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "dictionaries": {name: {"values": values} for name, values in WORDS.items()},
            "parameters": {
                place: {"dictionary": name, "probability": probability}
                for place, (name, probability) in PLACES.items()
            },
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            "generation": {"mode": "all", "max-examples": 200, "deterministic": True},
        }
    )


class Stage:
    """The application of the test that is running; while tests are collected, one without data."""

    def __init__(self) -> None:
        self.app: ASGIApp = create_app(connect(Settings(mongodb_uri=NO_DATABASE)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # As from this machine, which may switch the recorder.
        await self.app({**scope, "client": ("127.0.0.1", 50_000)}, receive, send)


stage = Stage()
schema = schemathesis.openapi.from_asgi("/openapi.json", stage, config=config())


@pytest.fixture(autouse=True)
def application(database: Database[Document]) -> None:
    """An application over a small recording, at a fixed instant in session."""
    record(database)
    stage.app = create_app(over(database, Settings(nse_symbols=SYMBOLS), lambda: NOW))


# A history names its contracts in one of these ways, and each shuts out the names beside it.
WAYS = {
    "identifier": {"strike", "strike_min", "strike_max", "strikes_around_atm"}
    | {"expiry", "option_type"},
    "strike": {"strike_min", "strike_max", "strikes_around_atm"},
}


@schema.hook
def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """Take out of data that fit the document what the rules beyond it would always refuse."""
    if case.meta and case.meta.generation.mode is GenerationMode.POSITIVE and context.operation:
        query = case.query
        shut_out = {"cursor"}
        if context.operation.path.endswith("/history"):
            shut_out |= next((WAYS[name] for name in WAYS if name in query), set())
            shut_out |= {"columns"} if "interval" in query else set()
            if not {*WAYS, "strike_min", "strike_max"} & set(query):
                query.setdefault("strikes_around_atm", 1)
        for name in shut_out & set(query):
            del query[name]
    return case


@schema.parametrize()
@pytest.mark.timeout(300)
def test_application_keeps_to_its_document(case: Case[Any]) -> None:
    response = case.call_and_validate()
    if response.status_code == 200 and (link := _next(response)):
        following = case.operation.Case(
            path_parameters=case.path_parameters, query={"cursor": link.partition("cursor=")[2]}
        )
        assert following.call_and_validate().status_code == 200


def _next(response: Response) -> str | None:
    """Return the link of a page to the next one."""
    return (
        response.json().get("next")
        if response.headers["content-type"] == ["application/json"]
        else None
    )
