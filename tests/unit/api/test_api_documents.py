"""The OpenAPI document and the page /docs: complete, and from no other host."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from chain_api.schemas import FilterRequest
from tests.support.api import client
from tests.support.mongomock_database import memory_database

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
    ("get", "/option-chain/{symbol}/snapshots"),
    ("get", "/option-chain/{symbol}/history"),
    ("get", "/option-chain/{symbol}/changes"),
    ("get", "/option-chain/{symbol}/analytics"),
    ("get", "/option-chain/{symbol}/analytics/history"),
    ("get", "/option-chain/{symbol}/analytics/smile"),
    ("get", "/option-chain/{symbol}/analytics/open-interest"),
    ("post", "/option-chain/filter"),
}
DATA = {route for route in ROUTES if "option-chain" in route[1]}
KEYED = DATA | {("get", "/symbols"), ("get", "/stats"), ("get", "/pipeline/status")}
BELOW = "/option-chain/{symbol}"
LISTS = ("/snapshots", "/history", "/changes", "/analytics/history")
DERIVED = ("/analytics", "/analytics/smile", "/analytics/open-interest")
TAGGED = {("get", BELOW + rest) for rest in ("", "/strikes", "/expiry-dates", *LISTS, *DERIVED)}
PAGED = {("get", BELOW + rest) for rest in LISTS} | {("post", "/option-chain/filter")}
TABULAR = PAGED | {("get", BELOW + rest) for rest in ("", *DERIVED)}
SWITCHES = {("post", "/pipeline/start"), ("post", "/pipeline/stop")}
NEEDS_NO_DATABASE = {("get", "/")}
PROBLEM = {"$ref": "#/components/schemas/ProblemDetails"}
TABLES = {"text/csv", "application/x-ndjson"}
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


def said(document: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer, or the component that it refers to."""
    if "$ref" not in answer:
        return answer
    found: dict[str, Any] = document["components"]["responses"][answer["$ref"].split("/")[-1]]
    return found


def test_every_route_is_documented(operations: dict[tuple[str, str], Any]) -> None:
    assert set(operations) == ROUTES


def test_every_operation_has_an_id_of_its_own_a_summary_and_a_description(
    operations: dict[tuple[str, str], Any],
) -> None:
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(set(ids)) == len(ids) == len(ROUTES)
    for operation in operations.values():
        assert operation["summary"]
        assert operation["description"]


def test_every_tag_is_described_and_used(
    document: dict[str, Any], operations: dict[tuple[str, str], Any]
) -> None:
    assert all(tag["description"] for tag in document["tags"])
    used = {tag for operation in operations.values() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in document["tags"]}


def test_every_answer_has_a_schema(operations: dict[tuple[str, str], Any]) -> None:
    for operation in operations.values():
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert set(schema) == {"$ref"}


def test_every_answer_has_an_example(operations: dict[tuple[str, str], Any]) -> None:
    for operation in operations.values():
        assert operation["responses"]["200"]["content"]["application/json"]["examples"]


def test_tables_are_documented_where_they_are_answered(
    operations: dict[tuple[str, str], Any],
) -> None:
    for route, operation in operations.items():
        content = operation["responses"]["200"]["content"]
        assert set(content) - {"application/json"} == (TABLES if route in TABULAR else set())
        assert all(content[name]["schema"]["type"] == "string" for name in set(content) & TABLES)


def test_headers_are_documented_where_they_are_sent(
    operations: dict[tuple[str, str], Any],
) -> None:
    for route, operation in operations.items():
        headers = set(operation["responses"]["200"]["headers"])
        assert "X-Request-Id" in headers
        assert ("ETag" in headers) == (route in TAGGED)
        assert ("Link" in headers) == (route in PAGED)
        assert ("X-Timestamp" in headers) == (route in TAGGED | PAGED)


def test_304_is_documented_where_there_is_a_tag(operations: dict[tuple[str, str], Any]) -> None:
    for route, operation in operations.items():
        assert ("304" in operation["responses"]) == (route in TAGGED)
        sent = {"$ref": "#/components/parameters/IfNoneMatch"}
        assert (sent in operation.get("parameters", [])) == (route in TAGGED)


def test_key_is_optional_and_of_the_data_routes(
    document: dict[str, Any], operations: dict[tuple[str, str], Any]
) -> None:
    assert document["components"]["securitySchemes"]["ApiKey"]["name"] == "x-api-key"
    optional: list[dict[str, list[str]]] = [{}, {"ApiKey": []}]
    for route, operation in operations.items():
        assert operation.get("security") == (optional if route in KEYED else None)


def test_problems_are_documented_as_problem_json(
    document: dict[str, Any], operations: dict[tuple[str, str], dict[str, Any]]
) -> None:
    for route, operation in operations.items():
        expected = {"500"} | (set() if route in NEEDS_NO_DATABASE else {"503", "504"})
        expected |= {"403", "429"} if route in KEYED else set()
        expected |= {"404", "422"} if route in DATA else set()
        expected |= {"413"} if route in TABULAR | SWITCHES else set()
        expected |= {"403", "502"} if route in SWITCHES else set()
        problems = {code: row for code, row in operation["responses"].items() if code[0] in "45"}
        assert set(problems) == expected, route
        if route == ("get", "/health"):
            del problems["503"]
        for code, row in problems.items():
            ((media_type, content),) = said(document, row)["content"].items()
            assert (media_type, content["schema"]) == ("application/problem+json", PROBLEM)
            bodies = [example["value"] for example in content["examples"].values()]
            assert {str(body["status"]) for body in bodies} == {code}


def test_retry_after_is_documented_where_it_is_sent(
    document: dict[str, Any], operations: dict[tuple[str, str], dict[str, Any]]
) -> None:
    for operation in operations.values():
        for code, answer in operation["responses"].items():
            headers = said(document, answer)["headers"]
            assert ("Retry-After" in headers) == (code in {"429", "503"})


def test_server_is_relative_to_the_document(document: dict[str, Any]) -> None:
    (server,) = document["servers"]
    assert urljoin(urljoin(STAGE, "openapi.json"), server["url"]) == STAGE


def test_every_parameter_says_what_it_is(operations: dict[tuple[str, str], Any]) -> None:
    for operation in operations.values():
        rows = [row for row in operation.get("parameters", []) if "$ref" not in row]
        assert all(row["description"] for row in rows)


def test_what_the_page_offers_to_send_is_accepted(
    api: TestClient,
    document: dict[str, Any],
    operations: dict[tuple[str, str], dict[str, Any]],
) -> None:
    """It fills in what parameters have as examples and as defaults; here nothing is recorded."""
    for example in document["components"]["schemas"]["FilterRequest"]["examples"]:
        FilterRequest.model_validate(example)
    for method, path in DATA - {("post", "/option-chain/filter")}:
        symbol, *rest = operations[method, path]["parameters"]
        assert symbol["examples"] == {"NIFTY": {"value": "NIFTY"}}
        query = dict(filled for row in rest for filled in filled_in(row))
        asked = path.replace("{symbol}", "NIFTY")
        assert api.request(method, asked, params=query).status_code in {200, 404}, query


def filled_in(parameter: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a parameter of a query with the value that the page fills in, if it does."""
    for example in parameter.get("examples", {}).values():
        yield parameter["name"], example["value"]
    if "default" in parameter.get("schema", {}):
        yield parameter["name"], parameter["schema"]["default"]


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
    served = {path for _, path in ROUTES} | {"/docs", "/openapi.json", "/dashboard"}
    for link in links.values():
        address = urljoin(STAGE, link)
        assert address.startswith(STAGE)
        path = "/" + address.removeprefix(STAGE)
        assert path.replace("NIFTY", "{symbol}") in served
