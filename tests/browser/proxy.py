"""What stands between browser and application: a stage, a key, errors, a gate, and a log."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from threading import Event
from typing import Any, NamedTuple

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chain_api.openapi.operations import is_data
from chain_api.problems.catalogue import MEDIA_TYPE

_EXAMPLES = files("chain_api") / "schemas" / "examples.json"
_PROBLEMS: dict[str, dict[str, Any]] = json.loads(_EXAMPLES.read_bytes())["problems"]
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_TIMEOUT_SECONDS = 60


class Request(NamedTuple):
    """A request and its answer; the path is without the stage."""

    path: str
    headers: Headers
    status: int
    bytes: int


@dataclass
class Proxy:
    """An ASGI application before the real one, as API Gateway stands before the function.

    `stage` precedes every path, and nothing is found outside of it. `key` is asked for where the
    template asks for one. `problem` is the slug of a problem that all data are answered with, and
    `retry_after` its seconds. `html_status` is the status of an HTML page that is sent in place of
    data. Requests for data wait at a `gate` until it is set. `on_answer` is called with the path
    of each answer before the next request is read.
    """

    app: ASGIApp
    stage: str = ""
    key: str | None = None
    problem: str | None = None
    retry_after: int | None = None
    html_status: int | None = None
    gate: Event | None = None
    on_answer: Callable[[str], None] | None = None
    requests: list[Request] = field(default_factory=list)
    _in_flight: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log it."""
        status = size = 0

        async def logged(message: Message) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        self._in_flight += 1
        headers = Headers(scope=scope)
        path = scope["path"].removeprefix(self.stage)
        try:
            if self.gate and is_data(path):
                await asyncio.to_thread(self.gate.wait, _TIMEOUT_SECONDS)
            inner = {**scope, "path": path, "raw_path": path.encode()}
            await (self._own_answer(scope["path"], headers) or self.app)(inner, receive, logged)
        finally:
            self.requests.append(Request(path, headers, status, size))
            if self.on_answer:
                self.on_answer(path)
            self._in_flight -= 1

    def requests_to(self, path: str) -> list[Request]:
        """Return the requests below a path, in the order of the answers."""
        return [each for each in self.requests if each.path.startswith(path)]

    def wait(self, *, busy: bool) -> None:
        """Wait until a request is in flight, or none; the time-out of the test ends it."""
        while bool(self._in_flight) is not busy:
            time.sleep(0.001)

    def _own_answer(self, whole_path: str, headers: Headers) -> Response | None:
        """Return what is answered without the application."""
        path = whole_path.removeprefix(self.stage)
        if not whole_path.startswith(f"{self.stage}/"):
            return Response(b'{"message":"Missing Authentication Token"}', 403)
        if not is_data(path):
            return None
        if self.key and headers.get("x-api-key") != self.key:
            return _problem("invalid-api-key", path)
        if self.problem:
            return _problem(self.problem, path, self.retry_after)
        if self.html_status:
            return Response("<!doctype html><title>Not here</title>", self.html_status, _HTML)
        return None


def _problem(slug: str, path: str, retry_after: int | None = None) -> Response:
    body = {**_PROBLEMS[slug], "instance": path}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(json.dumps(body), body["status"], headers, MEDIA_TYPE)
