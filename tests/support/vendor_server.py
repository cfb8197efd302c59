"""A real HTTP server that answers what a test says, as bytes: whole, in parts, or not at all."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from local.stand_in.server import RESET_ON_CLOSE
from tests.support.nse_client import CLOSE, RESET, Sent


class Asked(NamedTuple):
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query."""
        return dict(parse_qsl(urlsplit(self.target).query))


type Answering = Callable[[Asked], Sent]


@dataclass
class VendorServer:
    """The server: its address, what it answers, and what it was asked. `answer` may be replaced.

    It closes a connection after an answer that ends with CLOSE, and resets it after RESET.
    """

    url: str
    answer: Answering
    asked: list[Asked] = field(default_factory=list)

    def asked_for(self, path: str) -> list[Asked]:
        """The requests to a path."""
        return [each for each in self.asked if each.path == path]


@contextmanager
def vendor_server(answer: Answering) -> Iterator[VendorServer]:
    """A server on a free port of this machine; each connection has a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = VendorServer(f"http://127.0.0.1:{listener.getsockname()[1]}", answer)
    wires = [listener]
    threads: list[threading.Thread] = []

    def serve() -> None:
        with suppress(OSError):  # the listener was shut down
            while True:
                wires.append(listener.accept()[0])
                threads.append(threading.Thread(target=_converse, args=(wires[-1], server)))
                threads[-1].start()

    accepting = threading.Thread(target=serve)
    accepting.start()
    try:
        yield server
    finally:
        for wire in wires:
            with suppress(OSError):  # the client has gone
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()
        accepting.join()
        for thread in threads:
            thread.join()


def _converse(wire: socket.socket, server: VendorServer) -> None:
    given = b""
    with suppress(OSError), wire.makefile("rb") as heard:  # the client may close it first
        while not given.endswith((CLOSE, RESET)) and (line := heard.readline()):
            method, target, _ = line.decode().split(" ", 2)
            headers = {}
            while pair := heard.readline().strip():
                name, _, value = pair.decode().partition(":")
                headers[name.lower()] = value.strip()
            body = heard.read(int(headers.get("content-length", 0)))
            server.asked.append(asked := Asked(method, target, headers, body))
            answered = server.answer(asked)
            for given in [answered] if isinstance(answered, bytes) else answered:
                wire.sendall(given.removesuffix(CLOSE).removesuffix(RESET))
    if given.endswith(RESET):
        with suppress(OSError):
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    with suppress(OSError):
        wire.close()
