"""What HTTP asks of every route: HEAD, request ids, a bound of bodies, compression, CORS."""

import asyncio
import json
import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from chain_api.middleware.body_bound import MOST_BYTES
from chain_api.middleware.compression import Compression
from chain_api.problems.catalogue import MEDIA_TYPE
from chain_api.site import dashboard
from optionchain.settings import Settings
from tests.support.api import CHAIN, FILTER, SITE, Log, client, database_with, problem
from tests.support.mongomock_database import uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

PAGES = ("/dashboard", "/dashboard/screener", "/dashboard/side-by-side")
A_MEGABYTE = 2**20
JSON = (b"content-type", b"application/json")
PREFLIGHT = {"origin": SITE, "access-control-request-method": "POST"}


class Exchange:
    """One request, passed to the application in messages as a server does, and its answer."""

    def __init__(
        self,
        app: ASGIApp,
        method: str,
        path: str,
        *headers: tuple[bytes, bytes],
        chunks: Iterable[bytes] = (),
        leaves: bool = False,
        event: dict[str, Any] | None = None,
    ) -> None:
        """Send the request; a client that `leaves` disconnects after its first chunk."""
        self._chunks, self._leaves = list(chunks), leaves
        self.received, self.status, self.body = 0, 0, b""
        self.headers: list[tuple[bytes, bytes]] = []
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        asyncio.run(self._run(app, scope if event is None else scope | {"aws.event": event}))

    async def _run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        await app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        self.received += 1
        if self._leaves and self.received > 1:
            return {"type": "http.disconnect"}
        body = self._chunks.pop(0) if self._chunks else b""
        return {"type": "http.request", "body": body, "more_body": bool(self._chunks)}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    def header(self, name: bytes) -> str:
        (value,) = (value for key, value in self.headers if key.lower() == name)
        return value.decode()


# ── HEAD and other methods ───────────────────────────────────────────────────────────────────


def get_routes(api: TestClient) -> list[str]:
    """Return the path of every GET route, those outside the OpenAPI document included."""
    paths: dict[str, dict[str, Any]] = api.get("/openapi.json").json()["paths"]
    served = [re.sub(r"\{\w+\}", "NIFTY", path) for path, ways in paths.items() if "get" in ways]
    page = dashboard.read()
    parts = [f"/dashboard/{page.version}/{name}" for name in page.parts]
    docs = ["/openapi.json", "/docs", "/docs/start.js", "/docs/swagger-ui.css"]
    return [*served, *docs, *PAGES, *parts]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head_has_the_headers_of_its_get_and_no_body(api: TestClient, encoding: str) -> None:
    headers = {"accept-encoding": encoding, "x-request-id": "one"}
    routes = get_routes(api)
    assert len(routes) > 10
    for path in routes:
        got, head = api.get(path, headers=headers), api.head(path, headers=headers)
        assert (head.status_code, head.headers) == (got.status_code, got.headers), path
        assert int(head.headers["content-length"]) > 0
        assert head.content == b""


@pytest.mark.parametrize("path", ["/option-chain/NOSUCH", "/nope", f"{CHAIN}?expiry=soon"])
def test_head_of_a_problem_has_its_headers_and_no_body(api: TestClient, path: str) -> None:
    got, head = api.get(path), api.head(path)
    assert head.status_code == got.status_code >= 400
    assert head.headers["content-type"] == MEDIA_TYPE
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.content == b""


def test_head_of_an_unforeseen_error_has_no_body(failing_api: TestClient) -> None:
    head = failing_api.head(CHAIN)
    assert (head.status_code, head.content) == (500, b"")
    assert head.headers["content-type"] == MEDIA_TYPE


def test_head_is_logged_as_head(api: TestClient, log: Log) -> None:
    api.head("/health")
    assert vars(log[-1])["method"] == "HEAD"


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("DELETE", "/health", "GET, HEAD"),
    ("POST", "/health", "GET, HEAD"),
    ("OPTIONS", "/health", "GET, HEAD"),
    ("POST", CHAIN, "GET, HEAD"),
    ("DELETE", CHAIN, "GET, HEAD"),
    ("PUT", "/openapi.json", "GET, HEAD"),
    ("PATCH", "/docs", "GET, HEAD"),
    ("DELETE", FILTER, "POST"),
    ("GET", "/pipeline/start", "POST"),
    ("GET", "/pipeline/stop", "POST"),
])  # fmt: skip
def test_problem_of_a_method_names_the_methods_that_are_allowed(
    api: TestClient, method: str, path: str, allowed: str
) -> None:
    response = api.request(method, path)
    body = problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == allowed
    assert body["detail"] == f"{method} is not allowed at {path}; allowed: {allowed}."


def test_head_is_not_allowed_where_get_is_not(api: TestClient) -> None:
    response = api.head("/pipeline/stop")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


# ── parameters ───────────────────────────────────────────────────────────────────────────────


def test_every_route_refuses_a_parameter_that_it_does_not_have(api: TestClient) -> None:
    """Parts of pages too; the answer names those that there are."""
    known = {
        f"{CHAIN}/gaps": "date",
        FILTER: "cursor",
    }
    known["/screener"] = "format, min_pcr_oi, max_pcr_oi, "
    known["/symbols"] = "q, kind, tier, columns, limit, cursor"
    known["/archive"] = "format, symbol, from, to, links, limit, cursor"
    asked = [("GET", path) for path in get_routes(api) if path not in PAGES]
    asked += [("POST", path) for path in (FILTER, "/pipeline/start", "/pipeline/stop")]
    for method, path in asked:
        response = api.request(method, path, params={"nosuch": "1"})
        body = problem(response, 422, "invalid-request")
        assert body["field"] == "nosuch"
        said = f"nosuch: is not a parameter of this route, which has {known.get(path, '')}"
        assert body["detail"].startswith(said), path
        assert (
            path in known
            or path.startswith(CHAIN)
            or body["detail"].endswith(("has none", "has tz"))
        )


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("query", [
    "symbol=NIFTY&utm_source=mail", "foo=1", "foo=1&foo=2", "tz=Mars", "symbol=NIFTY&symbol=M%26M",
])  # fmt: skip
def test_pages_take_any_parameter(api: TestClient, path: str, query: str) -> None:
    """Mail and chat programs add some to a link; only the script of the page reads them."""
    plain, answer = api.get(path), api.get(f"{path}?{query}")
    assert (answer.status_code, answer.content) == (200, plain.content)


# ── X-Request-Id ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("identity", ["a", "x" * 64, "0f-9.A_z"])
def test_id_of_the_client_is_returned_and_logged(api: TestClient, log: Log, identity: str) -> None:
    response = api.get("/", headers={"x-request-id": identity})
    assert response.headers["x-request-id"] == identity
    assert vars(log[-1])["request_id"] == identity


@pytest.mark.parametrize("forged", [
    b"", b"x" * 65, b"x" * 100_000, b"two words", b"a\nb", b"a\r\nset-cookie: b=c",
    b'{"level": "ERROR"}', b"\xe9", "\u0661".encode(), b"a,b", b"a\n", b"\x00",
])  # fmt: skip
def test_id_that_is_not_fit_for_a_log_is_replaced(api: TestClient, log: Log, forged: bytes) -> None:
    identity = Exchange(api.app, "GET", "/", (b"x-request-id", forged)).header(b"x-request-id")
    assert UUID(identity).version == 4
    assert vars(log[-1])["request_id"] == identity


def test_every_request_has_an_id_of_its_own(api: TestClient) -> None:
    assert len({api.get("/").headers["x-request-id"] for _ in range(5)}) == 5


@pytest.mark.parametrize(("own", "event", "identity"), [
    (None, {"requestContext": {"requestId": "gateway-1"}}, "gateway-1"),
    (b"own", {"requestContext": {"requestId": "gateway-1"}}, "own"),
    (b"not ours", {"requestContext": {"requestId": "gateway-1"}}, "gateway-1"),
    (None, {"requestContext": {"requestId": None}}, None),
    (None, {"requestContext": {}}, None),
    (None, {}, None),
])  # fmt: skip
def test_in_aws_the_id_is_that_of_api_gateway(
    api: TestClient, own: bytes | None, event: dict[str, Any], identity: str | None
) -> None:
    headers = [] if own is None else [(b"x-request-id", own)]
    found = Exchange(api.app, "GET", "/", *headers, event=event).header(b"x-request-id")
    assert found == identity or (identity is None and UUID(found).version == 4)


# ── the bound of a body ──────────────────────────────────────────────────────────────────────

BODY_PATHS = (FILTER, "/pipeline/stop", "/nope", CHAIN)


def assert_too_large(done: Exchange) -> None:
    body = json.loads(done.body)
    assert (done.status, done.header(b"content-type")) == (413, MEDIA_TYPE)
    assert body["type"] == "urn:nse-option-chain:problem:body-too-large"
    assert (body["status"], body["field"], body["max_bytes"]) == (413, "body", MOST_BYTES)
    assert body["detail"] == "body: must have at most 65536 bytes"
    assert done.header(b"x-request-id")


@pytest.mark.parametrize("path", BODY_PATHS)
def test_body_of_too_great_a_length_is_refused_unread(api: TestClient, log: Log, path: str) -> None:
    length = (b"content-length", str(A_MEGABYTE).encode())
    done = Exchange(api.app, "POST", path, JSON, length, chunks=[b" " * A_MEGABYTE])
    assert_too_large(done)
    assert done.received == 0
    assert [(row.levelname, vars(row)["status"]) for row in log] == [("INFO", 413)]


@pytest.mark.parametrize("path", BODY_PATHS)
@pytest.mark.parametrize("length", [None, b"10", b"-1", b"many", b"9" * 5_000])
def test_body_without_a_true_length_is_counted(
    api: TestClient, log: Log, path: str, length: bytes | None
) -> None:
    chunked = (b"transfer-encoding", b"chunked")
    declared = chunked if length is None else (b"content-length", length)
    chunks = [b" " * 16_384] * (A_MEGABYTE // 16_384)
    done = Exchange(api.app, "POST", path, JSON, declared, chunks=chunks)
    assert_too_large(done)
    assert done.received == 5
    assert {row.levelname for row in log} == {"INFO"}


@pytest.mark.parametrize(("size", "status"), [(MOST_BYTES, 200), (MOST_BYTES + 1, 413)])
def test_bound_is_64_kilobytes(api: TestClient, size: int, status: int) -> None:
    content = b'{"symbol": "NIFTY"}'.ljust(size)
    response = api.post(FILTER, content=content, headers={"content-type": "application/json"})
    assert response.status_code == status


def test_body_in_chunks_is_read_whole(api: TestClient) -> None:
    content = b'{"symbol": "NIFTY", "limit": 3}'
    done = Exchange(api.app, "POST", FILTER, JSON, chunks=(bytes([byte]) for byte in content))
    assert done.status == 200
    assert json.loads(done.body)["limit"] == 3


def test_client_that_leaves_amid_its_body_is_no_error(api: TestClient, log: Log) -> None:
    Exchange(api.app, "POST", FILTER, JSON, chunks=[b'{"symbol":', b""], leaves=True)
    assert {row.levelname for row in log} == {"INFO"}


# ── compression and entity tags ──────────────────────────────────────────────────────────────


def test_chain_is_compressed_for_a_client_that_accepts_gzip(api: TestClient) -> None:
    plain = Exchange(api.app, "GET", CHAIN)
    response = api.get(CHAIN, headers={"accept-encoding": "gzip"})
    assert int(response.headers["content-length"]) < len(plain.body) / 4
    assert response.content == plain.body


@pytest.mark.parametrize(("accepted", "encoding"), [
    *[
        (each, "gzip")
        for each in ("gzip", "gzip;q=0.5", "br, gzip", "gzip;q=1.0, identity;q=0")
    ],
    *[(each, None) for each in ("", "identity", "br", "gzip;q=0", "identity, gzip; q=0.000")],
    ("GZIP;Q=0, br", None),
])  # fmt: skip
def test_gzip_is_accepted_by_a_weight_above_zero(
    api: TestClient, accepted: str, encoding: str | None
) -> None:
    response = api.get(CHAIN, headers={"accept-encoding": accepted})
    assert response.headers.get("content-encoding") == encoding
    assert "Accept-Encoding" in response.headers["vary"]


def test_small_answer_is_not_compressed(api: TestClient) -> None:
    response = api.get("/", headers={"accept-encoding": "gzip"})
    assert len(response.content) < 1024
    assert "content-encoding" not in response.headers


def compressed(tag: str, size: int, status: int = 200) -> TestClient:
    """Return a client of the middleware around an application that always answers the same."""

    def answer(request: Request) -> Response:  # noqa: ARG001
        return Response(b"x" * size, status, {"ETag": tag})

    return TestClient(Compression(Starlette(routes=[Route("/", answer)])))


@pytest.mark.parametrize(("tag", "size", "accepted", "found"), [
    ('"abc"', 5_000, "gzip", '"abc-gzip"'),
    ('"abc"', 5_000, "identity", '"abc"'),
    ('"abc"', 100, "gzip", '"abc"'),
    ('W/"abc"', 5_000, "gzip", 'W/"abc"'),
    ("", 5_000, "gzip", ""),
])  # fmt: skip
def test_strong_tag_names_the_bytes_sent(tag: str, size: int, accepted: str, found: str) -> None:
    response = compressed(tag, size).get("/", headers={"accept-encoding": accepted})
    assert response.headers["etag"] == found


@pytest.mark.parametrize(("known", "found"), [
    ('"abc-gzip"', '"abc-gzip"'),
    ('"old-gzip", "abc-gzip"', '"abc-gzip"'),
    ('"abc"', '"abc"'),
    ("*", '"abc"'),
    ("", '"abc"'),
])  # fmt: skip
def test_answer_304_confirms_the_tag_that_the_client_has(known: str, found: str) -> None:
    headers = {"accept-encoding": "gzip", "if-none-match": known}
    response = compressed('"abc"', 0, 304).get("/", headers=headers)
    assert (response.headers["etag"], response.headers["vary"]) == (found, "Accept-Encoding")


# ── pages of other sites ─────────────────────────────────────────────────────────────────────

ALLOWED = "access-control-allow-origin"
CREDENTIALS = "access-control-allow-credentials"


@pytest.mark.parametrize("path", [CHAIN, "/nope", "/health"])
def test_without_the_setting_no_answer_has_cors_headers(api: TestClient, path: str) -> None:
    for response in (api.get(path, headers={"origin": SITE}), api.options(path, headers=PREFLIGHT)):
        assert not [name for name in response.headers if name.startswith("access-control-")]
        assert "Origin" not in response.headers.get("vary", "")
    assert api.options(CHAIN, headers=PREFLIGHT).status_code == 405


@pytest.mark.parametrize("path", [CHAIN, "/option-chain/NOSUCH", "/nope"])
def test_page_of_an_allowed_site_reads_answers(cors_api: TestClient, path: str) -> None:
    response = cors_api.get(path, headers={"origin": SITE})
    assert response.headers[ALLOWED] == SITE
    assert "Origin" in response.headers["vary"]
    assert CREDENTIALS not in response.headers
    exposed = set(response.headers["access-control-expose-headers"].split(", "))
    names = {"X-Request-Id", "X-Timestamp", "X-Last-Seen-At", "X-Age-Seconds", "X-Gap", "X-Settled"}
    names |= {"X-Frozen", "X-Source", "X-Storage"}
    assert exposed == names | {"ETag", "Link", "Retry-After"}


@pytest.mark.parametrize("origin", ["https://other.example", "null", SITE + ".evil.example"])
def test_page_of_another_site_reads_nothing(cors_api: TestClient, origin: str) -> None:
    response = cors_api.get(CHAIN, headers={"origin": origin})
    assert ALLOWED not in response.headers
    assert "Origin" in response.headers["vary"]
    preflight = cors_api.options(FILTER, headers=PREFLIGHT | {"origin": origin})
    assert preflight.status_code == 400
    assert ALLOWED not in preflight.headers


def test_page_reads_that_its_body_is_too_large(cors_api: TestClient) -> None:
    response = cors_api.post(FILTER, content=b" " * A_MEGABYTE, headers={"origin": SITE})
    problem(response, 413, "body-too-large")
    assert response.headers[ALLOWED] == SITE


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("path", [CHAIN, FILTER, "/"])
def test_preflight_is_answered(cors_api: TestClient, method: str, path: str) -> None:
    names = "content-type, if-none-match, x-api-key, x-request-id"
    own = {"access-control-request-method": method, "access-control-request-headers": names}
    response = cors_api.options(path, headers={"origin": SITE} | own)
    assert response.status_code == 200
    assert response.headers[ALLOWED] == SITE
    assert response.headers["access-control-max-age"] == "600"
    assert method in response.headers["access-control-allow-methods"].split(", ")
    assert CREDENTIALS not in response.headers
    assert response.headers["x-request-id"]


METHODS = "is not one of GET, HEAD, POST, OPTIONS"
HEADERS = (
    "is not one of accept, accept-language, content-language, content-type, if-none-match, "
    "x-api-key, x-request-id"
)
NOT_NAMED = "is not in CORS_ORIGINS"
PRIVATE = "a page of a public network may not reach a private one"


@pytest.mark.parametrize(("asked", "reason"), [
    ({"origin": "https://b.example"}, f"the origin 'https://b.example' {NOT_NAMED}"),
    ({"origin": "null"}, f"the origin 'null' {NOT_NAMED}"),
    ({"origin": "x" * 5_000}, f"the origin '{'x' * 100}' {NOT_NAMED}"),
    ({"origin": "\xff"}, f"the origin '\xc3\xbf' {NOT_NAMED}"),
    ({"access-control-request-method": "DELETE"}, f"the method 'DELETE' {METHODS}"),
    ({"access-control-request-headers": "accept, X-No"}, f"the header 'x-no' {HEADERS}"),
    ({"access-control-request-headers": ""}, f"the header '' {HEADERS}"),
    ({"access-control-request-private-network": "true"}, PRIVATE),
    ({"origin": "null", "access-control-request-method": "PUT"},
     f"the origin 'null' {NOT_NAMED}; the method 'PUT' {METHODS}"),
])  # fmt: skip
def test_preflight_of_anything_else_is_refused_with_the_reason(
    cors_api: TestClient, asked: dict[str, str], reason: str
) -> None:
    """As a problem, and without a CORS header: those let a browser go on."""
    headers = [(name.encode(), value.encode()) for name, value in (PREFLIGHT | asked).items()]
    response = cors_api.options(FILTER, headers=headers)
    body = problem(response, 400, "cross-origin-refused")
    assert body["detail"] == f"The page may not send this request: {reason}."
    assert not [name for name in response.headers if name.startswith("access-control-")]
    assert response.headers["vary"].startswith("Origin")
    assert response.headers["cache-control"] == "no-store"


def test_asterisk_allows_every_site() -> None:
    api = client(database_with(snapshot()), settings=Settings(cors_origins=("*",)))
    response = api.get(CHAIN, headers={"origin": "https://any.example"})
    assert response.headers[ALLOWED] == "*"
    assert CREDENTIALS not in response.headers


def test_page_of_an_allowed_site_cannot_switch_the_recorder(cors_api: TestClient) -> None:
    headers = {"origin": SITE, "sec-fetch-site": "cross-site"}
    problem(cors_api.post("/pipeline/stop", headers=headers), 403, "forbidden")
