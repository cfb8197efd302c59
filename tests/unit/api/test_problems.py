"""Bad requests: which field, what is allowed, as problem+json, and never as an error in the log."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.api import client, logged, problem
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

JSON = {"content-type": "application/json"}


@pytest.fixture
def log() -> Iterator[list[logging.LogRecord]]:
    """Return what the API logs in a test."""
    with logged() as records:
        yield records


@pytest.fixture(scope="module")
def api() -> TestClient:
    """Return the API over one snapshot of NIFTY."""
    database = memory_database()
    SnapshotWriter(database).commit(Commit(snapshot()))
    return client(database)


def refused(
    api: TestClient, content: str | bytes, headers: dict[str, str] = JSON
) -> dict[str, Any]:
    """Return the problem of a filter that must not be answered."""
    response = api.post("/option-chain/filter", content=content, headers=headers)
    body = problem(response, 422, "invalid-request")
    assert body["detail"].startswith(f"{body['field']}: ")
    assert body["field"] == body["errors"][0]["field"]
    return body


@pytest.mark.parametrize("below", ["", "/strikes", "/expiry-dates"])
def test_unknown_symbol_is_not_found_and_the_known_are_named(api: TestClient, below: str) -> None:
    body = problem(api.get(f"/option-chain/nosuch{below}"), 404, "unknown-symbol")
    assert body["detail"] == "No snapshot of NOSUCH has been recorded."
    assert (body["field"], body["known_symbols"]) == ("symbol", ["NIFTY"])


@pytest.mark.parametrize("below", ["", "/strikes"])
def test_unknown_expiry_is_not_found_and_the_known_are_named(api: TestClient, below: str) -> None:
    response = api.get(f"/option-chain/NIFTY{below}", params={"expiry": "2026-12-31"})
    body = problem(response, 404, "unknown-expiry")
    assert body["detail"] == "No snapshot of NIFTY with expiry 31-Dec-2026 has been recorded."
    assert (body["field"], body["known_expiries"]) == ("expiry", ["23-Jun-2026"])


def test_unknown_symbol_is_the_greater_mistake(api: TestClient) -> None:
    response = api.get("/option-chain/NOSUCH", params={"expiry": "31-Dec-2026"})
    problem(response, 404, "unknown-symbol")


def test_filter_names_its_own_field_of_an_unknown_expiry(api: TestClient) -> None:
    wanted = {"symbol": "NIFTY", "expiry_date": "31-Dec-2026"}
    body = problem(api.post("/option-chain/filter", json=wanted), 404, "unknown-expiry")
    assert body["field"] == "expiry_date"
    wanted["symbol"] = "NOSUCH"
    problem(api.post("/option-chain/filter", json=wanted), 404, "unknown-symbol")


@pytest.mark.parametrize("path", ["/nope", "/option-chain", "/docs/", "/docs/x", "/\u00e9"])
def test_unknown_route_is_not_found_and_never_a_redirect(api: TestClient, path: str) -> None:
    """A redirect would be to an address without the stage, and to whatever host was claimed."""
    problem(api.get(path, follow_redirects=False), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/health", "GET"),
        ("DELETE", "/option-chain/NIFTY", "GET"),
        ("POST", "/option-chain/NIFTY", "GET"),
    ],
)
def test_method_that_is_not_served_is_refused_with_the_one_that_is(
    api: TestClient, method: str, path: str, allowed: str
) -> None:
    response = api.request(method, path)
    body = problem(response, 405, "method-not-allowed")
    assert allowed in response.headers["allow"]
    assert method in body["detail"]


def test_problem_repeats_the_path_as_an_address(api: TestClient) -> None:
    response = api.get("/option-chain/A%20B%00")
    body = problem(response, 422, "invalid-request")
    assert body["instance"] == "/option-chain/A%20B%00"


@pytest.mark.parametrize("symbol", ["%24where", "A" * 21, "A%20B", "%00", "%F0%9F%98%80", "%FF"])
@pytest.mark.parametrize("below", ["", "/strikes", "/expiry-dates"])
def test_symbol_in_the_path_is_checked(api: TestClient, symbol: str, below: str) -> None:
    body = problem(api.get(f"/option-chain/{symbol}{below}"), 422, "invalid-request")
    assert body["detail"] == "symbol: a symbol is up to 20 letters, digits, & and -"


@pytest.mark.parametrize("expiry", ["30-Feb-2026", "2026-02-30", "", "soon", "30-01-2026", "\x00"])
@pytest.mark.parametrize("below", ["", "/strikes"])
def test_expiry_in_the_query_is_checked(api: TestClient, expiry: str, below: str) -> None:
    response = api.get(f"/option-chain/NIFTY{below}", params={"expiry": expiry})
    body = problem(response, 422, "invalid-request")
    words = "nearest, next" if below else "nearest, next, all"
    allowed = f"an expiry is a date like 30-Jan-2025 or 2025-01-30, or one of {words}"
    assert body["detail"] == f"expiry: {allowed}"
    assert body["errors"][0]["value"] == expiry


@pytest.mark.parametrize("below", ["", "/strikes"])
def test_parameter_of_another_name_is_refused(api: TestClient, below: str) -> None:
    """Passed over, it would answer with another expiry than the one meant."""
    response = api.get(f"/option-chain/NIFTY{below}", params={"expiry_date": "23-Jun-2026"})
    assert problem(response, 422, "invalid-request")["field"] == "expiry_date"


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("symbol", '"$where"', "letters, digits, & and -"),
        ("symbol", '"\\ud800"', "letters, digits, & and -"),
        ("symbol", '{"$gt": ""}', "valid string"),
        ("symbol", "null", "valid string"),
        ("option_type", '"XX"', "'CE' or 'PE'"),
        ("option_type", '{"$ne": null}', "'CE' or 'PE'"),
        ("expiry_date", '"30-Feb-2026"', "a date like 30-Jan-2025 or 2025-01-30"),
        ("expiry_date", '{"$exists": true}', "valid string"),
        ("limit", "0", "greater than or equal to 1"),
        ("limit", "1000000000", "less than or equal to 5000"),
        ("limit", "1" + "0" * 400, "less than or equal to 5000"),
        ("limit", '"x"', "valid integer"),
        ("limit", "1.5", "valid integer"),
        ("offset", "-1", "greater than or equal to 0"),
        ("offset", '{"$gt": 0}', "valid integer"),
        ("strike_price_min", "NaN", "less than or equal to"),
        ("strike_price_min", "-Infinity", "greater than or equal to 0"),
        ("strike_price_max", "Infinity", "less than or equal to"),
        ("strike_price_max", "1e999", "less than or equal to"),
        ("strike_price_min", '{"$gt": ""}', "valid number"),
        ("strike_price_min", "[1]", "valid number"),
    ],
)
def test_field_of_a_filter_is_checked(
    api: TestClient, field: str, value: str, allowed: str
) -> None:
    fields = {"symbol": '"NIFTY"', field: value}
    content = ", ".join(f'"{name}": {text}' for name, text in fields.items())
    body = refused(api, f"{{{content}}}")
    assert body["field"] == field
    assert allowed in body["detail"]


@pytest.mark.parametrize("name", ["$where", "expiry", "_id", "\\ud800", "x" * 10_000])
def test_field_that_is_not_known_is_refused(api: TestClient, name: str) -> None:
    body = refused(api, f'{{"symbol": "NIFTY", "{name}": 1}}')
    assert len(body["field"]) <= 100


def test_lowest_strike_must_not_be_above_the_highest(api: TestClient) -> None:
    body = refused(api, '{"symbol": "NIFTY", "strike_price_min": 2, "strike_price_max": 1}')
    assert body["field"] == "strike_price_min"
    assert "strike_price_max (1.0)" in body["detail"]


def test_every_bad_field_is_named_at_once_up_to_a_bound(api: TestClient) -> None:
    body = refused(api, '{"symbol": "", "limit": 0, "offset": -1}')
    assert [row["field"] for row in body["errors"]] == ["symbol", "limit", "offset"]
    assert all(f"{name}: " in body["detail"] for name in ("symbol", "limit", "offset"))
    many = ", ".join(f'"x{number}": 1' for number in range(1_000))
    assert len(refused(api, f"{{{many}}}")["errors"]) == 20


@pytest.mark.parametrize(
    "content",
    [
        *("", "null", "[]", "17", '"NIFTY"', "{not json", '{"symbol": "NIFTY"', "[" * 60_000),
        *(b"\xff\xfe", '{"limit": ' + "9" * 5_000 + "}", "\x00"),
    ],
)
def test_body_must_be_a_json_object(api: TestClient, content: str | bytes) -> None:
    body = refused(api, content)
    assert body["field"] == "body"
    assert "must be a JSON object" in body["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/octet-stream"},
        {"content-type": ";"},
    ],
)
def test_body_must_be_sent_as_json(api: TestClient, headers: dict[str, str]) -> None:
    body = refused(api, '{"symbol": "NIFTY"}', headers)
    assert "Content-Type: application/json" in body["detail"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("symbol", "option_type", "strike_price_min", "strike_price_max", "expiry_date", "limit")


@given(wanted=st.dictionaries(st.sampled_from(FIELDS) | st.text(), JSON_VALUES, max_size=4))
def test_no_body_whatever_ends_in_an_unforeseen_error(wanted: dict[str, Any]) -> None:

    api = client(memory_database())
    response = api.post("/option-chain/filter", content=json.dumps(wanted), headers=JSON)
    assert response.status_code in (404, 422), response.text


def test_bad_request_is_no_error_in_the_log(api: TestClient, log: list[logging.LogRecord]) -> None:
    api.get("/option-chain/NOSUCH")
    api.get("/option-chain/NIFTY", params={"expiry": "secret"})
    api.delete("/health")
    refused(api, '{"secret')
    assert {record.levelname for record in log} == {"INFO"}
    assert [vars(record)["status"] for record in log] == [404, 422, 405, 422]
    assert not any("secret" in str(vars(record)) for record in log)


def test_request_is_logged_with_its_method_path_status_and_duration(
    api: TestClient, log: list[logging.LogRecord]
) -> None:
    api.get("/option-chain/NIFTY", params={"expiry": "2026-06-23"})
    (record,) = log
    logged = vars(record)
    assert record.getMessage() == "request"
    assert (logged["method"], logged["path"], logged["status"]) == (
        "GET",
        "/option-chain/NIFTY",
        200,
    )
    assert logged["duration_ms"] >= 0


def test_unforeseen_error_tells_the_client_nothing(log: list[logging.LogRecord]) -> None:
    class Broken:
        def __getitem__(self, name: str) -> object:
            return self

        def get_collection(self, *_: object, **__: object) -> object:
            return self

        def find_one(self, *_: object, **__: object) -> object:
            raise ZeroDivisionError("secret host")

    broken: Any = Broken()
    response = client(broken).get("/option-chain/NIFTY")
    body = problem(response, 500, "internal-error")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "its log" in body["detail"]
    assert vars(log[-1])["status"] == 500
