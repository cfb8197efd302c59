"""events/ holds what Lambda receives, in the shape in which AWS sends it."""

import json
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.infrastructure.files import text_of
from tests.infrastructure.stack import Stack, routes

type Event = dict[str, Any]

EVENTS: dict[str, Event] = {
    path.stem: json.loads(text_of(path)) for path in (ROOT / "events").glob("*.json")
}
CASES = """
    archive archive-day archive-days schedule schedule-group schedule-symbols
    schedule-unknown-symbol api-analytics api-chain api-chain-head api-control-start
    api-control-stop api-dashboard api-filter api-gaps api-health api-preflight api-unknown-symbol
"""
KEYS_OF_A_REQUEST = """
    resource path httpMethod headers multiValueHeaders queryStringParameters
    multiValueQueryStringParameters pathParameters stageVariables requestContext body
    isBase64Encoded
"""
KEYS_OF_A_SIGNATURE = ("accountId", "accessKey", "caller", "principalOrgId", "user", "userArn")

every_request = pytest.mark.parametrize(
    "event", [pytest.param(EVENTS[name], id=name) for name in sorted(EVENTS) if "api-" in name]
)


def test_every_case_has_its_file() -> None:
    assert EVENTS.keys() >= set(CASES.split())
    assert EVENTS["schedule"] == {}
    assert EVENTS["schedule-group"] == {"group": "2", "groups": 3}
    assert EVENTS["schedule-symbols"] == {"symbols": ["RELIANCE", "M&M"]}


@every_request
def test_request_is_a_consistent_proxy_event(event: Event) -> None:
    """The context carries the stage in its path, and each value stands twice where AWS says so."""
    assert set(event) == set(KEYS_OF_A_REQUEST.split())
    context = event["requestContext"]
    assert context["path"] == f"/{context['stage']}{event['path']}"
    assert context["resourcePath"] == event["resource"]
    assert context["httpMethod"] == event["httpMethod"]
    assert event["multiValueHeaders"] == {name: [text] for name, text in event["headers"].items()}
    single, many = event["queryStringParameters"], event["multiValueQueryStringParameters"]
    assert many == (single and {name: [text] for name, text in single.items()})
    below = (event["pathParameters"] or {}).get("proxy", "")
    assert event["resource"].replace("{proxy+}", below) == event["path"]
    if event["body"]:
        assert event["headers"]["Content-Type"] == "application/json"
    assert isinstance(json.loads(event["body"] or "{}"), dict)


@every_request
def test_request_is_signed_or_keyed_where_its_route_asks_for_it(event: Event, stack: Stack) -> None:
    """API Gateway names the caller or the key only where it has checked one."""
    operation = routes(stack)[event["httpMethod"].lower(), event["resource"]]
    schemes = {name for scheme in operation.get("security", []) for name in scheme}
    identity, headers = event["requestContext"]["identity"], event["headers"]
    signed, keyed = "AWS_IAM" in schemes, "api_key" in schemes
    assert {identity[name] is not None for name in KEYS_OF_A_SIGNATURE} == {signed}
    if signed:
        assert identity["userArn"].startswith(f"arn:aws:iam::{identity['accountId']}:")
        assert "X-Amz-Date" in headers
    assert {"apiKey" in identity, "apiKeyId" in identity, "X-Api-Key" in headers} == {keyed}
    assert identity.get("apiKey") == headers.get("X-Api-Key")
