"""The real Lambda handler, with the events that API Gateway sends it."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from typing import Any
from urllib.parse import urljoin

import pytest
from mangum import Mangum

from chain_api.app import create_app
from chain_api.dependencies import over
from chain_api.handler import behind_gateway
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.settings import Settings
from tests.support.api import NOW, elements
from tests.support.bodies import Json
from tests.support.gateway import answer, event, get, respond
from tests.support.mongomock_database import AnyDatabase

STAGE = "https://abcdef1234.execute-api.ap-south-1.amazonaws.com/dev/"


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
def test_each_answer_is_text(application: Mangum, changes: Json, status: int) -> None:
    found, headers, _ = answer(event("api-filter", **changes), application)
    assert found == status
    assert headers["content-type"].removeprefix("application/") in ("json", "problem+json")


def test_head_has_the_headers_of_the_chain_and_no_body(application: Mangum) -> None:
    _, headers, _ = answer(event("api-chain"), application)
    response = respond(event("api-chain-head"), application)
    assert (response["statusCode"], response["body"]) == (200, "")
    differing = {name for name, text in response["headers"].items() if headers[name] != text}
    assert differing == {"x-request-id"}
    assert int(response["headers"]["content-length"]) > 10_000


def test_answer_is_left_for_api_gateway_to_compress(application: Mangum) -> None:
    """The event says that the client accepts gzip, and so does the answer's Vary."""
    request = event("api-chain")
    assert "gzip" in request["headers"]["Accept-Encoding"]
    _, headers, _ = answer(request, application)
    assert "content-encoding" not in headers
    assert "Accept-Encoding" in headers["vary"]


def test_request_id_is_the_gateway_s(application: Mangum, caplog: pytest.LogCaptureFixture) -> None:
    request = event("api-unknown-symbol")
    _, headers, _ = answer(request, application)
    assert headers["x-request-id"] == request["requestContext"]["requestId"]
    assert vars(caplog.records[-1])["request_id"] == headers["x-request-id"]


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("path", ["/option-chain/filter", "/nope"])
def test_too_large_a_body_is_refused(application: Mangum, path: str, encoded: bool) -> None:
    body = " " * 1_000_000
    if encoded:
        body = b64encode(body.encode()).decode()
    request = event("api-filter", path=path, body=body, isBase64Encoded=encoded)
    status, headers, found = answer(request, application)
    assert (status, headers["content-type"]) == (413, "application/problem+json")
    assert found["type"] == "urn:nse-option-chain:problem:body-too-large"


@pytest.mark.usefixtures("lambda_loop")
def test_preflight_is_refused_where_no_site_may_read(database: AnyDatabase) -> None:
    api = behind_gateway(create_app(over(database, Settings(), lambda: NOW)))
    response = respond(event("api-preflight"), api)
    assert response["statusCode"] == 405
    assert "access-control-allow-origin" not in response["headers"]


def test_symbol_with_an_ampersand_is_served_escaped_or_not(application: Mangum) -> None:
    for path in ("/option-chain/M%26M", "/option-chain/M&M", "/option-chain/m&m"):
        status, _, chain = answer(get(path), application)
        assert (status, chain["symbol"]) == (200, "M&M")


def test_query_of_an_event_is_read(application: Mangum) -> None:
    query = {"expiry": "30-Feb-2026"}
    many = {name: [text] for name, text in query.items()}
    request = get(
        "/option-chain/NIFTY", queryStringParameters=query, multiValueQueryStringParameters=many
    )
    status, _, body = answer(request, application)
    assert (status, body["field"]) == (422, "expiry")


def test_stage_precedes_every_link_and_stays_out_of_every_path(application: Mangum) -> None:
    """The browser's path is /dev/docs and the event's is /docs, so links must be relative."""
    _, _, root = answer(get("/"), application)
    page_parts = ["docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/start.js"]
    for link in [*root["links"].values(), *page_parts]:
        address = urljoin(STAGE, link)
        assert address.startswith(STAGE)
        status, _, _ = answer(get("/" + address.removeprefix(STAGE)), application)
        assert status == 200, link
    _, _, document = answer(get("/openapi.json"), application)
    assert urljoin(STAGE + "openapi.json", document["servers"][0]["url"]) == STAGE


@pytest.mark.parametrize("base", ["/nse", "/markets/nse", ""])
def test_custom_domain_serves_every_link_under_its_base_path(
    application: Mangum, base: str
) -> None:
    """The browser's path is the event's, and its links are those of the API's own address."""

    def at(path: str) -> dict[str, Any]:
        resource, parameters = "/{proxy+}", {"proxy": path.removeprefix("/")}
        if path in ("/", "/dashboard"):
            resource, parameters = path, {}
        found = get(base + path, resource=resource, pathParameters=parameters)
        found["requestContext"] |= {"path": base + path, "domainName": "api.example.com"}
        return found

    domain = f"https://api.example.com{base}/"
    _, _, root = answer(at("/"), application)
    _, _, page = answer(at("/dashboard"), application)
    links = [link for tag, each in elements(page) for link in (each.get("src"), each.get("href"))]
    relative = [link for link in links if link and not link.startswith(("#", "http", "data:"))]
    assert len(relative) >= 2
    for link in [*root["links"].values(), *relative]:
        address = urljoin(domain + "dashboard", link)
        assert address.startswith(domain), link
        status, _, _ = answer(at("/" + address.removeprefix(domain).partition("?")[0]), application)
        assert status == 200, link
    _, _, problem = answer(at("/option-chain/NOSUCH"), application)
    assert problem["instance"] == "/option-chain/NOSUCH"


def test_answer_fits_into_what_lambda_may_return(application: Mangum) -> None:
    """Lambda returns 6 MB at most. The largest answers are a script and a filter's 5,000 rows."""
    response = respond(get("/docs/swagger-ui-bundle.js"), application)
    assert len(response["body"]) < 6_000_000
    chain = respond(event("api-chain"), application)
    assert len(chain["body"]) / 200 * 5_000 < 6_000_000


def test_unforeseen_error_is_answered_and_the_next_request_too(
    application: Mangum, database: AnyDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    database["snapshots"].update_many({}, {"$unset": {"fetched_at": True}})
    status, headers, body = answer(event("api-chain"), application)
    assert (status, headers["content-type"]) == (500, "application/problem+json")
    assert "Traceback" not in json.dumps(body)
    assert "KeyError" in caplog.text
    assert answer(get("/"), application)[0] == 200


def test_signed_caller_stops_and_starts_the_recorder(
    application: Mangum, database: AnyDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    for name, enabled in (("api-control-stop", False), ("api-control-start", True)):
        status, _, state = answer(event(name), application)
        assert (status, state["enabled"]) == (200, enabled)
        assert RecorderSwitch(database).enabled() is enabled
    switched = [vars(row) for row in caplog.records if row.message == "pipeline_switched"]
    assert {row["caller"] for row in switched} == {"arn:aws:iam::123456789012:user/operator"}


@pytest.mark.parametrize(
    "identity",
    [
        {"userArn": None},
        {"userArn": ""},
        {"userArn": 1, "user": "root"},
        {"userArn": None, "sourceIp": "127.0.0.1"},  # which makes no local caller of it
    ],
)
def test_caller_without_a_signature_switches_nothing(
    application: Mangum, database: AnyDatabase, identity: Json
) -> None:
    """API Gateway refuses such callers first; the function checks again."""
    request = event("api-control-stop")
    request["requestContext"]["identity"] |= identity
    status, headers, body = answer(request, application)
    assert (status, headers["content-type"]) == (403, "application/problem+json")
    assert body["type"] == "urn:nse-option-chain:problem:forbidden"
    assert RecorderSwitch(database).enabled()


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


WIRED = """
import sys
from chain_api.handler import wire
wire()
print(*{"boto3", "botocore.client", "urllib3", "duckdb", "arro3"} & sys.modules.keys())
"""


def test_archive_costs_a_start_nothing() -> None:
    """What reads it is loaded with the first cold answer."""
    given = {"MONGODB_URI": "mongodb://127.0.0.1:1/", "ARCHIVE_URL": "s3://an-archive"}
    command = [sys.executable, "-c", WIRED]
    done = subprocess.run(
        command, env=os.environ | given, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "\n"


def test_the_environment_is_read_once(application: Mangum, mongo_settings: Settings) -> None:
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
    _, _, expected = answer(event("api-chain"), application)
    for response in json.loads(answers):
        chain = json.loads(response["body"])
        # That process reads the real time, so the chain is old and has a gap.
        (state,) = chain["expiries"]
        for answered in (chain, state):
            assert answered["age_seconds"] > 0
            assert answered["gap"] is True
        moving = {name: chain[name] for name in ("age_seconds", "gap", "expiries")}
        assert chain == expected | moving
    # One line a request, as JSON.
    assert [json.loads(line)["message"] for line in lines] == ["request", "request"]
    assert "GET /option-chain" not in done.stderr
