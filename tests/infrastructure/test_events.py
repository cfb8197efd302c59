"""events/ holds what Lambda receives, in the shape in which AWS sends it."""

import json
from pathlib import Path
from typing import Any

import pytest

EVENTS = sorted((Path(__file__).parents[2] / "events").glob("*.json"))
REQUESTS = [path for path in EVENTS if path.stem.startswith("api-")]
KEYS_OF_A_REQUEST = {
    "resource",
    "path",
    "httpMethod",
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
    "stageVariables",
    "requestContext",
    "body",
    "isBase64Encoded",
}


def load(path: Path) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return event


def named(path: Path) -> str:
    return path.stem


def test_every_case_has_its_file() -> None:
    assert {path.stem for path in EVENTS} >= {
        "schedule",
        "schedule-symbols",
        "schedule-unknown-symbol",
        "api-analytics",
        "api-chain",
        "api-chain-head",
        "api-control-start",
        "api-control-stop",
        "api-dashboard",
        "api-filter",
        "api-gaps",
        "api-health",
        "api-preflight",
        "api-unknown-symbol",
    }


def test_schedule_without_symbols_is_empty() -> None:
    assert load(next(path for path in EVENTS if path.stem == "schedule")) == {}


def test_schedule_of_a_group_names_its_symbols() -> None:
    event = load(next(path for path in EVENTS if path.stem == "schedule-symbols"))
    assert event == {"symbols": ["RELIANCE", "M&M"]}


@pytest.mark.parametrize("path", REQUESTS, ids=named)
def test_request_has_every_key_of_a_proxy_event(path: Path) -> None:
    assert set(load(path)) == KEYS_OF_A_REQUEST


@pytest.mark.parametrize("path", REQUESTS, ids=named)
def test_request_is_consistent(path: Path) -> None:
    """The context carries the stage in its path, and each value stands twice where AWS says so."""
    event = load(path)
    context = event["requestContext"]
    assert context["path"] == f"/{context['stage']}{event['path']}"
    assert context["resourcePath"] == event["resource"]
    assert context["httpMethod"] == event["httpMethod"]
    assert event["multiValueHeaders"] == {name: [text] for name, text in event["headers"].items()}
    below = (event["pathParameters"] or {}).get("proxy", "")
    assert event["resource"].replace("{proxy+}", below) == event["path"]


@pytest.mark.parametrize("path", REQUESTS, ids=named)
def test_request_came_by_a_route_of_the_template(
    path: Path, routes: dict[tuple[str, str], dict[str, Any]]
) -> None:
    event = load(path)
    assert (event["httpMethod"], event["resource"]) in routes


@pytest.mark.parametrize("path", REQUESTS, ids=named)
def test_request_is_signed_where_the_template_asks_for_it(
    path: Path, routes: dict[tuple[str, str], dict[str, Any]]
) -> None:
    """API Gateway names the caller where it has checked a signature, and nowhere else."""
    event = load(path)
    identity = event["requestContext"]["identity"]
    signed = "Auth" in routes[event["httpMethod"], event["resource"]]
    names = ("accountId", "accessKey", "caller", "principalOrgId", "user", "userArn")
    assert {identity[name] is not None for name in names} == {signed}
    if signed:
        assert identity["userArn"].startswith(f"arn:aws:iam::{identity['accountId']}:")
        assert "X-Amz-Date" in event["headers"]


@pytest.mark.parametrize("path", REQUESTS, ids=named)
def test_request_has_an_api_key_where_the_template_asks_for_one(
    path: Path, template: dict[str, Any]
) -> None:
    """API Gateway tells the key and its id where it has looked at them, and passes both on."""
    event = load(path)
    paths = template["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]
    method = paths.get(event["resource"], {}).get(event["httpMethod"].lower(), {})
    keyed = "api_key" in json.dumps(method)
    identity = event["requestContext"]["identity"]
    assert {"apiKey" in identity, "apiKeyId" in identity, "X-Api-Key" in event["headers"]} == {
        keyed
    }
    if keyed:
        assert identity["apiKey"] == event["headers"]["X-Api-Key"]


@pytest.mark.parametrize("path", REQUESTS, ids=named)
def test_query_stands_in_both_forms(path: Path) -> None:
    event = load(path)
    single, many = event["queryStringParameters"], event["multiValueQueryStringParameters"]
    assert many == (single and {name: [text] for name, text in single.items()})


@pytest.mark.parametrize("path", [path for path in REQUESTS if load(path)["body"]], ids=named)
def test_body_is_json_in_a_string(path: Path) -> None:
    event = load(path)
    assert event["headers"]["Content-Type"] == "application/json"
    assert isinstance(json.loads(event["body"]), dict)
