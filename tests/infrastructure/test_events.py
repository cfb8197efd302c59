"""events/ holds what Lambda receives, in the shape in which AWS sends it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.stack import Template

FOLDER = Path(__file__).parents[2] / "events"
EVENTS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")
}
REQUESTS = [name for name in sorted(EVENTS) if name.startswith("api-")]
CASES = """
    schedule schedule-symbols schedule-unknown-symbol api-analytics api-chain api-chain-head
    api-control-start api-control-stop api-dashboard api-filter api-gaps api-health api-preflight
    api-unknown-symbol
"""
KEYS_OF_A_REQUEST = """
    resource path httpMethod headers multiValueHeaders queryStringParameters
    multiValueQueryStringParameters pathParameters stageVariables requestContext body
    isBase64Encoded
"""
KEYS_OF_A_SIGNATURE = ("accountId", "accessKey", "caller", "principalOrgId", "user", "userArn")


@pytest.fixture(params=REQUESTS)
def event(request: pytest.FixtureRequest) -> dict[str, Any]:
    return EVENTS[request.param]


@pytest.fixture
def security(event: dict[str, Any], operations: dict[tuple[str, str], Template]) -> str:
    """What the route of the event asks for, as JSON."""
    operation = operations[event["httpMethod"].lower(), event["resource"]]
    return json.dumps(operation.get("security", []))


def test_every_case_has_its_file() -> None:
    assert EVENTS.keys() >= set(CASES.split())


def test_schedule_names_the_symbols_of_its_group_or_none() -> None:
    assert EVENTS["schedule"] == {}
    assert EVENTS["schedule-symbols"] == {"symbols": ["RELIANCE", "M&M"]}


def test_request_has_every_key_of_a_proxy_event(event: dict[str, Any]) -> None:
    assert set(event) == set(KEYS_OF_A_REQUEST.split())


def test_request_is_consistent(event: dict[str, Any]) -> None:
    """The context carries the stage in its path, and each value stands twice where AWS says so."""
    context = event["requestContext"]
    assert context["path"] == f"/{context['stage']}{event['path']}"
    assert context["resourcePath"] == event["resource"]
    assert context["httpMethod"] == event["httpMethod"]
    assert event["multiValueHeaders"] == {name: [text] for name, text in event["headers"].items()}
    single, many = event["queryStringParameters"], event["multiValueQueryStringParameters"]
    assert many == (single and {name: [text] for name, text in single.items()})
    below = (event["pathParameters"] or {}).get("proxy", "")
    assert event["resource"].replace("{proxy+}", below) == event["path"]


def test_request_is_signed_where_the_template_asks_for_it(
    event: dict[str, Any], security: str
) -> None:
    """API Gateway names the caller where it has checked a signature, and nowhere else."""
    identity = event["requestContext"]["identity"]
    signed = "AWS_IAM" in security
    assert {identity[name] is not None for name in KEYS_OF_A_SIGNATURE} == {signed}
    if signed:
        assert identity["userArn"].startswith(f"arn:aws:iam::{identity['accountId']}:")
        assert "X-Amz-Date" in event["headers"]


def test_request_has_an_api_key_where_the_template_asks_for_one(
    event: dict[str, Any], security: str
) -> None:
    """API Gateway tells the key and its id where it has looked at them, and passes both on."""
    identity, headers = event["requestContext"]["identity"], event["headers"]
    keyed = "api_key" in security
    assert {"apiKey" in identity, "apiKeyId" in identity, "X-Api-Key" in headers} == {keyed}
    assert identity.get("apiKey") == headers.get("X-Api-Key")


def test_body_is_json_in_a_string(event: dict[str, Any]) -> None:
    if event["body"]:
        assert event["headers"]["Content-Type"] == "application/json"
    assert isinstance(json.loads(event["body"] or "{}"), dict)
