"""What API Gateway answers by itself is what the function would answer."""

import json
import re
from typing import Any

import pytest

from chain_api.middleware.body_bound import MOST_BYTES
from chain_api.problems.catalogue import MEDIA_TYPE, Problem

type Template = dict[str, Any]


@pytest.fixture(scope="module")
def refusals(template: Template) -> dict[str, Template]:
    found: dict[str, Template] = template["Resources"]["Api"]["Properties"]["GatewayResponses"]
    return found


def test_api_gateway_refuses_in_the_words_of_the_api(refusals: dict[str, Template]) -> None:
    """Each of its own answers is the problem that the function would make of its slug."""
    for kind, response in refusals.items():
        (sent,) = response["ResponseTemplates"].values()
        said = json.loads(sent.replace("$context.path", "/dev/option-chain/NIFTY"))
        slug = said["type"].rpartition(":")[2]
        extra = {"field": "body", "max_bytes": MOST_BYTES} if slug == "body-too-large" else {}
        problem = Problem(response["StatusCode"], slug, said["detail"], **extra)
        assert said == problem.body("/dev/option-chain/NIFTY"), kind
        headers = response["ResponseParameters"]["Headers"]
        assert headers["Content-Type"] == f"'{MEDIA_TYPE}'"
        assert ("Retry-After" in headers) is (response["StatusCode"] == 429)
        assert all(re.fullmatch(r"'[^']+'", value) for value in headers.values())


def test_refusal_is_what_it_is_named_for(refusals: dict[str, Template]) -> None:
    found = {kind: (each["StatusCode"], slug_of(each)) for kind, each in refusals.items()}
    assert found == {
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


def slug_of(response: Template) -> str:
    (sent,) = response["ResponseTemplates"].values()
    slug: str = json.loads(sent)["type"].rpartition(":")[2]
    return slug


def test_time_out_is_said_as_it_is(refusals: dict[str, Template], template: Template) -> None:
    (sent,) = refusals["INTEGRATION_TIMEOUT"]["ResponseTemplates"].values()
    seconds = template["Resources"]["ApiFunction"]["Properties"]["Timeout"]
    assert f"within {seconds} seconds" in sent
