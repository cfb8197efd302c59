"""HTTP as it should be, whatever the route: HEAD, ids, bounds, compression, other sites' pages."""

import asyncio
import json
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import httpx2
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
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.support.api import client, logged, problem
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

CHAIN = "/option-chain/NIFTY"
FILTER = "/option-chain/filter"
SITE = "https://desk.example"
A_MEGABYTE = 2**20
JSON = (b"content-type", b"application/json")
PREFLIGHT = {"origin": SITE, "access-control-request-method": "POST"}


def over_one_chain(settings: Settings | None = None) -> TestClient:
    database = memory_database()
    strikes = [float(strike) for strike in range(24_000, 26_000, 50)]
    SnapshotWriter(database).commit(Commit(snapshot(strikes)))
    return client(database, settings=settings)


@pytest.fixture(scope="module")
def api() -> TestClient:
    """The API over one snapshot of NIFTY."""
    return over_one_chain()


@pytest.fixture
def open_api() -> TestClient:
    """The same, with pages of one site let in."""
    return over_one_chain(Settings(cors_origins=(SITE,)))


class BrokenDatabase(defaultdict[str, dict[str, Any]]):
    """A database whose collections can do nothing."""

    def get_collection(self, name: str, **_options: object) -> dict[str, Any]:
        return self[name]


@pytest.fixture
def broken_api() -> TestClient:
    """An API whose every look into the database ends in an error nobody foresaw."""
    broken: Any = BrokenDatabase(dict)
    return client(broken, settings=Settings(cors_origins=(SITE,)))


@pytest.fixture
def log() -> Iterator[list[logging.LogRecord]]:
    with logged() as records:
        yield records


class Exchange:
    """One request as a server hands it over, message by message, and what came back."""

    def __init__(self, messages: Iterable[bytes] = (), scope: dict[str, Any] | None = None) -> None:
        self._bodies = list(messages)
        self._scope = scope or {}
        self.received = 0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    def ask(
        self, app: ASGIApp, method: str, path: str, *headers: tuple[bytes, bytes]
    ) -> "Exchange":
        scope = {
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
        asyncio.run(self._run(app, scope | self._scope))
        return self

    async def _run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        await app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        body = self._bodies[self.received] if self._bodies else b""
        self.received += 1
        more = self.received < len(self._bodies)
        return {"type": "http.request", "body": body, "more_body": more}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    def header(self, name: bytes) -> str:
        (value,) = (value for key, value in self.headers if key.lower() == name)
        return value.decode()


# ── HEAD ─────────────────────────────────────────────────────────────────────────────────────


def get_routes(api: TestClient) -> list[str]:
    """Every address that a GET is served at, those beside the OpenAPI document included."""
    paths: dict[str, dict[str, Any]] = api.get("/openapi.json").json()["paths"]
    served = [re.sub(r"\{\w+\}", "NIFTY", path) for path, ways in paths.items() if "get" in ways]
    pages = ["/openapi.json", "/docs", "/docs/start.js", "/docs/swagger-ui.css"]
    return served + pages


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head_of_every_get_route_has_its_headers_and_no_body(
    api: TestClient, encoding: str
) -> None:
    own = {"accept-encoding": encoding, "x-request-id": "one"}
    routes = get_routes(api)
    assert len(routes) > 10
    for path in routes:
        got, headed = api.get(path, headers=own), api.head(path, headers=own)
        assert (headed.status_code, headed.headers) == (got.status_code, got.headers), path
        assert int(headed.headers["content-length"]) > 0
        assert headed.content == b""


@pytest.mark.parametrize("path", ["/option-chain/NOSUCH", "/nope", f"{CHAIN}?expiry=soon"])
def test_head_of_a_problem_is_that_problem_s(api: TestClient, path: str) -> None:
    got, headed = api.get(path), api.head(path)
    assert headed.status_code == got.status_code >= 400
    assert headed.headers["content-type"] == MEDIA_TYPE
    assert headed.headers["content-length"] == got.headers["content-length"]
    assert headed.content == b""


def test_head_of_an_unforeseen_error_has_no_body(broken_api: TestClient) -> None:
    headed = broken_api.head(CHAIN)
    assert (headed.status_code, headed.content) == (500, b"")
    assert headed.headers["content-type"] == MEDIA_TYPE


def test_head_is_logged_as_what_it_is(api: TestClient, log: list[logging.LogRecord]) -> None:
    api.head("/health")
    assert vars(log[-1])["method"] == "HEAD"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/health", "GET, HEAD"),
        ("POST", CHAIN, "GET, HEAD"),
        ("PUT", "/openapi.json", "GET, HEAD"),
        ("PATCH", "/docs", "GET, HEAD"),
        ("DELETE", FILTER, "POST"),
        ("GET", "/pipeline/start", "POST"),
        ("OPTIONS", "/health", "GET, HEAD"),
    ],
)
def test_refused_method_is_told_every_one_that_is_allowed(
    api: TestClient, method: str, path: str, allowed: str
) -> None:
    response = api.request(method, path)
    body = problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == allowed
    assert body["detail"] == f"{method} is not allowed at {path}; allowed: {allowed}."


def test_head_is_not_allowed_where_get_is_not(api: TestClient) -> None:
    response = api.head("/pipeline/stop")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


# ── X-Request-Id ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", ["a", "x" * 64, "0f-9.A_z"])
def test_own_id_is_given_back_and_logged(
    api: TestClient, log: list[logging.LogRecord], given: str
) -> None:
    response = api.get("/", headers={"x-request-id": given})
    assert response.headers["x-request-id"] == given
    assert vars(log[-1])["request_id"] == given


@pytest.mark.parametrize(
    "forged",
    [
        *(b"", b"x" * 65, b"x" * 100_000, b"two words", b"a\nb", b"a\r\nset-cookie: b=c"),
        *(b'{"level": "ERROR"}', b"\xe9", "\u0661".encode(), b"a,b", b"a\n", b"\x00"),
    ],
)
def test_id_that_is_not_fit_for_a_log_is_replaced(
    api: TestClient, log: list[logging.LogRecord], forged: bytes
) -> None:
    done = Exchange().ask(api.app, "GET", "/", (b"x-request-id", forged))
    identity = done.header(b"x-request-id")
    assert UUID(identity).version == 4
    assert vars(log[-1])["request_id"] == identity


def test_every_request_has_an_id_of_its_own(api: TestClient) -> None:
    assert len({api.get("/").headers["x-request-id"] for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("own", "event", "identity"),
    [
        (None, {"requestContext": {"requestId": "gateway-1"}}, "gateway-1"),
        (b"own", {"requestContext": {"requestId": "gateway-1"}}, "own"),
        (b"not ours", {"requestContext": {"requestId": "gateway-1"}}, "gateway-1"),
        (None, {"requestContext": {"requestId": None}}, None),
        (None, {"requestContext": {}}, None),
        (None, {}, None),
    ],
)
def test_in_aws_the_id_is_api_gateway_s(
    api: TestClient, own: bytes | None, event: dict[str, Any], identity: str | None
) -> None:
    headers = [] if own is None else [(b"x-request-id", own)]
    done = Exchange(scope={"aws.event": event}).ask(api.app, "GET", "/", *headers)
    found = done.header(b"x-request-id")
    assert found == identity or (identity is None and UUID(found).version == 4)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", CHAIN, 200),
        ("HEAD", CHAIN, 200),
        ("GET", "/nope", 404),
        ("DELETE", "/", 405),
        ("POST", FILTER, 422),
    ],
)
def test_every_answer_has_an_id(api: TestClient, method: str, path: str, status: int) -> None:
    response = api.request(method, path)
    assert response.status_code == status
    assert response.headers["x-request-id"]


def test_unforeseen_error_is_found_by_its_id(
    broken_api: TestClient, log: list[logging.LogRecord]
) -> None:
    response = broken_api.get(CHAIN, headers={"x-request-id": "look-here", "origin": SITE})
    problem(response, 500, "internal-error")
    assert response.headers["x-request-id"] == "look-here"
    assert response.headers["access-control-allow-origin"] == SITE
    assert (vars(log[-1])["request_id"], vars(log[-1])["status"]) == ("look-here", 500)


# ── the bound of a body ──────────────────────────────────────────────────────────────────────


def too_large(done: Exchange) -> None:
    body = json.loads(done.body)
    assert (done.status, done.header(b"content-type")) == (413, MEDIA_TYPE)
    assert body["type"] == "urn:nse-option-chain:problem:body-too-large"
    assert (body["status"], body["field"], body["max_bytes"]) == (413, "body", MOST_BYTES)
    assert body["detail"] == "body: must have at most 65536 bytes"
    assert done.header(b"x-request-id")


@pytest.mark.parametrize("path", [FILTER, "/pipeline/stop", "/nope", CHAIN])
def test_body_of_a_megabyte_is_refused_by_its_length_unread(
    api: TestClient, log: list[logging.LogRecord], path: str
) -> None:
    length = (b"content-length", str(A_MEGABYTE).encode())
    done = Exchange([b" " * A_MEGABYTE]).ask(api.app, "POST", path, JSON, length)
    too_large(done)
    assert done.received == 0
    assert [(row.levelname, vars(row)["status"]) for row in log] == [("INFO", 413)]


@pytest.mark.parametrize("path", [FILTER, "/pipeline/stop", "/nope", CHAIN])
@pytest.mark.parametrize("length", [None, b"10", b"-1", b"many", b"9" * 5_000])
def test_body_of_a_megabyte_is_refused_by_counting_where_its_length_does_not_say_so(
    api: TestClient, log: list[logging.LogRecord], path: str, length: bytes | None
) -> None:
    declared = [(b"transfer-encoding", b"chunked")]
    if length is not None:
        declared = [(b"content-length", length)]
    chunks = [b" " * 16_384] * (A_MEGABYTE // 16_384)
    done = Exchange(chunks).ask(api.app, "POST", path, JSON, *declared)
    too_large(done)
    assert done.received == 5
    assert {row.levelname for row in log} == {"INFO"}


@pytest.mark.parametrize(("size", "status"), [(MOST_BYTES, 200), (MOST_BYTES + 1, 413)])
def test_bound_is_64_kilobytes(api: TestClient, size: int, status: int) -> None:
    content = b'{"symbol": "NIFTY"}'.ljust(size)
    response = api.post(FILTER, content=content, headers={"content-type": "application/json"})
    assert response.status_code == status


def test_body_in_pieces_is_read_whole(api: TestClient) -> None:
    content = b'{"symbol": "NIFTY", "limit": 3}'
    done = Exchange(bytes([byte]) for byte in content).ask(api.app, "POST", FILTER, JSON)
    assert done.status == 200
    assert json.loads(done.body)["limit"] == 3


def test_client_that_leaves_amid_its_body_breaks_nothing(
    api: TestClient, log: list[logging.LogRecord]
) -> None:
    class Leaving(Exchange):
        async def _receive(self) -> Message:
            message = await super()._receive()
            return message if self.received == 1 else {"type": "http.disconnect"}

    Leaving([b'{"symbol":', b""]).ask(api.app, "POST", FILTER, JSON)
    assert {row.levelname for row in log} == {"INFO"}


# ── compression and entity tags ──────────────────────────────────────────────────────────────


def test_chain_is_compressed_for_who_accepts_it(api: TestClient) -> None:
    plain = Exchange().ask(api.app, "GET", CHAIN)
    response = api.get(CHAIN, headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) < len(plain.body) / 4
    assert response.content == plain.body
    assert "Accept-Encoding" in response.headers["vary"]


@pytest.mark.parametrize(
    "accepted", ["", "identity", "br", "gzip;q=0", "identity, gzip; q=0.000", "GZIP;Q=0, br"]
)
def test_chain_is_not_compressed_for_who_does_not(api: TestClient, accepted: str) -> None:
    response = api.get(CHAIN, headers={"accept-encoding": accepted})
    assert "content-encoding" not in response.headers
    assert "Accept-Encoding" in response.headers["vary"]


@pytest.mark.parametrize("accepted", ["gzip;q=0.5", "br, gzip", "gzip;q=1.0, identity;q=0"])
def test_weight_above_nought_accepts(api: TestClient, accepted: str) -> None:
    response = api.get(CHAIN, headers={"accept-encoding": accepted})
    assert response.headers["content-encoding"] == "gzip"


def test_small_answer_is_not_compressed(api: TestClient) -> None:
    response = api.get("/", headers={"accept-encoding": "gzip"})
    assert len(response.content) < 1024
    assert "content-encoding" not in response.headers


def tagged(tag: str, size: int, status: int = 200) -> TestClient:
    """An application that knows nothing of compression, behind it."""

    def answer(request: Request) -> Response:  # noqa: ARG001
        return Response(b"x" * size, status, {"ETag": tag})

    return TestClient(Compression(Starlette(routes=[Route("/", answer)])))


@pytest.mark.parametrize(
    ("tag", "size", "accepted", "found"),
    [
        ('"abc"', 5_000, "gzip", '"abc-gzip"'),
        ('"abc"', 5_000, "identity", '"abc"'),
        ('"abc"', 100, "gzip", '"abc"'),
        ('W/"abc"', 5_000, "gzip", 'W/"abc"'),
        ("", 5_000, "gzip", ""),
    ],
)
def test_strong_tag_names_the_bytes_that_go_out(
    tag: str, size: int, accepted: str, found: str
) -> None:
    response = tagged(tag, size).get("/", headers={"accept-encoding": accepted})
    assert response.headers["etag"] == found


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ('"abc-gzip"', '"abc-gzip"'),
        ('"old-gzip", "abc-gzip"', '"abc-gzip"'),
        ('"abc"', '"abc"'),
        ("*", '"abc"'),
        ("", '"abc"'),
    ],
)
def test_answer_not_modified_confirms_the_tag_that_the_client_has(known: str, found: str) -> None:
    headers = {"accept-encoding": "gzip", "if-none-match": known}
    response = tagged('"abc"', 0, 304).get("/", headers=headers)
    assert (response.headers["etag"], response.headers["vary"]) == (found, "Accept-Encoding")


@pytest.mark.parametrize(("accepted", "ending"), [("gzip", '-gzip"'), ("identity", '"')])
def test_chain_is_not_sent_again_to_who_names_its_tag(
    api: TestClient, accepted: str, ending: str
) -> None:
    headers = {"accept-encoding": accepted}
    first = api.get(CHAIN, headers=headers)
    again = api.get(CHAIN, headers=headers | {"if-none-match": first.headers["etag"]})
    assert first.headers["etag"].endswith(ending)
    assert ("-gzip" in first.headers["etag"]) is (accepted == "gzip")
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "vary"):
        assert again.headers[name] == first.headers[name]


# ── pages of other sites ─────────────────────────────────────────────────────────────────────


def said_of_origins(response: httpx2.Response) -> set[str]:
    return {name for name in response.headers if name.startswith("access-control-")}


@pytest.mark.parametrize("path", [CHAIN, "/nope", "/health"])
def test_without_the_setting_nothing_is_said_of_other_sites(api: TestClient, path: str) -> None:
    for response in (api.get(path, headers={"origin": SITE}), api.options(path, headers=PREFLIGHT)):
        assert not said_of_origins(response)
        assert "Origin" not in response.headers.get("vary", "")
    assert api.options(CHAIN, headers=PREFLIGHT).status_code == 405


@pytest.mark.parametrize("path", [CHAIN, "/option-chain/NOSUCH", "/nope"])
def test_page_of_a_site_let_in_reads_answers_and_problems(open_api: TestClient, path: str) -> None:
    response = open_api.get(path, headers={"origin": SITE})
    assert response.headers["access-control-allow-origin"] == SITE
    assert "Origin" in response.headers["vary"]
    assert "access-control-allow-credentials" not in response.headers
    assert set(response.headers["access-control-expose-headers"].split(", ")) == {
        *("ETag", "Link", "Retry-After", "X-Request-Id"),
        *("X-Timestamp", "X-Last-Seen-At", "X-Age-Seconds", "X-Gap"),
    }


@pytest.mark.parametrize("origin", ["https://other.example", "null", SITE + ".evil.example"])
def test_page_of_another_site_does_not(open_api: TestClient, origin: str) -> None:
    response = open_api.get(CHAIN, headers={"origin": origin})
    assert "access-control-allow-origin" not in response.headers
    assert "Origin" in response.headers["vary"]
    asked = open_api.options(FILTER, headers=PREFLIGHT | {"origin": origin})
    assert asked.status_code == 400
    assert "access-control-allow-origin" not in asked.headers


def test_too_large_a_body_is_told_to_a_page_too(open_api: TestClient) -> None:
    response = open_api.post(FILTER, content=b" " * A_MEGABYTE, headers={"origin": SITE})
    problem(response, 413, "body-too-large")
    assert response.headers["access-control-allow-origin"] == SITE


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("path", [CHAIN, FILTER, "/"])
def test_preflight_is_answered(open_api: TestClient, method: str, path: str) -> None:
    own = "content-type, if-none-match, x-api-key, x-request-id"
    headers = {
        "origin": SITE,
        "access-control-request-method": method,
        "access-control-request-headers": own,
    }
    response = open_api.options(path, headers=headers)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == SITE
    assert response.headers["access-control-max-age"] == "600"
    assert method in response.headers["access-control-allow-methods"].split(", ")
    assert "access-control-allow-credentials" not in response.headers
    assert response.headers["x-request-id"]


@pytest.mark.parametrize(
    "asked",
    [
        {"access-control-request-method": "DELETE"},
        {"access-control-request-headers": "authorization"},
    ],
)
def test_preflight_of_more_than_that_is_refused(
    open_api: TestClient, asked: dict[str, str]
) -> None:
    assert open_api.options(FILTER, headers=PREFLIGHT | asked).status_code == 400


def test_star_lets_every_page_read() -> None:
    api = over_one_chain(Settings(cors_origins=("*",)))
    response = api.get(CHAIN, headers={"origin": "https://any.example"})
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


def test_page_let_in_still_switches_nothing(open_api: TestClient) -> None:
    headers = {"origin": SITE, "sec-fetch-site": "cross-site"}
    problem(open_api.post("/pipeline/stop", headers=headers), 403, "forbidden")
