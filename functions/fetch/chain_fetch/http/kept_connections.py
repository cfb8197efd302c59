"""HTTP connections that tell when the server had closed them while they were kept.

A server closes connections that were idle for some seconds. If it does so just when a request is
sent, the request was not read by anyone, and may be sent again. urllib3 notices a closed connection
before it sends, but not one that is closed at that very moment.
"""

import socket
from collections.abc import Mapping
from http.client import HTTPResponse, RemoteDisconnected
from io import BufferedReader
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.poolmanager import PoolManager
from urllib3.response import BaseHTTPResponse

from chain_fetch.http.deadline_reader import DeadlineReader
from chain_fetch.http.sending import wait_to_send


class KeptConnectionClosed(ConnectionResetError):
    """A connection that had served a request before was closed before a byte of the answer came."""


class _NoByteCame(RemoteDisconnected):
    """The connection was closed before a byte of the answer came."""


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(DeadlineReader(self.fp.detach(), sock))

    def begin(self) -> None:
        try:
            came = self.fp.peek(1)
        except ConnectionError as error:
            raise _NoByteCame("no byte of an answer came") from error
        if not came:
            raise _NoByteCame("no byte of an answer came")
        super().begin()


class _Connection(HTTPConnection):
    response_class = _Response
    _served = False  # whether the present connection has served a request

    def connect(self) -> None:
        self._served = False
        super().connect()

    def request(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        if self.sock is None:
            self.connect()
        wait_to_send()
        try:
            super().request(*arguments, **options)
        except ConnectionResetError as error:
            self._tell(error)
            raise

    def getresponse(self) -> BaseHTTPResponse:  # type: ignore[override]
        try:
            response = super().getresponse()
        except _NoByteCame as error:
            self._tell(error)
            raise
        self._served = True
        return response

    def _tell(self, error: ConnectionResetError) -> None:
        if self._served:
            raise KeptConnectionClosed(str(error)) from error


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().init_poolmanager(*arguments, **options)
        _tell(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:  # noqa: ANN401
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        _tell(manager)
        return manager


def _tell(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class HttpClient(requests.Session):
    """Sends requests over kept connections, at most so many `connections` at once."""

    def __init__(self, headers: Mapping[str, str], connections: int) -> None:
        super().__init__()
        self.headers.update(headers)
        # Without it, a file `.netrc` of the user would replace the token of a request.
        self.auth = _as_it_is
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(pool_connections=1, pool_maxsize=connections))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return no target: requests would read the body of a redirect whole, without a bound."""


def was_kept_and_closed(error: BaseException | None) -> bool:
    """Return whether KeptConnectionClosed is behind an error of requests."""
    while error is not None and not isinstance(error, KeptConnectionClosed):
        error = error.__context__
    return error is not None
