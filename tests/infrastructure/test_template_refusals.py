"""What API Gateway answers by itself is what the function would answer."""

import json
import re
from typing import Any

import pytest

from chain_api.middleware.body_bound import MOST_BYTES
from chain_api.problems.catalogue import MEDIA_TYPE, Problem
from tests.infrastructure.stack import Stack, Template, deployed

# API Gateway's names for its answers, by their status and problem.
REFUSALS = {
    (403, "forbidden"): "MISSING_AUTHENTICATION_TOKEN ACCESS_DENIED UNAUTHORIZED INVALID_SIGNATURE "
    "EXPIRED_TOKEN WAF_FILTERED",
    (403, "invalid-api-key"): "INVALID_API_KEY",
    (404, "not-found"): "RESOURCE_NOT_FOUND",
    (413, "body-too-large"): "REQUEST_TOO_LARGE",
    (429, "too-many-requests"): "THROTTLED",
    (429, "quota-exceeded"): "QUOTA_EXCEEDED",
    (502, "internal-error"): "INTEGRATION_FAILURE",
    (504, "timeout"): "INTEGRATION_TIMEOUT",
    (400, "http-error"): "DEFAULT_4XX",
    (500, "internal-error"): "DEFAULT_5XX",
}
KINDS = {kind: problem for problem, kinds in REFUSALS.items() for kind in kinds.split()}


@pytest.fixture(scope="module")
def responses(stack: Stack) -> dict[str, Template]:
    body = stack.properties("Api")["Body"]
    found: dict[str, Template] = body["x-amazon-apigateway-gateway-responses"]
    return found


def problem_in(response: Template) -> dict[str, Any]:
    (sent,) = response["responseTemplates"].values()
    problem: dict[str, Any] = json.loads(sent)
    return problem


def test_each_refusal_has_the_status_body_and_headers_of_its_problem(
    responses: dict[str, Template],
) -> None:
    """API Gateway sends the body that the function would make of the slug."""
    assert set(responses) == set(KINDS)
    for kind, (status, slug) in KINDS.items():
        said = problem_in(responses[kind])
        extra = {"field": "body", "max_bytes": MOST_BYTES} if slug == "body-too-large" else {}
        problem = Problem(status, slug, said["detail"], **extra)
        assert said == problem.body("$context.path"), kind
        assert responses[kind]["statusCode"] == str(status), kind
        headers = responses[kind]["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == f"'{MEDIA_TYPE}'", kind
        assert ("gatewayresponse.header.Retry-After" in headers) is (status == 429), kind
        assert all(re.fullmatch(r"'[^']+'", value) for value in headers.values()), kind
        assert not any("Access-Control" in name for name in headers), kind


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ("*", "*"),
        ("https://a.example", "https://a.example"),
        ("https://a.example,https://b.example", "*"),
        ("https://a.example, http://localhost:3000", "*"),
    ],
)
def test_page_of_another_site_may_read_a_refusal_where_origins_are_set(
    translated: Template, origins: str, allowed: str
) -> None:
    """A header of the gateway cannot vary, and a refusal holds no data."""
    stack = deployed(translated, CorsOrigins=origins)
    found = stack.properties("Api")["Body"]["x-amazon-apigateway-gateway-responses"]
    prefix = "gatewayresponse.header.Access-Control"
    for kind, response in found.items():
        headers = response["responseParameters"]
        assert headers[f"{prefix}-Allow-Origin"] == f"'{allowed}'", kind
        waits = "gatewayresponse.header.Retry-After" in headers
        assert headers.get(f"{prefix}-Expose-Headers") == ("'Retry-After'" if waits else None)


def test_time_out_is_said_as_it_is(responses: dict[str, Template], stack: Stack) -> None:
    seconds = stack.properties("ApiFunction")["Timeout"]
    assert f"within {seconds} seconds" in problem_in(responses["INTEGRATION_TIMEOUT"])["detail"]
