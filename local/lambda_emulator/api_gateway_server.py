"""The HTTP server of the local API Gateway."""

import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

from local.lambda_emulator.api_gateway import ApiGateway
from local.lambda_emulator.proxy_event import HttpRequest, HttpResponse
from local.processes import HOST


class _Server(ThreadingHTTPServer):
    """The standard library's server, without an error message for a client that hangs up."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Print an error, unless the client has closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class ApiGatewayServer:
    """A gateway on a port of 127.0.0.1, each request in its own thread; 0 takes a free port."""

    def __init__(self, gateway: ApiGateway, port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"gateway": gateway})
        self._server = _Server((HOST, port), handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://{HOST}:{self._server.server_port}/{gateway.stage}"

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: ClassVar[ApiGateway]

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        request = HttpRequest(
            self.command,
            self.path,
            self.headers.items(),
            self.rfile.read(length),
            str(self.client_address[0]),
        )
        self._send(self.gateway.answer(request))

    do_GET = do_HEAD = do_POST = do_OPTIONS = do_PUT = do_DELETE = _serve  # noqa: N815

    def _send(self, response: HttpResponse) -> None:
        self.send_response(response.status)
        for name, text in response.headers:
            self.send_header(name, text)
        has_length = "content-length" in {name.lower() for name, _ in response.headers}
        if not has_length and response.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002
        """Log nothing: the function logs its requests."""
