"""A request without an answer says which of it was, and where to: tried on real sockets."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import requests

from chain_fetch.dhan.http_session import DhanHttpSession
from chain_fetch.http.connection_faults import place_of, refusal_of
from chain_fetch.http.kept_connections import HttpClient
from chain_fetch.http.request import HttpRequest, answer_to
from chain_fetch.nse.http_session import NseHttpSession
from chain_fetch.refused import Refused
from chain_fetch.upstox.http_session import UpstoxHttpSession
from local.mongod import free_port
from local.stand_in.server import RESET_ON_CLOSE
from tests.integration.dhan.test_http_session import FakeTokens
from tests.support.patience import PATIENCE_SECONDS, within
from tests.support.source_parts import CountedPlaces, FakeCredentials

type Server = Callable[[socket.socket], None]
SECRET = "t0ken-of-mine"


def silent(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.recv(65_536)  # until the client has gone


def closing(connection: socket.socket) -> None:
    connection.recv(65_536)


def resetting(connection: socket.socket) -> None:
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)


def without_tls(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def cut_off(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")


@contextmanager
def listening(serve: Server) -> Iterator[int]:
    """A server on a free port that does this with its one connection."""

    def accept() -> None:
        connection, _ = listener.accept()
        with connection:
            serve(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@contextmanager
def full() -> Iterator[int]:
    """A server that accepts nobody, and whose queue is full: packets to it are dropped."""
    with socket.socket() as listener, socket.socket() as one, socket.socket() as other:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for client in (one, other):
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@contextmanager
def nobody() -> Iterator[int]:
    yield free_port()


def fault_of(url: str, seconds: float = PATIENCE_SECONDS) -> Refused:
    """Return the refusal of a request, whether it got no answer or one that was cut off."""
    asked = HttpRequest(f"{url}/path", {"totp": SECRET}, {"access-token": SECRET})
    with HttpClient({}, connections=1) as http:
        try:
            fault = answer_to(asked, http, within(seconds)).fault
        except Refused as refusal:
            fault = refusal
    assert fault is not None
    assert SECRET not in str(fault)
    return fault


@pytest.mark.parametrize(
    ("scheme", "server", "told"),
    [
        ("http", nobody(), "server_error: no connection to {}: refused, nothing listens there"),
        ("https", nobody(), "server_error: no connection to {}: refused, nothing listens there"),
        ("http", full(), "timeout: no connection to {} within # s"),
        ("http", listening(silent), "timeout: no answer of {} within # s"),
        ("https", listening(silent), "timeout: no answer of {} within # s"),
        (
            "https",
            listening(without_tls),
            "server_error: no connection to {}: TLS fails (WRONG_VERSION_NUMBER)",
        ),
        ("http", listening(resetting), "server_error: no answer of {}: the connection was reset"),
        ("https", listening(resetting), "server_error: no answer of {}: the connection was reset"),
        ("http", listening(closing), "server_error: no answer of {}: the connection was closed"),
        ("http", listening(cut_off), "truncated: the connection ended before the body ({})"),
    ],
)
def test_a_fault_says_which_it_was_and_where_to(
    scheme: str, server: AbstractContextManager[int], told: str
) -> None:
    seconds = 0.9 if told.startswith("timeout") else PATIENCE_SECONDS
    with server as port:
        said = str(fault_of(f"{scheme}://127.0.0.1:{port}", seconds))
        # A busy machine takes a part of the time before the request begins.
        said = re.sub(r"within 0\.\d s$", "within # s", said)
        assert said == told.format(f"127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (requests.ConnectTimeout(), "timeout: no connection to 127.0.0.1:80 within 0.5 s"),
        (requests.ReadTimeout(), "timeout: no answer of 127.0.0.1:80 within 2.0 s"),
    ],
)
def test_a_time_out_says_how_long_it_was_waited(error: Exception, told: str) -> None:
    assert str(refusal_of(error, "http://127.0.0.1/path", 0.5, 2)) == told


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443)])
def test_a_name_that_does_not_resolve_is_said_so(scheme: str, port: int) -> None:
    where = f"exchange.invalid:{port}"
    told = f"server_error: no connection to {where}: the name does not resolve (DNS)"
    assert str(fault_of(f"{scheme}://exchange.invalid")) == told


def test_of_a_proxy_it_is_said_that_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", f"http://user:{SECRET}@127.0.0.1:{free_port()}")
    told = str(fault_of("http://exchange.invalid"))
    assert "no connection to the proxy in front of exchange.invalid:80: refused" in told


def test_a_fault_of_no_kind_that_is_known_is_named_by_its_type() -> None:
    fault = refusal_of(requests.exceptions.InvalidSchema(SECRET), f"ftp://{SECRET}@host", 1, 1)
    assert str(fault) == "server_error: no connection to host:? (InvalidSchema)"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://www.nseindia.com/api?symbol=M%26M", "www.nseindia.com:443"),
        (f"http://user:{SECRET}@[::1]:8080/{SECRET}", "[::1]:8080"),
        ("http://host:99999/", "host:?"),
    ],
)
def test_a_place_is_host_and_port_and_nothing_else(url: str, place: str) -> None:
    assert place_of(url) == place


def of_nse(url: str) -> bytes:
    return NseHttpSession(url, CountedPlaces(9)).get("/api", {}, within())


def of_upstox(url: str) -> bytes:
    credentials: Any = FakeCredentials({"access_token": SECRET})
    return UpstoxHttpSession(url, CountedPlaces(9), credentials).get("/v2", {}, within())


def of_dhan(url: str) -> bytes:
    return DhanHttpSession(url, CountedPlaces(9), FakeTokens(None)).post("/v2", {}, within())


@pytest.mark.parametrize("ask", [of_nse, of_upstox, of_dhan])
def test_every_source_says_it(ask: Callable[[str], bytes]) -> None:
    port = free_port()
    with pytest.raises(Refused, match=f"no connection to 127.0.0.1:{port}: refused"):
        ask(f"http://127.0.0.1:{port}")
