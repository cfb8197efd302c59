"""Compressed answers, each with an entity tag of its own; none where a gateway compresses."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The same as API Gateway's in template.yaml. A smaller body fits into one packet either way.
LEAST_COMPRESSED_BYTES = 1024
# A chain of 206 legs: level 1 makes 14.6 % of it in 0.3 ms, 5 11.7 % in 0.7 ms, 9 11.1 % in 2.4 ms.
_LEVEL = 5
_NOT_MODIFIED = 304
_REFUSED = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)", re.IGNORECASE)


class Compression:
    """ASGI middleware: gzip for clients that accept it.

    A strong entity tag names exact bytes (RFC 9110, 8.8.3.3), so `"abc"` becomes `"abc-gzip"` if
    the body is compressed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._app = GZipMiddleware(app, minimum_size=LEAST_COMPRESSED_BYTES, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and compress its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        known = headers.get("if-none-match", "")

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tag(MutableHeaders(scope=message), message["status"], known)
            await send(message)

        await (self._app if accepts_gzip(headers) else self._plain)(scope, receive, tagged)


def accepts_gzip(headers: Headers) -> bool:
    """Tell whether a client takes an answer that is compressed with gzip."""
    accepted = headers.get("accept-encoding", "")
    return "gzip" in accepted and not _REFUSED.search(accepted)


def _tag(headers: MutableHeaders, status: int, known: str) -> None:
    tag = headers.get("etag", "")
    compressed = tag[:-1] + '-gzip"'
    if "Accept-Encoding" not in headers.get("vary", ""):
        headers.add_vary_header("Accept-Encoding")
    if status == _NOT_MODIFIED:  # the tag must be the one that the client sent
        named = compressed in known
    else:
        named = headers.get("content-encoding") == "gzip"
    if named and tag.startswith('"'):
        headers["ETag"] = compressed


class Uncompressed:
    """ASGI middleware: hides from the application which encodings the client accepts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on without its Accept-Encoding."""
        await self._app(_uncompressed(scope), receive, send)


def _uncompressed(scope: Scope) -> Scope:
    rest = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": rest}
