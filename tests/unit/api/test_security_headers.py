"""Every answer tells a browser what it must not do with it."""

from collections import defaultdict
from typing import Any

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from chain_api.middleware.security_headers import SecurityHeaders
from optionchain.settings import Settings
from tests.support.api import client
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock

SITE = "https://desk.example"
ALWAYS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PREFLIGHT = {"origin": SITE, "access-control-request-method": "POST"}
REQUESTS: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/", {}, 200),
    ("HEAD", "/", {}, 200),
    ("GET", "/openapi.json", {}, 200),
    ("GET", "/docs/start.js", {}, 200),
    ("GET", "/option-chain/NIFTY", {}, 404),
    ("GET", "/nowhere", {}, 404),
    ("DELETE", "/health", {}, 405),
    ("GET", "/option-chain/NIFTY?expiry=never", {}, 422),
    ("POST", "/option-chain/filter", {"content": "x" * 70_000}, 413),
    ("OPTIONS", "/option-chain/filter", {"headers": PREFLIGHT}, 200),
]


@pytest.fixture
def api() -> TestClient:
    return client(memory_database(), settings=Settings(cors_origins=(SITE,)))


@pytest.mark.parametrize(("method", "path", "options", "status"), REQUESTS)
def test_every_answer_has_them(
    api: TestClient, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    response = api.request(method, path, **options)
    assert response.status_code == status
    assert {name: response.headers.get_list(name) for name in ALWAYS} == {
        name: [value] for name, value in ALWAYS.items()
    }


class BrokenDatabase(defaultdict[str, dict[str, Any]]):
    """A database whose collections can do nothing."""

    def get_collection(self, name: str, **_options: object) -> dict[str, Any]:
        return self[name]


def test_error_nobody_foresaw_has_them() -> None:
    broken: Any = BrokenDatabase(dict)
    response = client(broken, settings=Settings()).get("/symbols")
    assert response.status_code == 500
    assert ALWAYS.items() <= dict(response.headers).items()


def test_page_keeps_the_policy_it_needs(api: TestClient) -> None:
    """Its own script and style; still in nobody's frame, and it sends nothing elsewhere."""
    headers = api.get("/docs").headers
    (policy,) = headers.get_list("content-security-policy")
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'none'" in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(("base", "promised"), [("https://a.example", True), ("http://a", False)])
def test_tls_is_promised_where_it_is_spoken(base: str, promised: bool) -> None:
    """`make run` speaks HTTP; a promise of TLS for 127.0.0.1 would lock other servers there out."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("ok")(scope, receive, send)

    headers = TestClient(SecurityHeaders(application), base_url=base).get("/").headers
    expected = "max-age=31536000" if promised else None
    assert headers.get("strict-transport-security") == expected
