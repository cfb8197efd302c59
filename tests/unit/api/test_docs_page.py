"""The page /docs: Swagger UI, with no part from another host."""

import re

import pytest
from starlette.testclient import TestClient

from tests.support.api import policy_of
from tests.support.mongomock_database import uses_mongomock

pytestmark = uses_mongomock


@pytest.mark.parametrize("path", ["/docs", "/docs/start.js"])
def test_page_names_no_other_host(api: TestClient, path: str) -> None:
    text = api.get(path).text
    assert not re.search(r"(https?:)?//\w", text)
    assert ('url: "openapi.json"' in text) is (path == "/docs/start.js")


def test_stylesheet_loads_nothing_but_what_it_carries(api: TestClient) -> None:
    style = api.get("/docs/swagger-ui.css").text
    assert "@import" not in style
    assert all(url.startswith("data:") for url in re.findall(r"url\([\"']?([^\"')]+)", style))


def test_browser_may_load_nothing_from_another_host(api: TestClient) -> None:
    response = api.get("/docs")
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["referrer-policy"] == "no-referrer"
    policy = policy_of(response)
    assert policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert policy["default-src"] == "'none'"
    allowed = {source for rule in policy.values() for source in rule.split()}
    assert allowed == {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert policy["script-src"] == policy["connect-src"] == "'self'"


@pytest.mark.parametrize(("path", "media_type"), [
    ("/docs", "text/html"),
    ("/docs/start.js", "text/javascript"),
    ("/docs/swagger-ui-bundle.js", "text/javascript"),
    ("/docs/swagger-ui.css", "text/css"),
])  # fmt: skip
def test_browser_need_not_guess_media_types(api: TestClient, path: str, media_type: str) -> None:
    headers = api.get(path).headers
    assert headers["content-type"].startswith(media_type)
    assert headers["x-content-type-options"] == "nosniff"
