"""A bad request is answered with its field and what is allowed, and is no error in the log."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.support.api import CHAIN, FILTER, SITE, Log, client, problem
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock

JSON = {"content-type": "application/json"}


def assert_refused(
    api: TestClient, content: str | bytes, headers: dict[str, str] = JSON
) -> dict[str, Any]:
    """Send a filter, check that it is refused, and return the problem."""
    response = api.post(FILTER, content=content, headers=headers)
    body = problem(response, 422, "invalid-request")
    assert body["detail"].startswith(f"{body['field']}: ")
    assert body["field"] == body["errors"][0]["field"]
    return body


# ── what is not there ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("below", ["", "/strikes", "/expiry-dates"])
def test_problem_of_an_unknown_symbol_names_the_known_ones(api: TestClient, below: str) -> None:
    body = problem(api.get(f"/option-chain/nosuch{below}"), 404, "unknown-symbol")
    assert body["detail"] == "No snapshot of NOSUCH has been recorded."
    assert (body["field"], body["known_symbols"]) == ("symbol", ["NIFTY"])


@pytest.mark.parametrize("below", ["", "/strikes"])
def test_problem_of_an_unknown_expiry_names_the_known_ones(api: TestClient, below: str) -> None:
    response = api.get(CHAIN + below, params={"expiry": "2026-12-31"})
    body = problem(response, 404, "unknown-expiry")
    assert body["detail"] == "No snapshot of NIFTY with expiry 31-Dec-2026 has been recorded."
    assert (body["field"], body["known_expiries"]) == ("expiry", ["23-Jun-2026"])


def test_unknown_symbol_is_reported_before_an_unknown_expiry(api: TestClient) -> None:
    response = api.get("/option-chain/NOSUCH", params={"expiry": "31-Dec-2026"})
    problem(response, 404, "unknown-symbol")
    wanted = {"symbol": "NOSUCH", "expiry_date": "31-Dec-2026"}
    problem(api.post(FILTER, json=wanted), 404, "unknown-symbol")
    wanted["symbol"] = "NIFTY"
    assert problem(api.post(FILTER, json=wanted), 404, "unknown-expiry")["field"] == "expiry_date"


@pytest.mark.parametrize("path", ["/nope", "/option-chain", "/docs/", "/docs/x", "/\u00e9"])
def test_unknown_path_is_not_found_and_never_redirected(api: TestClient, path: str) -> None:
    """A redirect would lead to an address without the stage, and to a host that a client chose."""
    problem(api.get(path, follow_redirects=False), 404, "not-found")


# ── parameters ───────────────────────────────────────────────────────────────────────────────


def test_problem_repeats_the_path_as_it_was_sent(api: TestClient) -> None:
    body = problem(api.get("/option-chain/A%20B%00"), 422, "invalid-request")
    assert body["instance"] == "/option-chain/A%20B%00"


@pytest.mark.parametrize("symbol", ["%24where", "A" * 21, "A%20B", "%00", "%F0%9F%98%80", "%FF"])
@pytest.mark.parametrize("below", ["", "/strikes", "/expiry-dates", "/gaps"])
def test_symbol_in_the_path_is_checked(api: TestClient, symbol: str, below: str) -> None:
    body = problem(api.get(f"/option-chain/{symbol}{below}"), 422, "invalid-request")
    assert body["detail"] == "symbol: a symbol is up to 20 letters, digits, & and -, such as NIFTY"
    assert body["field"] == "symbol"


@pytest.mark.parametrize("expiry", ["30-Feb-2026", "2026-02-30", "", "soon", "30-01-2026", "\x00"])
@pytest.mark.parametrize("below", ["", "/strikes"])
def test_expiry_in_the_query_is_checked(api: TestClient, expiry: str, below: str) -> None:
    body = problem(api.get(CHAIN + below, params={"expiry": expiry}), 422, "invalid-request")
    words = "nearest, next" if below else "nearest, next, all"
    allowed = f"an expiry is a date like 30-Jan-2025 or 2025-01-30, or one of {words}"
    assert body["detail"] == f"expiry: {allowed}"
    assert body["errors"][0]["value"] == expiry


def test_unknown_parameter_is_refused(api: TestClient) -> None:
    """If it were ignored, the answer would be about another day than was meant."""
    response = api.get(f"{CHAIN}/gaps", params={"day": "2026-06-19"})
    assert problem(response, 422, "invalid-request")["field"] == "day"


# ── the body of a filter ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("field", "value", "allowed"), [
    ("symbol", '"$where"', "letters, digits, & and -"),
    ("symbol", '"\\ud800"', "letters, digits, & and -"),
    ("symbol", '{"$gt": ""}', "letters, digits, & and -, such as NIFTY"),
    ("symbol", "null", "letters, digits, & and -, such as NIFTY"),
    ("option_type", '"XX"', "must be CE or PE"),
    ("option_type", '{"$ne": null}', "must be CE or PE"),
    ("expiry_date", '"30-Feb-2026"', "a date like 30-Jan-2025 or 2025-01-30"),
    ("expiry_date", '{"$exists": true}', "a date like 30-Jan-2025 or 2025-01-30"),
    ("limit", "0", "must be at least 1"),
    ("limit", "1000000000", "must be at most 5000"),
    ("limit", "1" + "0" * 400, "must be at most 5000"),
    ("limit", '"x"', "must be a whole number, such as 5"),
    ("limit", "1.5", "must be a whole number, such as 5"),
    ("offset", "-1", "must be at least 0"),
    ("offset", '{"$gt": 0}', "must be a whole number, such as 5"),
    ("strike_price_min", "NaN", "must be a number, such as 24000"),
    ("strike_price_min", "-Infinity", "must be a number, such as 24000"),
    ("strike_price_max", "Infinity", "must be a number, such as 26000.5"),
    ("strike_price_max", "1e999", "must be a number, such as 26000.5"),
    ("strike_price_min", "1e10", "must be at most 1000000000"),
    ("strike_price_min", '{"$gt": ""}', "must be a number, such as 24000"),
    ("strike_price_min", "[1]", "must be a number, such as 24000"),
    ("columns", '"x"', 'must be a list, such as ["strike_price", "type", "last_price"]'),
    ("columns", "[]", "must have at least 1 entry"),
])  # fmt: skip
def test_fields_of_a_filter_are_checked(
    api: TestClient, field: str, value: str, allowed: str
) -> None:
    fields = {"symbol": '"NIFTY"', field: value}
    content = ", ".join(f'"{name}": {text}' for name, text in fields.items())
    body = assert_refused(api, f"{{{content}}}")
    assert body["field"] == field
    assert allowed in body["detail"]


@pytest.mark.parametrize("name", ["$where", "expiry", "_id", "\\ud800", "x" * 10_000])
def test_unknown_field_is_refused(api: TestClient, name: str) -> None:
    body = assert_refused(api, f'{{"symbol": "NIFTY", "{name}": 1}}')
    assert len(body["field"]) <= 100


def test_lowest_strike_must_not_be_above_the_highest(api: TestClient) -> None:
    wanted = '{"symbol": "NIFTY", "strike_price_min": 2, "strike_price_max": 1}'
    body = assert_refused(api, wanted)
    assert body["field"] == "strike_price_min"
    assert "strike_price_max (1.0)" in body["detail"]


def test_up_to_20_bad_fields_are_named_at_once(api: TestClient) -> None:
    names = ["symbol", "limit", "offset"]
    body = assert_refused(api, '{"symbol": "", "limit": 0, "offset": -1}')
    assert [row["field"] for row in body["errors"]] == names
    assert all(f"{name}: " in body["detail"] for name in names)
    many = ", ".join(f'"x{number}": 1' for number in range(1_000))
    assert len(assert_refused(api, f"{{{many}}}")["errors"]) == 20


@pytest.mark.parametrize("content", [
    "", "null", "[]", "17", '"NIFTY"', "{not json", '{"symbol": "NIFTY"', "[" * 60_000,
    b"\xff\xfe", '{"limit": ' + "9" * 5_000 + "}", "\x00",
])  # fmt: skip
def test_body_must_be_a_json_object(api: TestClient, content: str | bytes) -> None:
    body = assert_refused(api, content)
    assert body["field"] == "body"
    assert "must be a JSON object" in body["detail"]


@pytest.mark.parametrize("media_type", [
    None, "text/plain", "application/x-www-form-urlencoded", "application/octet-stream", ";",
])  # fmt: skip
def test_body_must_be_sent_as_json(api: TestClient, media_type: str | None) -> None:
    headers = {} if media_type is None else {"content-type": media_type}
    body = assert_refused(api, '{"symbol": "NIFTY"}', headers)
    assert "Content-Type: application/json" in body["detail"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("symbol", "option_type", "strike_price_min", "strike_price_max", "expiry_date", "limit")


@pytest.fixture(scope="module")
def empty_api() -> TestClient:
    return client(memory_database())


@given(wanted=st.dictionaries(st.sampled_from(FIELDS) | st.text(), JSON_VALUES, max_size=4))
def test_no_body_ends_in_an_unforeseen_error(empty_api: TestClient, wanted: Any) -> None:  # noqa: ANN401
    response = empty_api.post(FILTER, content=json.dumps(wanted), headers=JSON)
    assert response.status_code in (404, 422), response.text


# ── the log ──────────────────────────────────────────────────────────────────────────────────


def test_bad_request_is_no_error_in_the_log(api: TestClient, log: Log) -> None:
    api.get("/option-chain/NOSUCH")
    api.get(CHAIN, params={"expiry": "secret"})
    api.delete("/health")
    assert_refused(api, '{"secret')
    assert {record.levelname for record in log} == {"INFO"}
    assert [vars(record)["status"] for record in log] == [404, 422, 405, 422]
    assert not any("secret" in str(vars(record)) for record in log)


def test_request_is_logged_with_its_status_and_duration(api: TestClient, log: Log) -> None:
    api.get(CHAIN, params={"expiry": "2026-06-23"})
    (record,) = log
    line = vars(record)
    assert record.getMessage() == "request"
    assert (line["method"], line["path"], line["status"]) == ("GET", CHAIN, 200)
    assert line["duration_ms"] >= 0


def test_answer_to_an_unforeseen_error_has_an_id_for_the_log(
    failing_api: TestClient, log: Log
) -> None:
    response = failing_api.get(CHAIN, headers={"x-request-id": "look-here", "origin": SITE})
    body = problem(response, 500, "internal-error")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "its log" in body["detail"]
    assert response.headers["x-request-id"] == "look-here"
    assert response.headers["access-control-allow-origin"] == SITE
    assert (vars(log[-1])["request_id"], vars(log[-1])["status"]) == ("look-here", 500)
