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


def event(target: str = "/prod/symbols", body: bytes = b"", **headers: str) -> dict[str, Any]:
    request = HttpRequest("GET", target, list(headers.items()), body, "127.0.0.1")
    path = path_in("prod", target) or ""
    return event_of(request, "prod", path, resource_of(path, RESOURCES) or "")


@pytest.mark.parametrize("name", ["api-chain", "api-filter", "api-control-stop"])
def test_an_event_has_the_members_of_a_real_one(name: str) -> None:
    real = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    made = event(body=b"{}", Host="localhost")
    assert set(made) == set(real)
    context, real_context = made["requestContext"], real["requestContext"]
    assert set(context) <= set(real_context)
    assert set(context["identity"]) <= {*real_context["identity"], "apiKey"}


def test_path_parameters_signature_and_body_are_those_of_the_request() -> None:
    made = event("/prod/option-chain/M%26M?a=1&a=2&b=", b"\xff", Authorization=SIGNATURE)
    assert made["path"] == "/option-chain/M&M"
    assert made["requestContext"]["path"] == "/prod/option-chain/M&M"
    assert made["pathParameters"] == {"proxy": "M&M"}
    assert made["queryStringParameters"] == {"a": "2", "b": ""}
    assert made["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}
    assert (made["body"], made["isBase64Encoded"]) == ("/w==", True)
    assert made["requestContext"]["identity"]["userArn"] == "arn:aws:iam::123456789012:user/me"
    assert event()["requestContext"]["identity"]["userArn"] is None


@pytest.mark.parametrize(
    ("target", "path", "resource"),
    [
        ("/prod", "/", "/"),
        ("/prod/", "/", "/"),
        ("/prod/docs?c=d", "/docs", "/{proxy+}"),
        ("/prod/option-chain/filter", "/option-chain/filter", "/option-chain/filter"),
        ("/prod/option-chain/NIFTY/gaps", "/option-chain/NIFTY/gaps", "/option-chain/{proxy+}"),
        ("/production/a", None, None),
        ("/a", None, None),
    ],
)
def test_a_path_gets_the_longest_route(target: str, path: str | None, resource: str | None) -> None:
    found = path_in("prod", target)
    assert found == path
    assert (found and resource_of(found, RESOURCES)) == resource


def test_a_base64_body_is_not_decoded() -> None:
    result = {"statusCode": 200, "headers": {"a": "b"}, "body": "eA==", "isBase64Encoded": True}
    response = response_of(result)
    assert (response.status, response.headers, response.body) == (200, [("a", "b")], b"eA==")


@pytest.mark.parametrize("result", [None, "text", {}, {"statusCode": 200}])
def test_a_result_of_another_shape_is_an_error(result: object) -> None:
    with pytest.raises(ValueError, match="another shape"):
        response_of(result)
