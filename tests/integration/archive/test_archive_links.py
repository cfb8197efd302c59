"""Links to the files of the archive are for callers with a key that API Gateway has checked."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from chain_api.app import create_app
from chain_api.dependencies import over
from chain_api.handler import behind_gateway
from optionchain.settings import Settings
from tests.support.bucket import sealed_bucket
from tests.support.gateway import answer, event
from tests.support.mongomock_database import memory_database, uses_mongomock

FRIDAY = date(2026, 6, 19)

pytestmark = [uses_mongomock, pytest.mark.usefixtures("lambda_loop")]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings for an archive in a bucket with one day."""
    with sealed_bucket(monkeypatch, FRIDAY) as settings:
        yield settings


def links(found: dict[str, Any]) -> list[str]:
    """Return the links of an answer."""
    return [each["link"] for row in found["records"] for each in row["files"] if each["link"]]


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ({"apiKeyId": "a1b2c3d4e5", "apiKey": "x"}, None),
        ({"apiKeyId": None, "apiKey": None}, "no_key"),
        ({"apiKeyId": ""}, "no_key"),
        ({}, "no_key"),
    ],
)
def test_links_take_a_key_that_the_gateway_has_checked(
    bucket: Settings, identity: dict[str, str], reason: str | None
) -> None:
    """With open data there is none: whoever finds the address could make the operator pay."""
    application = behind_gateway(create_app(over(memory_database(), bucket, one_at_a_time=True)))
    asked = event("api-health", path="/archive", queryStringParameters={"links": "true"})
    asked["multiValueQueryStringParameters"] = {"links": ["true"]}
    asked["multiValueHeaders"] = {**asked["multiValueHeaders"], "x-api-key": ["forged"]}
    asked["requestContext"] |= {"path": "/dev/archive", "identity": identity}
    status, _, found = answer(asked, application)
    assert status == 200
    assert found["links_reason"] == reason
    assert bool(links(found)) is (reason is None)
