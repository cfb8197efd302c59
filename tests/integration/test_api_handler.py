"""The real Lambda handler, with the events that API Gateway sends it."""

import asyncio
import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin

import pytest
from mangum import Mangum
from mangum.types import LambdaContext
from pymongo.database import Database

from chain_api.app import create_app
from chain_api.dependencies import over
from chain_api.handler import behind_gateway, lambda_handler
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.support.api import NOW
from tests.support.mongomock_database import RETENTION_DAYS
from tests.support.snapshots import TICK, snapshot

ROOT = Path(__file__).parents[2]
STAGE = "https://abcdef1234.execute-api.ap-south-1.amazonaws.com/dev/"
CONTEXT = cast("LambdaContext", None)  # Mangum hands it on and reads nothing of it


def event(name: str, **changes: object) -> dict[str, Any]:
    """Return an event by the name of its file; `changes` replace some of its keys."""
    found: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    return found | changes


def at(path: str, **changes: object) -> dict[str, Any]:
    """Return the event of a GET; the stage is in the context's path alone, as AWS has it."""
    found = event("api-health", path=path, **changes)
    found["requestContext"] |= {"path": f"/dev{path}"}
    return found


@pytest.fixture
def application(database: Database[Document]) -> Iterator[Mangum]:
    """The API behind API Gateway over 100 strikes of NIFTY, and M&M."""
    Indexes(database, RETENTION_DAYS).ensure()
    strikes = [float(strike) for strike in range(24_000, 29_000, 50)]
    store = SnapshotWriter(database)
    store.commit(Commit(snapshot(strikes)))
    store.commit(Commit(snapshot([3000.0], symbol="M&M")))
    settings = Settings(nse_symbols=("NIFTY",))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield behind_gateway(create_app(over(database, settings, lambda: NOW)))
    asyncio.set_event_loop(None)
    loop.close()


def answer(application: Mangum, request: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    """Return status, headers and decoded body; a REST API passes on nothing but text."""
    response: Any = lambda_handler(request, CONTEXT, application)
    assert set(response) == {
        *("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"),
    }
    assert response["isBase64Encoded"] is False
    assert isinstance(response["body"], str)
    headers: dict[str, str] = response["headers"]
    decoded = json.loads(response["body"]) if "json" in headers["content-type"] else None
    return response["statusCode"], headers, response["body"] if decoded is None else decoded


def test_chain_is_served(application: Mangum) -> None:
    status, headers, chain = answer(application, event("api-chain"))
    assert (status, headers["content-type"]) == (200, "application/json")
    assert chain["symbol"] == "NIFTY"
    assert chain["timestamp"] == TICK.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(chain["calls"]) == len(chain["puts"]) == 100


def test_filter_is_served(application: Mangum) -> None:
    status, _, found = answer(application, event("api-filter"))
    assert (status, found["total_records"], found["limit"]) == (200, 21, 10)
    strikes = [row["strike_price"] for row in found["records"]]
    assert strikes == [float(strike) for strike in range(25_000, 25_500, 50)]


def test_health_is_served(application: Mangum) -> None:
    status, _, health = answer(application, event("api-health"))
    assert (status, health["status"], health["reasons"]) == (200, "healthy", [])


def test_unknown_symbol_is_a_problem_in_text_not_in_base64(application: Mangum) -> None:
    status, headers, body = answer(application, event("api-unknown-symbol"))
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert body["known_symbols"] == ["M&M", "NIFTY"]
    assert body["instance"] == "/option-chain/NOSUCH"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"body": '{"symbol": {"$gt": ""}}'}, 422),
        ({"body": None}, 422),
        ({"body": "eyJzeW1ib2wiOiAiTklGVFkifQ==", "isBase64Encoded": True}, 200),
        ({"path": "/nope"}, 404),
        ({"path": "/health"}, 405),
    ],
)
def test_every_other_answer_is_text_too(
    application: Mangum, changes: dict[str, object], status: int
) -> None:
    found, headers, _ = answer(application, event("api-filter", **changes))
    assert found == status
    assert headers["content-type"].removeprefix("application/") in ("json", "problem+json")


def test_head_has_the_headers_of_the_chain_and_no_body(application: Mangum) -> None:
    _, headers, _ = answer(application, event("api-chain"))
    response: Any = lambda_handler(event("api-chain-head"), CONTEXT, application)
    assert (response["statusCode"], response["body"]) == (200, "")
    assert response["isBase64Encoded"] is False
    differing = {name for name, text in response["headers"].items() if headers[name] != text}
    assert differing == {"x-request-id"}
    assert int(response["headers"]["content-length"]) > 10_000


def test_answer_is_left_for_api_gateway_to_compress(application: Mangum) -> None:
    """The event says that the client accepts gzip, and so does the answer's Vary."""
    request = event("api-chain")
    assert "gzip" in request["headers"]["Accept-Encoding"]
    _, headers, _ = answer(application, request)
    assert "content-encoding" not in headers
    assert "Accept-Encoding" in headers["vary"]


def test_id_of_the_request_is_api_gateway_s(
    application: Mangum, caplog: pytest.LogCaptureFixture
) -> None:
    request = event("api-unknown-symbol")
    _, headers, _ = answer(application, request)
    assert headers["x-request-id"] == request["requestContext"]["requestId"]
    assert vars(caplog.records[-1])["request_id"] == headers["x-request-id"]


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("path", ["/option-chain/filter", "/nope"])
def test_too_large_a_body_is_refused(application: Mangum, path: str, encoded: bool) -> None:
    body = " " * 1_000_000
    if encoded:
        body = b64encode(body.encode()).decode()
    request = event("api-filter", path=path, body=body, isBase64Encoded=encoded)
    status, headers, found = answer(application, request)
    assert (status, headers["content-type"]) == (413, "application/problem+json")
    assert found["type"] == "urn:nse-option-chain:problem:body-too-large"


@pytest.mark.usefixtures("application")  # for its event loop
@pytest.mark.parametrize("origins", [(), ("https://desk.example",)])
def test_preflight_is_answered_by_the_setting(
    database: Database[Document], origins: tuple[str, ...]
) -> None:
    settings = Settings(cors_origins=origins)
    api = behind_gateway(create_app(over(database, settings, lambda: NOW)))
    response: Any = lambda_handler(event("api-preflight"), CONTEXT, api)
    assert response["isBase64Encoded"] is False
    assert response["statusCode"] == (200 if origins else 405)
    allowed = response["headers"].get("access-control-allow-origin")
    assert allowed == next(iter(origins), None)


@pytest.mark.parametrize("path", ["/option-chain/M%26M", "/option-chain/M&M", "/option-chain/m&m"])
def test_symbol_with_an_ampersand_is_served_escaped_or_not(application: Mangum, path: str) -> None:
    status, _, chain = answer(application, at(path))
    assert (status, chain["symbol"]) == (200, "M&M")


def test_query_of_an_event_is_read(application: Mangum) -> None:
    query = {"expiry": "30-Feb-2026"}
    many = {name: [text] for name, text in query.items()}
    request = at(
        "/option-chain/NIFTY", queryStringParameters=query, multiValueQueryStringParameters=many
    )
    status, _, body = answer(application, request)
    assert (status, body["field"]) == (422, "expiry")


def test_stage_precedes_every_link_and_stays_out_of_every_path(application: Mangum) -> None:
    """A browser is at /dev/docs, the event's path is /docs: only relative links lead back."""
    _, _, root = answer(application, at("/"))
    page_parts = ["docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/start.js"]
    for link in [*root["links"].values(), *page_parts]:
        address = urljoin(STAGE, link)
        assert address.startswith(STAGE)
        status, _, _ = answer(application, at("/" + address.removeprefix(STAGE)))
        assert status == 200, link
    _, _, document = answer(application, at("/openapi.json"))
    assert urljoin(STAGE + "openapi.json", document["servers"][0]["url"]) == STAGE


def test_page_comes_with_its_policy(application: Mangum) -> None:
    status, headers, page = answer(application, at("/docs"))
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert page.startswith("<!doctype html>")


def test_answer_fits_into_what_lambda_may_return(application: Mangum) -> None:
    """6 MB; the largest answers are the page's script and a filter's page of 5,000."""
    response: Any = lambda_handler(at("/docs/swagger-ui-bundle.js"), CONTEXT, application)
    assert len(response["body"]) < 6_000_000
    chain: Any = lambda_handler(event("api-chain"), CONTEXT, application)
    assert len(chain["body"]) / 200 * 5_000 < 6_000_000


def test_unforeseen_error_is_answered_and_the_next_request_too(
    application: Mangum, database: Database[Document], caplog: pytest.LogCaptureFixture
) -> None:
    database["snapshots"].update_many({}, {"$unset": {"fetched_at": True}})
    status, headers, body = answer(application, event("api-chain"))
    assert (status, headers["content-type"]) == (500, "application/problem+json")
    assert "Traceback" not in json.dumps(body)
    assert "KeyError" in caplog.text
    assert answer(application, at("/"))[0] == 200


def test_gaps_are_served(application: Mangum) -> None:
    status, _, gaps = answer(application, event("api-gaps"))
    assert (status, gaps["symbol"], gaps["date"]) == (200, "NIFTY", "2026-06-19")
    assert gaps["ticks"]["missing"] == gaps["expected_ticks"] > 4_000


def test_signed_caller_stops_and_starts_the_recorder(
    application: Mangum, database: Database[Document], caplog: pytest.LogCaptureFixture
) -> None:
    for name, enabled in (("api-control-stop", False), ("api-control-start", True)):
        status, _, state = answer(application, event(name))
        assert (status, state["enabled"]) == (200, enabled)
        assert RecorderSwitch(database).enabled() is enabled
    switched = [vars(row) for row in caplog.records if row.message == "pipeline_switched"]
    assert {row["caller"] for row in switched} == {"arn:aws:iam::123456789012:user/operator"}


@pytest.mark.parametrize(
    "identity", [{"userArn": None}, {"userArn": ""}, {"userArn": 1, "user": "root"}]
)
def test_caller_without_a_signature_switches_nothing(
    application: Mangum, database: Database[Document], identity: dict[str, object]
) -> None:
    """API Gateway lets none through; should its route ever lose the check, this is still here."""
    request = event("api-control-stop")
    request["requestContext"]["identity"] |= identity
    status, headers, body = answer(application, request)
    assert (status, headers["content-type"]) == (403, "application/problem+json")
    assert body["type"] == "urn:nse-option-chain:problem:forbidden"
    assert RecorderSwitch(database).enabled()


def test_caller_behind_the_gateway_is_no_local_one(application: Mangum) -> None:
    """Whatever address a request claims to come from."""
    request = event("api-control-stop")
    request["requestContext"]["identity"] |= {"userArn": None, "sourceIp": "127.0.0.1"}
    assert answer(application, request)[0] == 403


SWITCHED = """
import json, sys
import boto3
from moto import mock_aws
from chain_api.handler import lambda_handler
with mock_aws():
    scheduler = boto3.client("scheduler")
    target = {"Arn": "arn:aws:lambda:ap-south-1:1:function:x", "RoleArn": "arn:aws:iam::1:role/x"}
    scheduler.create_schedule(
        Name="stack-every-minute",
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    for event in json.load(sys.stdin):
        answer = json.loads(lambda_handler(event, None)["body"])
        state = scheduler.get_schedule(Name="stack-every-minute")["State"]
        print("STATE", answer["enabled"], answer["schedule"], state)
"""


def test_schedule_is_the_one_that_the_environment_names(
    database: Database[Document], mongo_settings: Settings
) -> None:
    """Through the real wiring: the function's environment, boto3, the schedule of the stack."""
    assert mongo_settings.mongodb_uri is not None
    given = {
        "MONGODB_URI": mongo_settings.mongodb_uri.get_secret_value(),
        "MONGODB_DATABASE": mongo_settings.mongodb_database,
        "SCHEDULE_NAME": "stack-every-minute",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    done = subprocess.run(
        [sys.executable, "-c", SWITCHED],
        input=json.dumps([event("api-control-stop"), event("api-control-start")]),
        env=os.environ | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    states = [line for line in done.stdout.splitlines() if line.startswith("STATE")]
    assert states == ["STATE False DISABLED DISABLED", "STATE True ENABLED ENABLED"]
    assert RecorderSwitch(database).enabled()


# ── the start ────────────────────────────────────────────────────────────────────────────────


COLD_START = """
import json, sys
from chain_api.handler import lambda_handler, wire
assert wire.cache_info().currsize == 0, "importing has effects"
assert not {"boto3", "botocore.client"} & sys.modules.keys(), "half of a cold start, for two routes"
event = json.load(sys.stdin)
answers = [lambda_handler(event, None) for _ in range(2)]
assert wire.cache_info().misses == 1, "wired twice"
print(json.dumps(answers))
"""


def test_cold_and_warm_start_read_the_environment_once(
    application: Mangum, mongo_settings: Settings
) -> None:
    """In a process of its own, as in Lambda: settings from the environment, wired once."""
    assert mongo_settings.mongodb_uri is not None
    given = {
        "MONGODB_URI": mongo_settings.mongodb_uri.get_secret_value(),
        "MONGODB_DATABASE": mongo_settings.mongodb_database,
    }
    done = subprocess.run(
        [sys.executable, "-c", COLD_START],
        input=json.dumps(event("api-chain")),
        env=os.environ | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *lines, answers = done.stdout.splitlines()
    _, _, expected = answer(application, event("api-chain"))
    for response in json.loads(answers):
        chain = json.loads(response["body"])
        # By the clock of this machine the chain is old, and nothing was recorded of late.
        (state,) = chain["expiries"]
        for answered in (chain, state):
            assert answered["age_seconds"] > 0
            assert answered["gap"] is True
        moving = {name: chain[name] for name in ("age_seconds", "gap", "expiries")}
        assert chain == expected | moving
    # One line a request, as JSON.
    assert [json.loads(line)["message"] for line in lines] == ["request", "request"]
    assert "GET /option-chain" not in done.stderr
