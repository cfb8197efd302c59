"""Every answer has a request id, and tells a browser what it must not do with the answer."""

from typing import Any

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from chain_api.middleware.security_headers import SecurityHeaders
from tests.support.api import CHAIN, FILTER, SITE
from tests.support.mongomock_database import uses_mongomock

pytestmark = uses_mongomock

ALWAYS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PREFLIGHT = {"headers": {"origin": SITE, "access-control-request-method": "POST"}}
REQUESTS: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/", {}, 200),
    ("HEAD", "/", {}, 200),
    ("GET", CHAIN, {}, 200),
    ("HEAD", CHAIN, {}, 200),
    ("GET", "/openapi.json", {}, 200),
    ("GET", "/docs/start.js", {}, 200),
    ("OPTIONS", FILTER, PREFLIGHT, 200),
    ("GET", "/option-chain/NOSUCH", {}, 404),
    ("GET", "/nowhere", {}, 404),
    ("DELETE", "/", {}, 405),
    ("DELETE", "/health", {}, 405),
    ("POST", FILTER, {"content": "x" * 70_000}, 413),
    ("POST", FILTER, {}, 422),
    ("GET", f"{CHAIN}?expiry=never", {}, 422),
]


@pytest.mark.parametrize(("method", "path", "options", "status"), REQUESTS)
def test_every_answer_has_an_id_and_the_security_headers(
    api: TestClient,
    cors_api: TestClient,
    method: str,
    path: str,
    options: dict[str, Any],
    status: int,
) -> None:
    response = (cors_api if method == "OPTIONS" else api).request(method, path, **options)
    assert response.status_code == status
    assert response.headers["x-request-id"]
    for name, value in ALWAYS.items():
        assert response.headers.get_list(name) == [value]


def test_answer_to_an_unforeseen_error_has_the_security_headers(failing_api: TestClient) -> None:
    response = failing_api.get("/symbols")
    assert response.status_code == 500
    assert ALWAYS.items() <= dict(response.headers).items()


@pytest.mark.parametrize(("base", "promised"), [("https://a.example", True), ("http://a", False)])
def test_tls_is_promised_over_tls_only(base: str, promised: bool) -> None:
    """`make run` speaks HTTP; a promise of TLS for 127.0.0.1 would lock other servers there out."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("ok")(scope, receive, send)

    headers = TestClient(SecurityHeaders(application), base_url=base).get("/").headers
    expected = "max-age=31536000" if promised else None
    assert headers.get("strict-transport-security") == expected
