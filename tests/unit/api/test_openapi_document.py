"""The OpenAPI document describes every route, answer, header and problem."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from chain_api.schemas import FilterRequest
from tests.support.api import STAGE
from tests.support.mongomock_database import uses_mongomock

pytestmark = uses_mongomock

type Json = dict[str, Any]
type Operations = dict[tuple[str, str], Json]

BELOW = "/option-chain/{symbol}"
LISTS = (
    *("/snapshots", "/history", "/changes", "/analytics/history", "/disagreements"),
    "/analytics/open-interest/history",
)
DERIVED = (
    *("/analytics", "/analytics/smile", "/analytics/open-interest"),
    *("/analytics/gamma-exposure", "/analytics/term-structure", "/analytics/surface"),
    "/analytics/iv-rank",
)
FILTER = ("post", "/option-chain/filter")
SWITCHES = {("post", "/pipeline/start"), ("post", "/pipeline/stop")}
OF_CHAINS = {("get", BELOW + rest) for rest in ("", "/strikes", "/expiry-dates", *LISTS, *DERIVED)}
DAYS = {("get", BELOW + "/days")}
TABLE = ("get", "/screener")
SYMBOLS = {("get", "/symbols")}
TAGGED = OF_CHAINS | SYMBOLS | DAYS | {("get", "/archive"), TABLE}
TABLES_BY_PAGE = {("get", BELOW + rest) for rest in LISTS} | {FILTER, ("get", "/archive"), TABLE}
PAGED = TABLES_BY_PAGE | SYMBOLS
TABULAR = TABLES_BY_PAGE | {("get", BELOW + rest) for rest in ("", *DERIVED)}
DATA = OF_CHAINS | DAYS | {("get", BELOW + "/gaps"), FILTER}
ARCHIVE = {("get", "/archive")}
SERVICE = {("get", path) for path in ("/symbols", "/stats", "/pipeline/status")}
KEYED = DATA | ARCHIVE | SERVICE | {TABLE}
ROUTES = KEYED | SWITCHES | {("get", "/"), ("get", "/health")}
PROBLEM = {"$ref": "#/components/schemas/ProblemDetails"}
TABLES = {"text/csv", "application/x-ndjson"}


@pytest.fixture(scope="module")
def document(api: TestClient) -> Json:
    found: Json = api.get("/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def operations(document: Json) -> Operations:
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def resolved(document: Json, answer: Json) -> Json:
    """Return an answer, or the component that it refers to."""
    if "$ref" not in answer:
        return answer
    found: Json = document["components"]["responses"][answer["$ref"].split("/")[-1]]
    return found


def test_no_number_of_a_source_is_called_the_exchange_s(document: Json) -> None:
    """A vendor sends its own volatilities, and no stamp."""
    text = str(document)
    wrong = "as the exchange sent", "by the exchange'", "exchange's stamp of", "exchange's stamp s"
    assert [each for each in wrong if each in text] == []


def test_every_route_is_documented(operations: Operations) -> None:
    assert set(operations) == ROUTES
    assert len(ROUTES) == 28


def test_every_operation_is_described(operations: Operations) -> None:
    for operation in operations.values():
        assert operation["summary"]
        assert operation["description"]


def test_every_tag_is_described_and_used(document: Json, operations: Operations) -> None:
    assert all(tag["description"] for tag in document["tags"])
    used = {tag for operation in operations.values() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in document["tags"]}


def test_every_answer_has_a_schema_and_an_example(operations: Operations) -> None:
    for operation in operations.values():
        content = operation["responses"]["200"]["content"]["application/json"]
        assert set(content["schema"]) == {"$ref"}
        assert content["examples"]


def test_tables_are_documented_where_they_are_answered(operations: Operations) -> None:
    for route, operation in operations.items():
        content = operation["responses"]["200"]["content"]
        assert set(content) - {"application/json"} == (TABLES if route in TABULAR else set())
        assert all(content[name]["schema"]["type"] == "string" for name in set(content) & TABLES)


def test_headers_are_documented_where_they_are_sent(operations: Operations) -> None:
    for route, operation in operations.items():
        headers = set(operation["responses"]["200"]["headers"])
        assert "X-Request-Id" in headers
        assert ("ETag" in headers) == (route in TAGGED)
        assert ("Link" in headers) == (route in PAGED)
        assert ("X-Timestamp" in headers) == (route in (TAGGED | PAGED) - ARCHIVE - SYMBOLS - DAYS)
        assert ("X-Storage" in headers) == (route in DATA)


def test_304_is_documented_where_there_is_a_tag(operations: Operations) -> None:
    for route, operation in operations.items():
        assert ("304" in operation["responses"]) == (route in TAGGED)
        sent = {"$ref": "#/components/parameters/IfNoneMatch"}
        assert (sent in operation.get("parameters", [])) == (route in TAGGED)


def test_data_routes_take_an_optional_key(document: Json, operations: Operations) -> None:
    assert document["components"]["securitySchemes"]["ApiKey"]["name"] == "x-api-key"
    optional: list[dict[str, list[str]]] = [{}, {"ApiKey": []}]
    for route, operation in operations.items():
        assert operation.get("security") == (optional if route in KEYED else None)


def test_problems_are_documented(document: Json, operations: Operations) -> None:
    for route, operation in operations.items():
        expected = {"500", "422"} | (set() if route == ("get", "/") else {"503", "504"})
        expected |= {"403", "429"} if route in KEYED else set()
        expected |= {"404"} if route in DATA | ARCHIVE else set()
        expected |= {"413"} if route in TABULAR | SYMBOLS | SWITCHES else set()
        expected |= {"403", "502"} if route in SWITCHES else set()
        problems = {code: row for code, row in operation["responses"].items() if code[0] in "45"}
        assert set(problems) == expected, route
        if route == ("get", "/health"):
            del problems["503"]
        for code, row in problems.items():
            ((media_type, content),) = resolved(document, row)["content"].items()
            assert (media_type, content["schema"]) == ("application/problem+json", PROBLEM)
            bodies = [example["value"] for example in content["examples"].values()]
            assert {str(body["status"]) for body in bodies} == {code}


def test_retry_after_is_documented(document: Json, operations: Operations) -> None:
    for operation in operations.values():
        for code, answer in operation["responses"].items():
            headers = resolved(document, answer)["headers"]
            assert ("Retry-After" in headers) == (code in {"429", "503"})


def test_server_is_relative_to_the_document(document: Json) -> None:
    (server,) = document["servers"]
    assert urljoin(urljoin(STAGE, "openapi.json"), server["url"]) == STAGE


def filled_in(parameter: Json) -> Iterator[tuple[str, Any]]:
    """Yield a parameter with the value that the page /docs fills in, if it does."""
    for example in parameter.get("examples", {}).values():
        yield parameter["name"], example["value"]
    if "default" in parameter.get("schema", {}):
        yield parameter["name"], parameter["schema"]["default"]


def test_filled_in_values_are_accepted(
    api: TestClient, document: Json, operations: Operations
) -> None:
    for example in document["components"]["schemas"]["FilterRequest"]["examples"]:
        FilterRequest.model_validate(example)
    for method, path in DATA - {FILTER}:
        symbol, *rest = operations[method, path]["parameters"]
        assert symbol["examples"] == {"NIFTY": {"value": "NIFTY"}}
        query = dict(pair for row in rest for pair in filled_in(row))
        response = api.request(method, path.replace("{symbol}", "NIFTY"), params=query)
        assert response.status_code in {200, 404}, query


def test_links_of_the_root_are_relative_and_lead_to_documented_routes(api: TestClient) -> None:
    links: dict[str, str] = api.get("/").json()["links"]
    served = {path for _, path in ROUTES} | {"/docs", "/openapi.json", "/dashboard"}
    for link in links.values():
        address = urljoin(STAGE, link)
        assert address.startswith(STAGE)
        path = "/" + address.removeprefix(STAGE)
        assert path.replace("NIFTY", "{symbol}") in served
    assert api.get("/" + links["dashboard"]).status_code == 200
