"""A kept connection that the server closes costs no tick, and nothing else is sent twice."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain as joined
from itertools import repeat

import pytest

from chain_fetch.http.window import Window
from chain_fetch.nse.client import NseClient
from chain_fetch.source import Places
from local.nse_simulator.faults import CHAIN, PAGE
from local.nse_simulator.server import Exchange
from tests.support.nse_client import (
    CLOSE,
    KINDS,
    NEAREST,
    RESET,
    ShortWaits,
    answering,
    chain,
    client_of,
    exchange_of,
    http_answer,
    refusal,
)
from tests.support.patience import PATIENCE_SECONDS, within

DATA = b'{"records": {"data": [1]}}'
WHOLE = http_answer(DATA)
HALVES = [WHOLE[:5], WHOLE[:17], WHOLE[:30], WHOLE[:-5]]


@contextmanager
def served(
    *answers: bytes, places: Places | None = None
) -> Iterator[tuple[Callable[[float], bytes], list[str]]]:
    """A reader of the chain, whose requests get these answers, and the targets that were asked.

    The last answer comes again and again.
    """
    script = joined(answers, repeat(answers[-1]))
    with (
        answering(exchange_of(lambda: next(script))) as (port, asked),
        client_of(f"http://127.0.0.1:{port}", places) as client,
    ):
        yield lambda seconds: client.chain("NIFTY", NEAREST, within(seconds)), asked


def chains_of(asked: list[str]) -> list[str]:
    return [target for target in asked if target.startswith(CHAIN)]


@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_request_on_a_kept_connection_that_was_closed_is_sent_once_more(end: bytes) -> None:
    with served(end, WHOLE) as (read, asked):
        assert read(PATIENCE_SECONDS) == DATA
        assert asked[:2] == [PAGE, KINDS]
        assert len(set(asked[2:])) == 1
        assert len(asked) == 4


@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_request_on_a_new_connection_is_not_sent_again(end: bytes) -> None:
    with served(end) as (read, asked):
        assert refusal(lambda: read(PATIENCE_SECONDS)).reason == "server_error"
        assert len(chains_of(asked)) == 2
    with (
        answering(lambda _: end) as (port, asked),
        client_of(f"http://127.0.0.1:{port}") as client,
    ):
        assert refusal(lambda: chain(client)).reason == "server_error"
        assert asked == [PAGE]


@pytest.mark.parametrize("end", [CLOSE, RESET])
@pytest.mark.parametrize("half", HALVES, ids=len)
def test_request_whose_answer_had_begun_is_not_sent_again(half: bytes, end: bytes) -> None:
    with served(half + end, WHOLE) as (read, asked):
        assert refusal(lambda: read(PATIENCE_SECONDS)).reason in ("truncated", "server_error")
        assert len(chains_of(asked)) == 1


@pytest.mark.parametrize("half", HALVES[1:], ids=len)
def test_answer_that_ends_early_is_truncated(half: bytes) -> None:
    with served(half + CLOSE) as (read, _):
        assert refusal(lambda: read(PATIENCE_SECONDS)).reason == "truncated"


def test_request_that_is_not_answered_in_time_is_not_sent_again(
    exchange: Exchange, client: NseClient
) -> None:
    chain(client)
    exchange.requests.clear()
    exchange.faults.add("tarpit", times=1)
    assert refusal(lambda: chain(client, seconds=2)).reason == "timeout"
    assert len(exchange.requests.to(CHAIN)) == 1


def test_second_request_takes_a_place_in_the_budget() -> None:
    """The page, the underlyings and the chain have taken the places of these ten minutes."""
    waits = ShortWaits(Window(3, 600))
    with served(CLOSE, WHOLE, places=waits.budget) as (read, asked):
        assert refusal(lambda: read(PATIENCE_SECONDS)).reason == "server_error"
        assert len(chains_of(asked)) == 1
        assert waits.slept == 0
    with served(CLOSE, WHOLE, places=waits.budget) as (read, asked):
        assert read(700) == DATA
        assert len(chains_of(asked)) == 2
        assert 500 < waits.slept <= 600


@contextmanager
def closing_idle_connections(seconds: float) -> Iterator[int]:
    """A server that closes each connection after so many seconds without a request."""
    answer = exchange_of(lambda: WHOLE)
    listener = socket.create_server(("127.0.0.1", 0))

    def converse(connection: socket.socket) -> None:
        connection.settimeout(seconds)
        with connection, suppress(OSError):
            while request := connection.recv(4_096):
                connection.sendall(answer(request.split()[1].decode()))

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=converse, args=listener.accept()[:1]).start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    accepting.join()


def test_server_that_closes_idle_connections_at_the_period_of_ticks_costs_no_tick() -> None:
    period = 0.06
    with closing_idle_connections(period) as port, client_of(f"http://127.0.0.1:{port}") as client:
        began = time.monotonic()
        for number in range(15):
            time.sleep(max(began + number * period - time.monotonic(), 0))
            assert client.chain("NIFTY", NEAREST, within()) == DATA
