"""The client of the exchange against a real HTTP server that refuses and misbehaves."""

import socket
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chain_fetch.nse.client import NseClient, UnknownSymbol
from chain_fetch.nse.http_session import MAX_BODY_BYTES, NseHttpSession
from chain_fetch.payload.parser import parse
from chain_fetch.refused import Refused
from local.mongod import free_port
from local.nse_simulator.faults import CHAIN, CONTRACTS, PAGE
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.request_log import LoggedRequest
from local.nse_simulator.server import Exchange
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Snapshot

KINDS = "/api/underlying-information"
NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)  # in India
TODAY = date(2026, 9, 16)
NEAREST = date(2026, 9, 22)
# The most that a setting allows, so that the budget is in the way of its own tests only.
FAST = 20


@pytest.fixture(scope="module")
def server() -> Iterator[Exchange]:
    with Exchange(SimulatedMarket(clock=lambda: NOON)) as exchange:
        yield exchange


@pytest.fixture
def exchange(server: Exchange) -> Exchange:
    """The exchange without a fault, and as if nobody had asked yet."""
    server.faults.clear()
    server.requests.clear()
    return server


@contextmanager
def session_with(url: str, requests_per_second: int = FAST) -> Iterator[NseHttpSession]:
    session = NseHttpSession(url, requests_per_second)
    try:
        yield session
    finally:
        session.close()


@pytest.fixture
def session(exchange: Exchange) -> Iterator[NseHttpSession]:
    with session_with(exchange.url) as session:
        yield session


@pytest.fixture
def client(session: NseHttpSession) -> NseClient:
    return NseClient(session, today=lambda: TODAY)


def within(seconds: float = 3.0) -> float:
    """The deadline so many seconds from now."""
    return time.monotonic() + seconds


def chain(client: NseClient, seconds: float = 3.0, symbol: str = "NIFTY") -> Snapshot:
    """What the exchange answers for the nearest expiry, read as the recorder reads it."""
    expiry = NEAREST if symbol == "NIFTY" else client.expiries(symbol, within(seconds))[0]
    return parse(client.chain(symbol, expiry, within(seconds)), symbol, NOON)


def refusal(call: Callable[[], object]) -> Refused | PayloadInvalid:
    """The refusal that a call ends in."""
    with pytest.raises((Refused, PayloadInvalid)) as caught:
        call()
    assert isinstance(caught.value, Refused | PayloadInvalid)
    return caught.value


def cookies(asked: LoggedRequest) -> dict[str, str]:
    pairs = asked.headers.get("cookie", "").split("; ")
    return dict(pair.split("=", 1) for pair in pairs if pair)


def at_once(work: Callable[[int], object], threads: int) -> None:
    """Run `work` in so many threads that begin together; raise what one of them raised."""
    barrier = threading.Barrier(threads)

    def run(number: int) -> None:
        barrier.wait(5)
        work(number)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))


# ── the session ──────────────────────────────────────────────────────────────────────────────


def test_session_is_warmed_up_once_and_its_cookies_are_used_again(
    exchange: Exchange, client: NseClient
) -> None:
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
    exchange: Exchange, client: NseClient, kind: str, details: dict[str, Any]
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
    market = SimulatedMarket(clock=lambda: NOON)
    with Exchange(market, cookie_seconds=0.2) as exchange, session_with(exchange.url) as session:
        client = NseClient(session, today=lambda: TODAY)
        until = within(5)
        while len(exchange.requests.to(PAGE)) < 2:
            assert time.monotonic() < until
            assert chain(client).quotes
            time.sleep(0.05)
        assert [row.path for row in exchange.requests if row.status == 401] == [CHAIN]


def test_threads_that_are_refused_together_renew_once(
    exchange: Exchange, client: NseClient
) -> None:
    chain(client)
    exchange._app.cookies._issued.clear()  # as after a restart of the exchange's nodes
    at_once(lambda _: chain(client), threads=8)
    assert len(exchange.requests.to(PAGE)) == 2


def test_renewals_are_capped_at_four_a_minute(exchange: Exchange, client: NseClient) -> None:
    exchange.faults.add("unauthorised")
    answers = [refusal(lambda: chain(client)) for _ in range(6)]
    assert {answer.reason for answer in answers} == {"unauthorised"}
    assert len(exchange.requests.to(PAGE)) == 1 + 4
    # Once the cap is reached a refusal costs the one request that was refused.
    assert len(exchange.requests.to(CHAIN)) == 4 * 2 + 2
    assert "too often" in str(answers[-1])


def test_refused_warm_up_is_the_answer_and_asks_for_no_data(
    exchange: Exchange, client: NseClient
) -> None:
    exchange.faults.add("access_denied", path=PAGE, times=1)
    assert refusal(lambda: chain(client)).reason == "blocked"
    assert exchange.requests.to("/api/") == []
    assert chain(client).quotes


# ── what it sends ────────────────────────────────────────────────────────────────────────────


def test_encodings_it_cannot_decode_are_never_asked_for(
    exchange: Exchange, client: NseClient
) -> None:
    client.expiries("NIFTY", within())
    chain(client)
    encodings = {row.headers["accept-encoding"] for row in exchange.requests}
    assert encodings == {"gzip, deflate"}


def test_headers_are_those_of_a_browser_that_came_by_the_page(
    exchange: Exchange, client: NseClient
) -> None:
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


# ── refusals ─────────────────────────────────────────────────────────────────────────────────


REFUSALS: list[tuple[str, dict[str, Any], str, float | None]] = [
    ("html_200", {}, "not_json", None),
    ("undecodable", {}, "not_json", None),
    ("truncated", {}, "truncated", None),
    ("access_denied", {}, "blocked", None),
    ("http_421", {}, "blocked", None),
    ("rate_limited", {}, "rate_limited", 600.0),
    ("too_many", {}, "rate_limited", None),
    ("too_many", {"retry_after": 17}, "rate_limited", 17.0),
    ("server_error", {}, "server_error", None),
    ("server_error", {"status": 500}, "server_error", None),
    ("server_error", {"status": 502, "retry_after": 9}, "server_error", 9.0),
    ("server_error", {"status": 302}, "server_error", None),
    ("connection_reset", {}, "server_error", None),
]


@pytest.mark.parametrize(("kind", "details", "reason", "retry_after"), REFUSALS)
def test_refusal_has_its_reason_and_costs_one_request(
    exchange: Exchange,
    client: NseClient,
    kind: str,
    details: dict[str, Any],
    reason: str,
    retry_after: float | None,
) -> None:
    client.expiries("NIFTY", within())
    exchange.faults.add(kind, times=1, **details)
    answer = refusal(lambda: chain(client))
    assert (answer.reason, getattr(answer, "retry_after", None)) == (reason, retry_after)
    assert len(exchange.requests.to(CHAIN)) == 1
    assert len(exchange.requests.to(PAGE)) == 1
    assert chain(client).quotes


def test_nothing_listens() -> None:
    with session_with(f"http://127.0.0.1:{free_port()}") as session:
        client = NseClient(session, today=lambda: TODAY)
        assert refusal(lambda: chain(client)).reason == "server_error"


@pytest.mark.parametrize("path", [PAGE, KINDS, CHAIN])
def test_tarpit_ends_at_the_deadline(exchange: Exchange, client: NseClient, path: str) -> None:
    exchange.faults.add("tarpit", path=path)
    started = time.monotonic()
    assert refusal(lambda: chain(client, seconds=0.5)).reason == "timeout"
    assert time.monotonic() - started < 0.9


def test_tarpit_ends_before_a_distant_deadline(exchange: Exchange, client: NseClient) -> None:
    exchange.faults.add("tarpit")
    started = time.monotonic()
    assert refusal(lambda: chain(client, seconds=60)).reason == "timeout"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("pause", [0.01, 0.2])
def test_drip_does_not_outlast_the_deadline(
    exchange: Exchange, client: NseClient, pause: float
) -> None:
    client.expiries("NIFTY", within())
    exchange.faults.add("slow_drip", seconds=pause)
    started = time.monotonic()
    assert refusal(lambda: chain(client, seconds=0.6)).reason == "timeout"
    assert time.monotonic() - started < 1.1


@pytest.mark.parametrize("encoding", ["gzip, deflate", "identity"])
def test_body_of_50_mb_is_refused_in_bounded_memory(exchange: Exchange, encoding: str) -> None:
    exchange.faults.add("huge", size=50_000_000)
    with session_with(exchange.url) as session:
        session._http.headers["Accept-Encoding"] = encoding
        client = NseClient(session, today=lambda: TODAY)
        client.expiries("NIFTY", within())
        tracemalloc.start()
        try:
            answer = refusal(lambda: chain(client))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert answer.reason == "invalid_payload"
    assert peak < 3 * MAX_BODY_BYTES


def test_redirects_are_not_followed_past_the_budget() -> None:
    """Each would be a request beyond the budget, and begin its time-outs anew."""

    def send_around(path: str) -> bytes:
        if path == PAGE:
            return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        return b"HTTP/1.1 302 Found\r\nLocation: /api/more\r\nContent-Length: 0\r\n\r\n"

    with (
        answering(send_around) as (port, asked),
        session_with(f"http://127.0.0.1:{port}") as session,
    ):
        client = NseClient(session, today=lambda: TODAY)
        assert refusal(lambda: chain(client)).reason == "server_error"
    assert asked == [PAGE, KINDS]


# ── the budget ───────────────────────────────────────────────────────────────────────────────


def spans(rows: Sequence[LoggedRequest], requests: int) -> list[float]:
    """The seconds that each run of so many requests took, as the server saw them come."""
    times = [row.at.timestamp() for row in rows]
    return [late - early for early, late in zip(times, times[requests - 1 :], strict=False)]


@pytest.mark.parametrize("threads", [1, 8])
def test_server_never_sees_more_requests_a_second_than_allowed(
    exchange: Exchange, threads: int
) -> None:
    allowed, readings = 5, 8
    with session_with(exchange.url, allowed) as session:
        client = NseClient(session, today=lambda: TODAY)
        at_once(lambda _: [chain(client, seconds=10) for _ in range(readings // threads)], threads)
    rows = list(exchange.requests)
    assert len(rows) == 2 + readings
    # One more than allowed takes at least a second, but for what the way to the server varies.
    assert min(spans(rows, allowed + 1)) > 0.95
    # Nor does it dawdle: so many requests are done as soon as the budget lets them.
    assert rows[-1].at - rows[0].at < timedelta(seconds=len(rows) / allowed + 0.5)


def test_renewals_are_within_the_budget(exchange: Exchange) -> None:
    exchange.faults.add("unauthorised", times=2)
    with session_with(exchange.url, 3) as session:
        client = NseClient(session, today=lambda: TODAY)
        for _ in range(2):
            with suppress(Refused):
                chain(client, seconds=10)
    assert min(spans(list(exchange.requests), 4)) > 0.95


@pytest.mark.parametrize("left", [0.2, -1.0])
def test_busy_where_the_budget_leaves_no_request_before_the_deadline(
    exchange: Exchange, left: float
) -> None:
    with session_with(exchange.url, 2) as session:
        client = NseClient(session, today=lambda: TODAY)
        client._kind("NIFTY", within())
        started = time.monotonic()
        assert refusal(lambda: chain(client, seconds=left)).reason == "busy"
        assert time.monotonic() - started < 0.5
        assert exchange.requests.to(CHAIN) == []
        assert chain(client).quotes


# ── what is remembered ───────────────────────────────────────────────────────────────────────


class Days:
    """A day in India that a test turns over, for the exchange and its client alike."""

    def __init__(self, day: date = TODAY) -> None:
        self.day = day

    def __call__(self) -> date:
        return self.day

    def noon(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 6, 30, tzinfo=UTC)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def living(days: Days) -> Iterator[tuple[Exchange, NseClient]]:
    """An exchange and a client for which days pass."""
    with (
        Exchange(SimulatedMarket(clock=days.noon)) as exchange,
        session_with(exchange.url) as session,
    ):
        yield exchange, NseClient(session, today=days)


def test_contract_info_is_read_once_until_its_nearest_expiry_has_passed(
    living: tuple[Exchange, NseClient], days: Days
) -> None:
    exchange, client = living
    listed = exchange.market.expiries("NIFTY")
    while days.day <= NEAREST:
        assert client.expiries("NIFTY", within()) == listed
        days.day += timedelta(days=1)
    assert len(exchange.requests.to(CONTRACTS)) == 1
    assert client.expiries("NIFTY", within()) == exchange.market.expiries("NIFTY") != listed
    assert len(exchange.requests.to(CONTRACTS)) == 2


def test_underlyings_are_read_once_a_day(living: tuple[Exchange, NseClient], days: Days) -> None:
    exchange, client = living
    for _ in range(2):
        for symbol in ("NIFTY", "BANKNIFTY", "IDEA"):
            client.chain(symbol, exchange.market.expiries(symbol)[0], within())
        days.day += timedelta(days=1)
    assert len(exchange.requests.to(KINDS)) == 2


def test_expiry_of_today_is_kept(living: tuple[Exchange, NseClient], days: Days) -> None:
    _, client = living
    days.day = NEAREST
    assert client.expiries("NIFTY", within())[0] == NEAREST


@pytest.mark.parametrize("path", [KINDS, CONTRACTS])
@pytest.mark.parametrize(
    ("kind", "details", "reason"),
    [
        ("server_error", {"status": 500}, "server_error"),
        ("html_200", {}, "not_json"),
        ("truncated", {}, "truncated"),
        ("access_denied", {}, "blocked"),
        ("tarpit", {}, "timeout"),
    ],
)
def test_failure_to_learn_the_expiries_has_its_reason_and_is_not_remembered(
    exchange: Exchange,
    client: NseClient,
    path: str,
    kind: str,
    details: dict[str, Any],
    reason: str,
) -> None:
    exchange.faults.add(kind, path=path, times=1, **details)
    assert refusal(lambda: client.expiries("NIFTY", within(0.4))).reason == reason
    assert client.expiries("NIFTY", within())[0] == NEAREST


def test_empty_contract_info_is_asked_again_after_one_renewal(
    exchange: Exchange, client: NseClient
) -> None:
    exchange.faults.add("empty", path=CONTRACTS)
    assert refusal(lambda: client.expiries("NIFTY", within())).reason == "empty"
    assert len(exchange.requests.to(CONTRACTS)) == 2


def test_failed_reading_forgets_nothing_that_is_still_good(
    exchange: Exchange, client: NseClient
) -> None:
    client.expiries("NIFTY", within())
    exchange.faults.add("server_error", path="/api/")
    assert client.expiries("NIFTY", within())[0] == NEAREST


# ── types and symbols ────────────────────────────────────────────────────────────────────────


def test_type_is_read_from_underlying_information(exchange: Exchange, client: NseClient) -> None:
    symbols = exchange.market.symbols()
    assert set(symbols.values()) == {"Indices", "Equity"}
    for symbol, kind in symbols.items():
        client.chain(symbol, exchange.market.expiries(symbol)[0], within())
        assert f"type={kind}" in exchange.requests.to(CHAIN)[-1].query.split("&")
    assert len(exchange.requests.to(KINDS)) == 1


def test_unknown_symbol_costs_no_further_request(exchange: Exchange, client: NseClient) -> None:
    for _ in range(3):
        with pytest.raises(UnknownSymbol, match="'NITFY' has no options at the exchange"):
            client.expiries("NITFY", within())
        with pytest.raises(UnknownSymbol):
            client.chain("NITFY", NEAREST, within())
    assert [row.path for row in exchange.requests] == [PAGE, KINDS]
    assert chain(client).quotes


# ── proxies ──────────────────────────────────────────────────────────────────────────────────


@contextmanager
def answering(answer: Callable[[str], bytes]) -> Iterator[tuple[int, list[str]]]:
    """A server that gives raw answers: its port, and the targets of the requests it got."""
    asked: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))
    open_sockets = [listener]

    def serve() -> None:
        with suppress(OSError):  # the listener was shut down
            while True:
                open_sockets.append(listener.accept()[0])
                converse(open_sockets[-1])

    def converse(connection: socket.socket) -> None:
        with connection.makefile("rb") as heard:
            while line := heard.readline():
                while heard.readline().strip():
                    pass
                asked.append(line.split()[1].decode())
                connection.sendall(answer(asked[-1]))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(listener.getsockname()[1]), asked
    finally:
        for wire in open_sockets:
            with suppress(OSError):  # the client has gone
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()
        thread.join()


@pytest.fixture
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The environment of a network whose proxy lets nobody out; what the proxy was asked."""
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
def test_proxy_of_the_environment_is_asked(
    behind_a_proxy: list[str], scheme: str, target: str
) -> None:
    with session_with(f"{scheme}://exchange.invalid") as session:
        client = NseClient(session, today=lambda: TODAY)
        assert refusal(lambda: chain(client)).reason == "server_error"
    assert behind_a_proxy == [target]
