"""Limits of a request: its deadline, its size, and the number of requests in a second."""

import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from chain_fetch.http.request_budget import RequestBudget
from chain_fetch.http.sent_body import MAX_BODY_BYTES
from chain_fetch.http.window import Window
from chain_fetch.nse.client import NseClient
from chain_fetch.refused import Refused
from local.nse_simulator.faults import CHAIN, PAGE
from local.nse_simulator.server import Exchange
from local.stand_in.request_log import LoggedRequest
from tests.support.nse_client import (
    KINDS,
    NEAREST,
    ShortWaits,
    answering,
    at_once,
    chain,
    client_of,
    dripped,
    exchange_of,
    http_answer,
    refusal,
)
from tests.support.patience import PATIENCE_SECONDS, ends_soon, within


@pytest.mark.parametrize("path", [PAGE, KINDS, CHAIN])
def test_tarpit_ends_at_the_deadline(exchange: Exchange, client: NseClient, path: str) -> None:
    exchange.faults.add("tarpit", path=path)
    with ends_soon():
        assert refusal(lambda: chain(client, seconds=0.5)).reason == "timeout"


@pytest.mark.time_limits
def test_tarpit_ends_before_a_distant_deadline(exchange: Exchange, client: NseClient) -> None:
    exchange.faults.add("tarpit")
    with ends_soon():
        assert refusal(lambda: chain(client, seconds=60)).reason == "timeout"


@pytest.mark.parametrize("pause", [0.01, 0.2])
def test_drip_ends_at_the_deadline(exchange: Exchange, client: NseClient, pause: float) -> None:
    client.expiries("NIFTY", within())
    exchange.faults.add("slow_drip", seconds=pause)
    with ends_soon():
        assert refusal(lambda: chain(client, seconds=0.6)).reason == "timeout"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HEADERS = http_answer(b"{}", X_Long="x" * 3_000)  # a minute at 50 bytes a second


@pytest.mark.parametrize(
    ("answer", "begin"),
    [(HEADERS, 0), (HEADERS, 60), (CHUNKED + b"0" * 3_000, len(CHUNKED))],
    ids=["status line", "headers", "size of a chunk"],
)
def test_answer_that_drips_outside_of_its_body_ends_at_the_deadline(
    answer: bytes, begin: int
) -> None:
    """Each byte begins the time-out of a socket anew."""
    with (
        answering(exchange_of(lambda: dripped(answer, 0.02, begin))) as (port, _),
        client_of(f"http://127.0.0.1:{port}") as client,
    ):
        client._read_kinds(within())
        with ends_soon():
            assert refusal(lambda: client.chain("NIFTY", NEAREST, within(0.5))).reason == "timeout"


def test_proxy_that_drips_its_answer_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with answering(lambda _: dripped(HEADERS, 0.02)) as (port, asked):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        with client_of("https://exchange.invalid") as client, ends_soon():
            assert refusal(lambda: client.holidays(within(0.5))).reason == "timeout"
    assert asked == ["exchange.invalid:443"]


@pytest.mark.parametrize("encoding", ["gzip, deflate", "identity"])
def test_body_of_50_mb_is_refused_in_bounded_memory(exchange: Exchange, encoding: str) -> None:
    exchange.faults.add("huge", size=50_000_000)
    with client_of(exchange.url, encoding=encoding) as client:
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

    with answering(send_around) as (port, asked), client_of(f"http://127.0.0.1:{port}") as client:
        assert refusal(lambda: chain(client)).reason == "server_error"
    assert asked == [PAGE, KINDS]


def spans(rows: Sequence[LoggedRequest], requests: int) -> list[float]:
    """Return the seconds that each run of so many requests took at the server."""
    times = [row.at.timestamp() for row in rows]
    return [late - early for early, late in zip(times, times[requests - 1 :], strict=False)]


def keeps_to(allowed: int, exchange: Exchange, work: Callable[[NseClient], object]) -> bool:
    """Tell whether a client sends one request more than allowed in no less than a second.

    The way to the server varies where the machine is busy, so three clients may try.
    """
    for _ in range(3):
        known = len(list(exchange.requests))
        with client_of(exchange.url, RequestBudget([Window(allowed, 1)])) as client:
            work(client)
        if min(spans(list(exchange.requests)[known:], allowed + 1)) > 0.95:
            return True
    return False


@pytest.mark.parametrize("threads", [1, 8])
def test_server_sees_no_more_requests_than_allowed(exchange: Exchange, threads: int) -> None:
    allowed, readings = 5, 8

    def read(client: NseClient) -> None:
        at_once(lambda _: [chain(client) for _ in range(readings // threads)], threads)

    assert keeps_to(allowed, exchange, read)
    rows = list(exchange.requests)[-2 - readings :]
    # The client does not wait longer than the budget demands, but a busy machine may.
    assert rows[-1].at - rows[0].at < timedelta(seconds=len(rows) / allowed + PATIENCE_SECONDS)


def test_renewals_are_within_the_budget(exchange: Exchange) -> None:
    def renew(client: NseClient) -> None:
        exchange.faults.add("unauthorised", times=2)
        for _ in range(2):
            with suppress(Refused):
                chain(client)

    assert keeps_to(3, exchange, renew)


@pytest.mark.parametrize("left", [20.0, -1.0])
def test_busy_where_the_budget_leaves_no_request_in_time(exchange: Exchange, left: float) -> None:
    waits = ShortWaits(Window(2, 600))
    with client_of(exchange.url, waits.budget) as client:
        client._kinds.refresh("NIFTY", within())
        assert refusal(lambda: chain(client, seconds=left)).reason == "busy"
        assert exchange.requests.to(CHAIN) == []
        assert waits.slept == 0
        assert chain(client, seconds=700).quotes
        assert 500 < waits.slept <= 600
