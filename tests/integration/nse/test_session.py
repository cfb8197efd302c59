"""The session of the exchange: cookies, their renewal, headers, a proxy."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from traceback import format_exception

import pytest

from chain_fetch.nse.client import NseClient
from local.nse_simulator.faults import CHAIN, CONTRACTS, PAGE
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from local.stand_in.request_log import LoggedRequest
from tests.support.bodies import Json
from tests.support.fakes import SimulatedClock
from tests.support.nse_client import (
    CLOSE,
    KINDS,
    NEAREST,
    NOON,
    answering,
    at_once,
    chain,
    client_of,
    exchange_of,
    http_answer,
    refusal,
)
from tests.support.patience import within


def cookies(asked: LoggedRequest) -> dict[str, str]:
    pairs = asked.headers.get("cookie", "").split("; ")
    return dict(pair.split("=", 1) for pair in pairs if pair)


def test_session_warms_up_once_and_keeps_cookies(exchange: Exchange, client: NseClient) -> None:
    for _ in range(3):
        assert chain(client).quotes
    assert [row.path for row in exchange.requests] == [PAGE, KINDS, CHAIN, CHAIN, CHAIN]
    assert cookies(next(iter(exchange.requests))) == {}
    given = [cookies(row) for row in exchange.requests.to("/api/")]
    assert given[0].keys() == {"nsit", "nseappid"}
    assert all(carried == given[0] for carried in given)


def test_threads_that_begin_together_warm_up_once(exchange: Exchange, client: NseClient) -> None:
    at_once(lambda _: chain(client), threads=8)
    assert Counter(row.path for row in exchange.requests) == {PAGE: 1, KINDS: 1, CHAIN: 8}


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("unauthorised", {}),
        ("not_found_text", {"status": 404}),
        ("not_found_text", {"status": 200}),
        ("empty", {}),
    ],
)
def test_refused_session_is_renewed_once_and_the_request_tried_once_more(
    exchange: Exchange, client: NseClient, kind: str, details: Json
) -> None:
    exchange.faults.add(kind, times=1, **details)
    assert chain(client).quotes
    assert [row.path for row in exchange.requests] == [PAGE, KINDS, CHAIN, PAGE, CHAIN]
    refused, retried = exchange.requests.to(CHAIN)
    assert refused.query == retried.query
    assert cookies(refused)["nsit"] != cookies(retried)["nsit"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("unauthorised", "unauthorised"), ("not_found_text", "unauthorised"), ("empty", "empty")],
)
def test_refusal_after_a_renewal_is_the_answer(
    exchange: Exchange, client: NseClient, kind: str, reason: str
) -> None:
    exchange.faults.add(kind)
    assert refusal(lambda: chain(client)).reason == reason
    assert [row.path for row in exchange.requests] == [PAGE, KINDS, CHAIN, PAGE, CHAIN]


def test_cookie_that_went_stale_is_renewed() -> None:
    clock = SimulatedClock(NOON)
    market = SimulatedMarket(clock=clock.now)
    with (
        Exchange(market, cookie_seconds=60, monotonic=clock.monotonic) as exchange,
        client_of(exchange.url) as client,
    ):
        assert chain(client).quotes
        clock.sleep(60)
        assert chain(client).quotes
        assert [row.path for row in exchange.requests if row.status == 401] == [CHAIN]
        assert len(exchange.requests.to(PAGE)) == 2


def test_threads_refused_together_renew_once(exchange: Exchange, client: NseClient) -> None:
    chain(client)
    exchange.cookies._issued.clear()  # as after a restart of the exchange's nodes
    at_once(lambda _: chain(client), threads=8)
    assert len(exchange.requests.to(PAGE)) == 2


@pytest.mark.parametrize("kind", ["unauthorised", "empty"])
def test_renewals_are_capped_at_four_a_minute(
    exchange: Exchange, client: NseClient, kind: str
) -> None:
    """The reason stays that of the refusal: by `empty` the recorder finds out a moved expiry."""
    exchange.faults.add(kind)
    answers = [refusal(lambda: chain(client)) for _ in range(6)]
    assert {answer.reason for answer in answers} == {kind}
    assert len(exchange.requests.to(PAGE)) == 1 + 4
    # Once the cap is reached, a refusal costs one request.
    assert len(exchange.requests.to(CHAIN)) == 4 * 2 + 2
    assert "too often" in str(answers[-1])


def test_refused_warm_up_asks_for_no_data(exchange: Exchange, client: NseClient) -> None:
    exchange.faults.add("access_denied", path=PAGE, times=1)
    assert refusal(lambda: chain(client)).reason == "blocked"
    assert exchange.requests.to("/api/") == []
    assert chain(client).quotes


COOKIE = {"Set_Cookie": "nsit=1; path=/"}
DATA = b'{"records": {"data": [1]}}'
MISSING = http_answer(b"Resource not found", "404 Not Found", **COOKIE)
MOVED = http_answer(b"", "302 Found", Location="/get-quote/optionchain", **COOKIE)


@pytest.mark.parametrize(
    "page",
    [
        MOVED,
        MISSING,
        http_answer(b"Resource not found", **COOKIE),
        http_answer(b"\x0b\x7f", Content_Encoding="br", **COOKIE),  # nothing of it is needed
        http_answer(b"\x0b\x7f", Content_Encoding="gzip", **COOKIE),
        http_answer(b"", "410 Gone", **COOKIE),
    ],
    ids=lambda page: page.split(b"\r")[0].decode(),
)
def test_page_that_sets_cookies_has_done_its_work(page: bytes) -> None:
    with (
        answering(exchange_of(lambda: http_answer(DATA), page)) as (port, asked),
        client_of(f"http://127.0.0.1:{port}") as client,
    ):
        assert client.chain("NIFTY", NEAREST, within()) == DATA
        assert [target.split("?")[0] for target in asked] == [PAGE, KINDS, CHAIN]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (http_answer(b"", "401 Unauthorized", **COOKIE), "unauthorised"),
        (http_answer(b"Access Denied", "403 Forbidden", **COOKIE), "blocked"),
        (http_answer(b"Access Restricted", "403 Forbidden", **COOKIE), "rate_limited"),
        (http_answer(b"", "421 Misdirected Request", **COOKIE), "blocked"),
        (http_answer(b"", "429 Too Many Requests", **COOKIE), "rate_limited"),
        (http_answer(b"", "503 Service Unavailable", **COOKIE), "server_error"),
        # Without cookies a page has done nothing.
        (http_answer(b"", "302 Found", Location="/"), "server_error"),
        (http_answer(b"Resource not found", "404 Not Found"), "unauthorised"),
        (http_answer(b"Gone", "404 Not Found"), "server_error"),
        (http_answer(b"", "404 Not Found", Set_Cookie="nsit=1; Max-Age=0"), "server_error"),
        # The status alone is a refusal, whatever becomes of the body.
        (http_answer(b"\x0b", "403 Forbidden", Content_Encoding="gzip"), "blocked"),
        (http_answer(b"", "403 Forbidden")[:-4] + b"9\r\n\r\nno" + CLOSE, "blocked"),
    ],
    ids=str,
)
def test_page_that_refuses_asks_for_no_data(page: bytes, reason: str) -> None:
    with (
        answering(exchange_of(lambda: http_answer(DATA), page)) as (port, asked),
        client_of(f"http://127.0.0.1:{port}") as client,
    ):
        assert refusal(lambda: client.chain("NIFTY", NEAREST, within())).reason == reason
        assert asked == [PAGE]


BLANK = [
    *(b"", b" ", b"{ }", b" {}\n", b"[]", b"[{}]", b"null", b'""', b'" "', b"\xef\xbb\xbf{}"),
    *(b'{"records": {}}', b'{"records": null}', b'{"records":{"data":[]}}', b'{"data": {}}'),
    b'{"records":{"data":[],"timestamp":"","underlyingValue":0},"filtered":{"data":[]}}',
]


@pytest.mark.parametrize("body", BLANK)
def test_blank_body_renews_the_session_once_however_it_is_spelt(body: bytes) -> None:
    answers = iter([http_answer(body), http_answer(DATA), http_answer(body), http_answer(body)])
    with (
        answering(exchange_of(lambda: next(answers))) as (port, asked),
        client_of(f"http://127.0.0.1:{port}") as client,
    ):
        assert client.chain("NIFTY", NEAREST, within()) == DATA
        assert refusal(lambda: client.chain("NIFTY", NEAREST, within())).reason == "empty"
    assert [target.split("?")[0] for target in asked[1:]] == [KINDS, *[CHAIN, PAGE, CHAIN] * 2]


@pytest.mark.parametrize(
    "body", [b'{"expiryDates": [], "strikePrice": []}', b'{"FO": []}', b'{"data": []}', *BLANK]
)
@pytest.mark.parametrize("path", [KINDS, CONTRACTS, "/api/holiday-master"])
def test_blank_list_is_empty_at_every_endpoint(path: str, body: bytes) -> None:
    usual = exchange_of(lambda: http_answer(DATA))

    def answer(target: str) -> bytes:
        return http_answer(body) if target.split("?", maxsplit=1)[0] == path else usual(target)

    with answering(answer) as (port, asked), client_of(f"http://127.0.0.1:{port}") as client:
        read = client.holidays if "holiday" in path else partial(client.expiries, "NIFTY")
        assert refusal(lambda: read(within())).reason == "empty"
    assert [target.split("?")[0] for target in asked][-3:] == [path, PAGE, path]


def test_only_encodings_it_can_decode_are_asked_for(exchange: Exchange, client: NseClient) -> None:
    client.expiries("NIFTY", within())
    chain(client)
    encodings = {row.headers["accept-encoding"] for row in exchange.requests}
    assert encodings == {"gzip, deflate"}


def test_headers_are_those_of_a_browser_on_the_page(exchange: Exchange, client: NseClient) -> None:
    chain(client)
    for row in exchange.requests:
        assert row.headers["user-agent"].startswith("Mozilla/5.0 (")
        assert row.headers["accept-language"].startswith("en")
    page, *calls = exchange.requests
    assert page.headers["accept"].startswith("text/html")
    assert {row.headers["accept"] for row in calls} == {"application/json"}
    assert {row.headers["referer"] for row in calls} == {f"{exchange.url}{PAGE}"}


def test_ampersand_of_a_symbol_is_escaped(exchange: Exchange, client: NseClient) -> None:
    assert chain(client, symbol="M&M").quotes
    assert [row.query for row in exchange.requests.to(CONTRACTS)] == ["symbol=M%26M"]
    assert "symbol=M%26M" in exchange.requests.to(CHAIN)[0].query.split("&")


@pytest.fixture
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The environment of a network with a closed proxy; the requests that the proxy got."""
    closed = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with answering(lambda _: closed) as (port, asked):
        for name in ("NO_PROXY", "no_proxy", "http_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        yield asked


@pytest.mark.parametrize(
    ("scheme", "target"),
    [("https", "exchange.invalid:443"), ("http", "http://exchange.invalid/option-chain")],
)
def test_environment_s_proxy_is_used(behind_a_proxy: list[str], scheme: str, target: str) -> None:
    with client_of(f"{scheme}://exchange.invalid") as client:
        assert refusal(lambda: chain(client)).reason == "server_error"
    assert behind_a_proxy == [target]


LOGIN = "user:s3cret"
PROXIES = [
    f"http://{LOGIN}@127.0.0.1:9",
    f"http://{LOGIN}@[::1",
    f"http://{LOGIN}@proxy:port",
    f"http://{LOGIN}@",
    f"{LOGIN}@127.0.0.1:9",
    f"socks5://{LOGIN}@127.0.0.1:9",
    f"http://{LOGIN}€@127.0.0.1:9",
    f"http://{LOGIN}@127.0.0.1:99999",
]


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_password_of_a_proxy_is_in_no_refusal_and_no_log(
    scheme: str,
    proxy: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with caplog.at_level("DEBUG"), client_of(f"{scheme}://exchange.invalid") as client:
        error = refusal(lambda: chain(client, seconds=1))
    assert error.reason == "server_error"
    assert "s3cret" not in "".join(format_exception(error)) + caplog.text
