"""The OpenAPI document and the page /docs: complete, and from no other host."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from chain_api.schemas import FilterRequest
from tests.api import client
from tests.memory import memory_database

ROUTES = {
    ("get", "/"),
    ("get", "/health"),
    ("get", "/stats"),
    ("get", "/symbols"),
    ("get", "/pipeline/status"),
    ("post", "/pipeline/start"),
    ("post", "/pipeline/stop"),
    ("get", "/option-chain/{symbol}"),
    ("get", "/option-chain/{symbol}/strikes"),
    ("get", "/option-chain/{symbol}/expiry-dates"),
    ("get", "/option-chain/{symbol}/gaps"),
    ("post", "/option-chain/filter"),
}
SWITCHES = {("post", "/pipeline/start"), ("post", "/pipeline/stop")}
NEEDS_NO_DATABASE = {("get", "/")}
PROBLEM = {"$ref": "#/components/schemas/ProblemDetails"}
# What a browser shows in its address bar: the stage is there, and nowhere in an event's `path`.
STAGE = "https://abc.execute-api.ap-south-1.amazonaws.com/prod/"
PARTS = ("docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/start.js")


@pytest.fixture(scope="module")
def api() -> TestClient:
    return client(memory_database())


@pytest.fixture(scope="module")
def document(api: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def references(value: object) -> set[str]:
    """Return every $ref below a value."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    below = set().union(*map(references, value.values()))
    return below | {text for key, text in value.items() if key == "$ref"}


def test_every_route_is_documented(operations: dict[tuple[str, str], Any]) -> None:
    assert set(operations) == ROUTES


def test_every_operation_has_an_id_of_its_own_and_a_summary(
    operations: dict[tuple[str, str], Any],
) -> None:
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(set(ids)) == len(ids) == len(ROUTES)
    assert all(operation["summary"] and operation["tags"] for operation in operations.values())


def test_every_answer_has_a_schema(operations: dict[tuple[str, str], Any]) -> None:
    for operation in operations.values():
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert set(schema) == {"$ref"}


def test_problems_are_documented_as_problem_json(
    operations: dict[tuple[str, str], dict[str, Any]],
) -> None:
    for route, operation in operations.items():
        expected = {"503"} - ({"503"} if route in NEEDS_NO_DATABASE else set())
        expected |= {"404", "422"} if "option-chain" in route[1] else set()
        expected |= {"403", "502"} if route in SWITCHES else set()
        problems = {code: row for code, row in operation["responses"].items() if code != "200"}
        assert set(problems) == expected, route
        if route != ("get", "/health"):
            content = {"application/problem+json": {"schema": PROBLEM}}
            assert all(row["content"] == content for row in problems.values())


def test_every_reference_leads_somewhere_and_nothing_is_left_over(
    document: dict[str, Any],
) -> None:
    models = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) == models


def test_server_is_relative_to_the_document(document: dict[str, Any]) -> None:
    (server,) = document["servers"]
    assert urljoin(urljoin(STAGE, "openapi.json"), server["url"]) == STAGE


def test_every_parameter_says_what_it_is(operations: dict[tuple[str, str], Any]) -> None:
    for operation in operations.values():
        assert all(row["description"] for row in operation.get("parameters", []))


def test_what_the_page_offers_to_send_is_accepted(
    document: dict[str, Any], operations: dict[tuple[str, str], dict[str, Any]]
) -> None:
    for example in document["components"]["schemas"]["FilterRequest"]["examples"]:
        FilterRequest.model_validate(example)
    for path in (
        "/option-chain/{symbol}",
        "/option-chain/{symbol}/strikes",
        "/option-chain/{symbol}/gaps",
    ):
        symbol = operations["get", path]["parameters"][0]
        assert symbol["examples"] == {"NIFTY": {"value": "NIFTY"}}


class Links(HTMLParser):
    """Collects the addresses that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.found += [text for name, text in attrs if name in ("src", "href") and text]


def test_page_loads_its_parts_from_below_its_own_address(api: TestClient) -> None:
    links = Links()
    links.feed(api.get("/docs").text)
    addresses = [link for link in links.found if not link.startswith("data:")]
    assert sorted(addresses) == sorted(PARTS)
    for address in addresses:
        assert urljoin(STAGE + "docs", address) == STAGE + address
        assert api.get("/" + address).status_code == 200


def test_page_reads_the_document_beside_it(api: TestClient) -> None:
    assert 'url: "openapi.json"' in api.get("/docs/start.js").text


@pytest.mark.parametrize("path", ["/docs", "/docs/start.js"])
def test_page_names_no_other_host(api: TestClient, path: str) -> None:
    assert not re.search(r"(https?:)?//\w", api.get(path).text)


def test_stylesheet_loads_nothing_but_what_it_carries(api: TestClient) -> None:
    style = api.get("/docs/swagger-ui.css").text
    assert "@import" not in style
    assert all(url.startswith("data:") for url in re.findall(r"url\([\"']?([^\"')]+)", style))


def test_browser_may_load_nothing_from_another_host(api: TestClient) -> None:
    policy = dict(
        rule.strip().split(" ", 1)
        for rule in api.get("/docs").headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    allowed = {source for name, rule in policy.items() for source in rule.split()}
    assert allowed == {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert policy["script-src"] == policy["connect-src"] == "'self'"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/docs", "text/html"),
        ("/docs/start.js", "text/javascript"),
        ("/docs/swagger-ui-bundle.js", "text/javascript"),
        ("/docs/swagger-ui.css", "text/css"),
    ],
)
def test_browser_need_not_guess_what_a_part_is(api: TestClient, path: str, media_type: str) -> None:
    headers = api.get(path).headers
    assert headers["content-type"].startswith(media_type)
    assert headers["x-content-type-options"] == "nosniff"


def test_links_of_the_root_are_relative_and_lead_to_documented_routes(api: TestClient) -> None:
    links: dict[str, str] = api.get("/").json()["links"]
    served = {path for _, path in ROUTES} | {"/docs", "/openapi.json"}
    for link in links.values():
        address = urljoin(STAGE, link)
        assert address.startswith(STAGE)
        path = "/" + address.removeprefix(STAGE)
        assert path.replace("NIFTY", "{symbol}") in served
