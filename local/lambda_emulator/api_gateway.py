"""A stand-in for the stage of API Gateway: HTTP in, the built API function, HTTP out.

It knows routes, the stage's path, signatures by their shape alone, compression, and what the
template has API Gateway say by itself. It knows no keys, quotas or throttles.
"""

import gzip
import json
import re
import sys
from collections.abc import Collection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from local.lambda_emulator.artifact import Artifact
from local.lambda_emulator.environment_pool import EnvironmentPool
from local.lambda_emulator.proxy_event import (
    HttpRequest,
    HttpResponse,
    event_of,
    path_in,
    response_of,
)
from local.lambda_emulator.runtime_emulator import HOST, InvocationFailed

# As the template's OpenAPI body asks for a signature and names a header.
_SIGNED: list[dict[str, list[str]]] = [{"AWS_IAM": []}]
_HEADER = "gatewayresponse.header."


class ApiGateway:
    """What API Gateway does with a request, over environments of the API function."""

    def __init__(self, artifact: Artifact, fleet: EnvironmentPool, stage: str = "prod") -> None:
        api = artifact.template["Resources"]["Api"]["Properties"]
        self._routes = artifact.routes
        self._compressed_from = int(api["MinimumCompressionSize"])
        self._own_answers = artifact.gateway_responses
        self._fleet = fleet
        self.stage = stage

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        path = path_in(self.stage, request.target)
        resource = path and resource_of(path, {route for _, route in self._routes})
        route = self._routes.get((request.method, resource or ""))
        if path is None or resource is None or route is None:
            return self._own("MISSING_AUTHENTICATION_TOKEN", request)
        event = event_of(request, self.stage, path, resource)
        signed = event["requestContext"]["identity"]["userArn"]
        if route.get("security") == _SIGNED and not signed:
            return self._own("MISSING_AUTHENTICATION_TOKEN", request)
        try:
            with self._fleet.environment() as one:
                found = response_of(one.invoke(event))
        except InvocationFailed as error:
            late = "timed out" in error.message
            return self._own("INTEGRATION_TIMEOUT" if late else "INTEGRATION_FAILURE", request)
        except ValueError:
            return self._own("INTEGRATION_FAILURE", request)
        return self._compressed(found, request)

    def _own(self, kind: str, request: HttpRequest) -> HttpResponse:
        """Return what the template has API Gateway answer by itself."""
        own = self._own_answers[kind]
        path = json.dumps(request.target.partition("?")[0])
        body = own["responseTemplates"]["application/json"].replace('"$context.path"', path)
        headers = [
            (name.removeprefix(_HEADER), text.strip("'"))
            for name, text in own["responseParameters"].items()
        ]
        return HttpResponse(int(own["statusCode"]), headers, body.encode())

    def _compressed(self, answer: HttpResponse, request: HttpRequest) -> HttpResponse:
        wanted = "gzip" in request.header("accept-encoding")
        if not wanted or len(answer.body) < self._compressed_from:
            return answer
        headers = [pair for pair in answer.headers if pair[0].lower() != "content-length"]
        body = gzip.compress(answer.body, 5, mtime=0)
        return HttpResponse(answer.status, [*headers, ("Content-Encoding", "gzip")], body)


def resource_of(path: str, resources: Collection[str]) -> str | None:
    """Return the route that a path fits: the one of its very name, else the longest greedy one."""
    if path in resources:
        return path
    greedy = [one for one in resources if one.endswith("/{proxy+}")]
    fitting = [one for one in greedy if re.fullmatch(re.escape(one[:-8]) + ".+", path)]
    return max(fitting, key=len, default=None)


class _Server(ThreadingHTTPServer):
    """The standard library's server, which takes a client that hangs up for nothing special."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Write what went wrong, unless the client has gone."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class ApiGatewayServer:
    """A gateway on a port of 127.0.0.1, each request in a thread; 0 takes a free port."""

    def __init__(self, gateway: ApiGateway, port: int = 0) -> None:
        self._server = _Server((HOST, port), handler_of(gateway))
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://{HOST}:{self._server.server_port}/{gateway.stage}"

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests."""
        self._server.shutdown()
        self._server.server_close()


def handler_of(gateway: ApiGateway) -> type[BaseHTTPRequestHandler]:
    """Return the handler of the standard library's server that hands requests to a gateway."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            request = HttpRequest(
                self.command,
                self.path,
                self.headers.items(),
                self.rfile.read(length),
                str(self.client_address[0]),
            )
            answer = gateway.answer(request)
            self.send_response(answer.status)
            given = {name.lower() for name, _ in answer.headers}
            for name, text in answer.headers:
                self.send_header(name, text)
            if "content-length" not in given and answer.status != 304:  # noqa: PLR2004
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_POST = do_OPTIONS = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002
            """Nothing: the function logs its requests."""

    return Handler
