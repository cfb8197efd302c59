"""Whatever a client or a forger sends is never a 500, and no error in the log.

Anybody can compute the checksum of a cursor (decision 0016), so a cursor can hold any JSON value.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mangum import Mangum
from starlette.testclient import TestClient

from chain_api.handler import lambda_handler
from chain_api.pagination.cursors import cursor_of
from local.mongod import Mongod
from tests.support.api import FILTER, client, logged
from tests.support.commands import watched
from tests.support.gateway import event
from tests.support.minutes import LISTS, NIFTY, fill, page_of

HOSTILE: list[Any] = [
    *(None, True, 0, 1, -1, 1.5, 5e-324, 1e308, 2**31, 2**53, 2**63, 2**64 - 1, -(2**63)),
    # Instants: now, the last that is allowed and the next, the year 10000.
    *(1_781_861_540_000, 7_258_118_399_999, 7_258_118_400_000, 253_402_300_800_000),
    *("", "x", "\x00", "\u00e9", "\U0001f600", "$ne", "NaN", "0", "1e999", "9" * 1_000),
    *("nearest", "all", "31-Dec-9999", "01-Jan-0001", "30-Feb-2026", "0001-01-01", "9999-12-31"),
    *("2000-01-01T00:00:00+23:59", "2999-12-31T23:59:59-23:59", "NIFTY_CE_24000_23-Jun-2026"),
    *([], [[]], {}, {"$gt": ""}, [0, 1], ["x", None], {"a": {"b": []}}),
]


@pytest.fixture(scope="module")
def api(mongod: Mongod) -> Iterator[TestClient]:
    with watched(mongod, "forged") as (database, _):
        fill(database)
        yield client(database)


def check(response: Response, what: object) -> None:
    assert response.status_code < 500, (what, response.text)
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json", what


def content_of(link: str) -> dict[str, Any]:
    """Return what the cursor of a link holds."""
    (text,) = parse_qs(urlsplit(link).query)["cursor"]
    held: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))[8:])
    return held


def forged(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the content with each of its values, at any depth, replaced by each hostile one."""
    for name, value in content.items():
        for other in HOSTILE:
            yield {**content, name: other}
        if isinstance(value, dict):
            yield from ({**content, name: each} for each in forged(value))
            yield from ({**content, name: value | {each: "1"}} for each in ("limit", "cursor", "x"))
        elif isinstance(value, list):
            yield {**content, name: value[:-1]}
            yield {**content, name: [*value, value[-1]]}
            numbered = forged({str(number): each for number, each in enumerate(value)})
            yield from ({**content, name: list(each.values())} for each in numbered)


@pytest.mark.parametrize("address", LISTS)
def test_forged_cursor_of_a_list_is_no_500(address: str, api: TestClient) -> None:
    resource = address.partition("?")[0].removeprefix(f"{NIFTY}/")
    content = content_of(page_of(api, f"{address}&limit=2")["next"])
    with logged() as records:
        for each in forged(content):
            cursor = cursor_of(f"{resource} NIFTY", each)
            check(api.get(f"{NIFTY}/{resource}", params={"cursor": cursor}), each)
    assert {record.levelname for record in records} == {"INFO"}


def test_forged_cursor_of_a_filter_is_no_500(api: TestClient) -> None:
    wanted = {"symbol": "NIFTY", "limit": 2, "strikes_around_atm": 1, "as_of": "2026-06-19T15:02"}
    content = content_of(api.post(FILTER, json=wanted).json()["next"])
    with logged() as records:
        for each in forged(content):
            check(api.post(FILTER, params={"cursor": cursor_of("filter", each)}), each)
    assert {record.levelname for record in records} == {"INFO"}


# ── headers, queries and bodies ──────────────────────────────────────────────────────────────

VALUES = [
    *(b"", b"*", b'"', b'W/"x"', b",,;;==", b"\xff\xfe", b"\x00", b"x" * 9_000, b"-5", b"1e9"),
    *(b"text/csv;q=x", b"a/b;q=1e999", b"*/*;q=-1", b"text/csv;q=" + b"9" * 400, b"gzip;q=0"),
    *(
        b"application/json;charset=\xff",
        b"application/json; charset=utf-99",
        b"multipart/form-data",
    ),
    *(
        b"application/x-www-form-urlencoded",
        b"bytes=0-",
        b"null",
        b"multipart/form-data",
        b"http://[::1",
    ),
]
NAMES = [
    *(
        b"accept",
        b"if-none-match",
        b"accept-encoding",
        b"content-type",
        b"content-length",
        b"origin",
    ),
    *(
        b"x-request-id",
        b"access-control-request-method",
        b"access-control-request-headers",
        b"range",
    ),
    *(b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix", b"forwarded", b"host"),
]
BODIES = [
    *(b"", b'{"symbol": "NIFTY"}', b"\xff", b"[" * 3_000, b'{"symbol": 1e999}', b'{"\\ud800": 1}'),
    *(b'{"symbol": "NIFTY", "limit": NaN}', b'{"symbol": "NIFTY", "offset": 1e400}'),
    *(b'{"symbol": "\\ud800"}', b'{"symbol": "NIFTY", "columns": ["\\ud800"]}'),
]
PATHS = [NIFTY, f"{NIFTY}/history", f"{NIFTY}/analytics/smile", "/", "/stats", "/symbols", FILTER]
PATHS += ["/dashboard", "/docs", "/openapi.json", "/pipeline/stop", "/pipeline/status", "/nope"]


@pytest.mark.parametrize("path", PATHS)
def test_no_header_and_no_body_is_a_500(path: str, api: TestClient) -> None:
    method = "POST" if path in (FILTER, "/pipeline/stop") else "GET"
    for name in NAMES:
        for value in VALUES:
            check(api.request(method, path, headers=[(name, value)]), (name, value))
    for body in BODIES:
        for kind in ("application/json", "application/problem+json", "text/plain"):
            sent: Any = api.request(method, path, content=body, headers={"content-type": kind})
            check(sent, body)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=st.text(max_size=12), query=st.binary(max_size=30))
def test_no_path_and_no_query_is_a_500(path: str, query: bytes, api: TestClient) -> None:
    escaped = "".join(f"%{byte:02x}" for byte in path.encode(errors="surrogatepass"))
    raw = "".join(f"%{byte:02x}" for byte in query)
    for address in (f"/{escaped}", f"/option-chain/{escaped}", f"{NIFTY}/{escaped}"):
        check(api.get(address), address)
    for name in ("as_of", "expiry", "columns", "strike_min", "strikes_around_atm", "format"):
        check(api.get(f"{NIFTY}?{name}={raw}"), (name, query))


# ── events of API Gateway ────────────────────────────────────────────────────────────────────

ODD: list[Any] = [
    *(None, "", 0, 5, True, [], {}, "x", "%", "/\x00", "\ud800", "/option-chain/\ud800", "\u00e9"),
    *({"a": None}, {"a": 1}, {"a": {}}, {"a": [None]}, {"a": ["b", None]}, {"a": [1]}, {"a": []}),
    *({"\ud800": "x"}, {"as_of": "\ud800"}, {"as_of": ["\ud800"]}, {"content-length": "-1"}),
    *({"identity": None}, {"identity": {"sourceIp": None, "userArn": 5}}, {"requestId": 5}),
]
EVENTS = ["api-chain", "api-filter", "api-control-stop", "api-dashboard", "api-preflight"]


@pytest.mark.parametrize("name", EVENTS)
def test_no_event_is_an_error_of_the_function(name: str, application: Mangum) -> None:
    """A function that raises is a 502 of API Gateway, without a problem."""
    for member in event(name):
        for odd in ODD:
            answer: Any = lambda_handler(event(name, **{member: odd}), None, application)  # type: ignore[arg-type]
            assert answer["statusCode"] < 500, (member, odd, answer)
            json.dumps(answer)


@pytest.mark.parametrize("body", ["=", "a", "\ud800", "\u00e9", "e30", None, "e30="])
def test_body_that_is_no_base64_is_refused(body: str | None, application: Mangum) -> None:
    changed = event("api-filter", body=body, isBase64Encoded=True)
    answer: Any = lambda_handler(changed, None, application)  # type: ignore[arg-type]
    assert answer["statusCode"] in (400, 422)
