"""The client of the exchange, and servers for it to ask."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime

import orjson
import pytest

from chain_fetch.http.request_budget import RequestBudget
from chain_fetch.http.window import Window
from chain_fetch.nse.body_parser import parse
from chain_fetch.nse.client import NseClient
from chain_fetch.nse.http_session import NseHttpSession
from chain_fetch.refused import Refused
from chain_fetch.source import Places
from local.nse_simulator.faults import PAGE
from local.stand_in.server import RESET_ON_CLOSE
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Snapshot
from tests.support.bodies import Json
from tests.support.patience import PATIENCE_SECONDS, within

type Sent = bytes | Iterator[bytes]  # an answer, whole or in parts
CLOSE, RESET = b"<close>", b"<reset>"
KINDS = "/api/underlying-information"
NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)  # in India
TODAY = date(2026, 9, 16)
NEAREST = date(2026, 9, 22)
# The most that a setting allows, so that only tests of the budget wait for it.
_FAST = Window(20, 1)


@dataclass
class ShortWaits:
    """A budget whose waits take no time: its clock is put ahead by as much."""

    window: Window
    slept: float = 0.0

    @property
    def budget(self) -> RequestBudget:
        return RequestBudget([self.window], monotonic=self._monotonic, sleep=self._sleep)

    def _monotonic(self) -> float:
        return time.monotonic() + self.slept

    def _sleep(self, seconds: float) -> None:
        self.slept += seconds


@contextmanager
def client_of(
    url: str,
    places: Places | None = None,
    *,
    today: Callable[[], date] = lambda: TODAY,
    encoding: str | None = None,
) -> Iterator[NseClient]:
    """A client with a session of its own, which may ask for another encoding than usual."""
    with closing(NseHttpSession(url, places or RequestBudget([_FAST]))) as session:
        if encoding:
            session._sender._http.headers["Accept-Encoding"] = encoding
        yield NseClient(session, lambda: datetime.combine(today(), NOON.timetz()))


def chain(client: NseClient, seconds: float = PATIENCE_SECONDS, symbol: str = "NIFTY") -> Snapshot:
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
        barrier.wait(PATIENCE_SECONDS)
        work(number)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))


@contextmanager
def answering(answer: Callable[[str], Sent]) -> Iterator[tuple[int, list[str]]]:
    """A server that gives raw answers: its port, and the targets of the requests it got.

    It closes a connection after an answer that ends with CLOSE, and resets it after RESET. An
    answer may come in parts.
    """
    asked: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))
    open_sockets = [listener]

    def serve() -> None:
        with suppress(OSError):  # the listener was shut down
            while True:
                open_sockets.append(listener.accept()[0])
                with suppress(ConnectionError):  # the client closed it first
                    _converse(open_sockets[-1], answer, asked)

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


def _converse(connection: socket.socket, answer: Callable[[str], Sent], asked: list[str]) -> None:
    given = b""
    with connection.makefile("rb") as heard:
        while not given.endswith((CLOSE, RESET)) and (line := heard.readline()):
            while heard.readline().strip():
                pass
            asked.append(line.split()[1].decode())
            answered = answer(asked[-1])
            for given in [answered] if isinstance(answered, bytes) else answered:
                connection.sendall(given.removesuffix(CLOSE).removesuffix(RESET))
    if given.endswith(RESET):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    connection.close()


def http_answer(body: bytes = b"", status: str = "200 OK", **headers: object) -> bytes:
    """Return an answer as its bytes, with some headers such as `Set_Cookie`."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def dripped(answer: bytes, pause: float, begin: int = 0) -> Iterator[bytes]:
    """Yield an answer byte by byte, from `begin` on."""
    yield answer[:begin]
    for byte in answer[begin:]:
        time.sleep(pause)
        yield bytes([byte])


def exchange_of[T: Sent](chain: Callable[[], T], page: bytes = b"") -> Callable[[str], bytes | T]:
    """Return what a server answers whose underlyings are known, and whose chain is scripted."""
    lists: Json = {"IndexList": [{"symbol": "NIFTY"}], "UnderlyingList": [{"symbol": "IDEA"}]}

    def answer(target: str) -> bytes | T:
        if target.startswith(PAGE + "?") or target == PAGE:
            return page or http_answer(Set_Cookie="nsit=1")
        return http_answer(orjson.dumps({"data": lists})) if target == KINDS else chain()

    return answer
