"""The local gateway's events have the shape of API Gateway's, and its responses are HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.lambda_emulator.api_gateway import resource_of
from local.lambda_emulator.proxy_event import HttpRequest, event_of, path_in, response_of

EVENTS = Path(__file__).parents[3] / "events"
RESOURCES = {"/", "/{proxy+}", "/option-chain/{proxy+}", "/option-chain/filter"}
SIGNATURE = "AWS4-HMAC-SHA256 Credential=me/20261122/local/execute-api/aws4_request, Signature=0"


def request(target: str = "/prod/symbols", *, body: bytes = b"", **headers: str) -> HttpRequest:
    pairs = [(name.replace("_", "-"), text) for name, text in headers.items()]
    return HttpRequest("GET", target, pairs, body, "127.0.0.1")


def made(found: HttpRequest, resource: str = "/{proxy+}") -> dict[str, Any]:
    return event_of(found, "prod", path_in("prod", found.target) or "", resource)


@pytest.mark.parametrize("name", ["api-chain", "api-filter", "api-control-stop"])
def test_an_event_has_the_members_of_a_real_one(name: str) -> None:
    real = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    event = made(request(Host="localhost", body=b"{}"))
    assert set(event) == set(real)
    assert set(event["requestContext"]) <= set(real["requestContext"])
    assert set(event["requestContext"]["identity"]) <= {
        *real["requestContext"]["identity"],
        "apiKey",
    }


def test_the_stage_is_in_the_path_of_the_context_alone() -> None:
    event = made(request("/prod/option-chain/M%26M?expiry=all"), "/option-chain/{proxy+}")
    assert event["path"] == "/option-chain/M&M"
    assert event["requestContext"]["path"] == "/prod/option-chain/M&M"
    assert event["pathParameters"] == {"proxy": "M&M"}


def test_a_repeated_parameter_keeps_all_its_values() -> None:
    event = made(request("/prod/symbols?a=1&a=2&b="))
    assert event["queryStringParameters"] == {"a": "2", "b": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}


def test_a_signature_names_its_user() -> None:
    assert made(request())["requestContext"]["identity"]["userArn"] is None
    signed = made(request(Authorization=SIGNATURE))["requestContext"]["identity"]
    assert signed["userArn"] == "arn:aws:iam::123456789012:user/me"


def test_a_binary_body_is_sent_in_base64() -> None:
    event = made(request(body=b"\xff"))
    assert (event["body"], event["isBase64Encoded"]) == ("/w==", True)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/prod", "/"),
        ("/prod/", "/"),
        ("/prod/a/b?c=d", "/a/b"),
        ("/production/a", None),
        ("/a", None),
    ],
)
def test_a_target_outside_the_stage_has_no_path(target: str, path: str | None) -> None:
    assert path_in("prod", target) == path


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/", "/"),
        ("/docs", "/{proxy+}"),
        ("/option-chain/filter", "/option-chain/filter"),
        ("/option-chain/NIFTY/gaps", "/option-chain/{proxy+}"),
    ],
)
def test_the_longest_route_that_fits_is_taken(path: str, resource: str) -> None:
    assert resource_of(path, RESOURCES) == resource


def test_a_base64_body_is_not_decoded() -> None:
    returned = {"statusCode": 200, "headers": {"a": "b"}, "body": "eA==", "isBase64Encoded": True}
    answer = response_of(returned)
    assert (answer.status, answer.headers, answer.body) == (200, [("a", "b")], b"eA==")


@pytest.mark.parametrize("returned", [None, "text", {}, {"statusCode": 200}])
def test_a_result_of_another_shape_is_an_error(returned: object) -> None:
    with pytest.raises(ValueError, match="another shape"):
        response_of(returned)
