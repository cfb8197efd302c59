"""The client of the exchange, and servers for it to ask."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime

import pytest

from chain_fetch.nse.client import NseClient
from chain_fetch.nse.http_session import NseHttpSession
from chain_fetch.payload.parser import parse
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Snapshot

KINDS = "/api/underlying-information"
NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)  # in India
TODAY = date(2026, 9, 16)
NEAREST = date(2026, 9, 22)
# The most that a setting allows, so that only tests of the budget wait for it.
_FAST = 20


@contextmanager
def client_of(
    url: str,
    requests_per_second: int = _FAST,
    *,
    today: Callable[[], date] = lambda: TODAY,
    encoding: str | None = None,
) -> Iterator[NseClient]:
    """A client with a session of its own, which may ask for another encoding than usual."""
    with closing(NseHttpSession(url, requests_per_second)) as session:
        if encoding:
            session._http.headers["Accept-Encoding"] = encoding
        yield NseClient(session, today)


def within(seconds: float = 3.0) -> float:
    """Return the deadline so many seconds from now."""
    return time.monotonic() + seconds


def chain(client: NseClient, seconds: float = 3.0, symbol: str = "NIFTY") -> Snapshot:
    """Return what the exchange answers for the nearest expiry, as the recorder reads it."""
    expiry = NEAREST if symbol == "NIFTY" else client.expiries(symbol, within(seconds))[0]
    return parse(client.chain(symbol, expiry, within(seconds)), symbol, NOON)


def refusal(call: Callable[[], object]) -> Refused | PayloadInvalid:
    """Return the refusal that a call ends in."""
    with pytest.raises((Refused, PayloadInvalid)) as caught:
        call()
    assert isinstance(caught.value, Refused | PayloadInvalid)
    return caught.value


def at_once(work: Callable[[int], object], threads: int) -> None:
    """Run `work` in so many threads that begin together; raise what one of them raised."""
    barrier = threading.Barrier(threads)

    def run(number: int) -> None:
        barrier.wait(5)
        work(number)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))


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
