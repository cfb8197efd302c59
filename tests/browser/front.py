"""What stands between a browser and the application: a stage, a key, faults, and a log."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, NamedTuple

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chain_api.openapi.operations import is_data
from chain_api.problems.catalogue import MEDIA_TYPE

_EXAMPLES = files("chain_api") / "schemas" / "examples.json"
_PROBLEMS: dict[str, dict[str, Any]] = json.loads(_EXAMPLES.read_bytes())["problems"]
_HTML = {"Content-Type": "text/html; charset=utf-8"}


class Asked(NamedTuple):
    """A request and how it was answered; the path is without the stage."""

    path: str
    query: str
    headers: Headers
    status: int
    bytes: int


@dataclass
class Front:
    """An ASGI application before the real one, as API Gateway stands before the function.

    `stage` precedes every path, and nothing is found outside of it; `key` is asked for where the
    template asks for one. `fault` is the slug of a problem that data are answered with, and
    `retry_after` its seconds; `stray` is a status under which they are answered with a page, as
    some proxy's; `delay` are seconds before any answer. `then` is called with the path of each
    answer, before anything else is asked.
    """

    app: ASGIApp
    stage: str = ""
    key: str | None = None
    fault: str | None = None
    retry_after: int | None = None
    stray: int | None = None
    delay: float = 0.0
    then: Callable[[str], None] | None = None
    in_flight: int = 0
    asked: list[Asked] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and note it."""
        status = size = 0

        async def noted(message: Message) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        self.in_flight += 1
        headers = Headers(scope=scope)
        path = scope["path"].removeprefix(self.stage)
        try:
            await asyncio.sleep(self.delay)
            inner = {**scope, "path": path, "raw_path": path.encode()}
            await (self._own(scope["path"], headers) or self.app)(inner, receive, noted)
        finally:
            self.in_flight -= 1
            query = scope["query_string"].decode()
            self.asked.append(Asked(path, query, headers, status, size))
            if self.then:
                self.then(path)

    def to(self, path: str) -> list[Asked]:
        """Return what was asked below a path, in the order of the answers."""
        return [each for each in self.asked if each.path.startswith(path)]

    def _own(self, whole: str, headers: Headers) -> Response | None:
        """Return what is answered without the application."""
        path = whole.removeprefix(self.stage)
        if not whole.startswith(f"{self.stage}/"):
            return Response(b'{"message":"Missing Authentication Token"}', 403)
        if not is_data(path):
            return None
        if self.key and headers.get("x-api-key") != self.key:
            return _problem("invalid-api-key", path)
        if self.fault:
            return _problem(self.fault, path, self.retry_after)
        if self.stray:
            return Response("<!doctype html><title>Not here</title>", self.stray, _HTML)
        return None


def _problem(slug: str, path: str, retry_after: int | None = None) -> Response:
    body = {**_PROBLEMS[slug], "instance": path}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(json.dumps(body), body["status"], headers, MEDIA_TYPE)
