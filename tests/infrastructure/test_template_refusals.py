"""What API Gateway answers by itself is what the function would answer."""

import json
import re
from typing import Any

import pytest

from chain_api.middleware.body_bound import MOST_BYTES
from chain_api.problems.catalogue import MEDIA_TYPE, Problem
from tests.infrastructure.stack import Stack, Template

# The status and the problem of each answer, by API Gateway's name for it.
REFUSALS = {
    "MISSING_AUTHENTICATION_TOKEN": (403, "forbidden"),
    "ACCESS_DENIED": (403, "forbidden"),
    "UNAUTHORIZED": (403, "forbidden"),
    "INVALID_SIGNATURE": (403, "forbidden"),
    "EXPIRED_TOKEN": (403, "forbidden"),
    "WAF_FILTERED": (403, "forbidden"),
    "INVALID_API_KEY": (403, "invalid-api-key"),
    "RESOURCE_NOT_FOUND": (404, "not-found"),
    "REQUEST_TOO_LARGE": (413, "body-too-large"),
    "THROTTLED": (429, "too-many-requests"),
    "QUOTA_EXCEEDED": (429, "quota-exceeded"),
    "INTEGRATION_FAILURE": (502, "internal-error"),
    "INTEGRATION_TIMEOUT": (504, "timeout"),
    "DEFAULT_4XX": (400, "http-error"),
    "DEFAULT_5XX": (500, "internal-error"),
}


@pytest.fixture(scope="module")
def responses(stack: Stack) -> dict[str, Template]:
    body = stack.properties("Api")["Body"]
    found: dict[str, Template] = body["x-amazon-apigateway-gateway-responses"]
    return found


def problem_in(response: Template) -> dict[str, Any]:
    (sent,) = response["responseTemplates"].values()
    problem: dict[str, Any] = json.loads(sent)
    return problem


def test_each_refusal_has_its_status_and_its_problem(responses: dict[str, Template]) -> None:
    """API Gateway sends the body that the function would make of the slug."""
    assert set(responses) == set(REFUSALS)
    for kind, (status, slug) in REFUSALS.items():
        said = problem_in(responses[kind])
        extra = {"field": "body", "max_bytes": MOST_BYTES} if slug == "body-too-large" else {}
        problem = Problem(status, slug, said["detail"], **extra)
        assert said == problem.body("$context.path"), kind
        assert responses[kind]["statusCode"] == str(status), kind


def test_headers_are_those_of_a_problem(responses: dict[str, Template]) -> None:
    for kind, response in responses.items():
        headers = response["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == f"'{MEDIA_TYPE}'", kind
        waits = "gatewayresponse.header.Retry-After" in headers
        assert waits is (response["statusCode"] == "429"), kind
        assert all(re.fullmatch(r"'[^']+'", value) for value in headers.values()), kind


def test_time_out_is_said_as_it_is(responses: dict[str, Template], stack: Stack) -> None:
    seconds = stack.properties("ApiFunction")["Timeout"]
    assert f"within {seconds} seconds" in problem_in(responses["INTEGRATION_TIMEOUT"])["detail"]
