"""Moments in the time of India, where a request asks for it: `tz=IST`."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from urllib.parse import parse_qs

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chain_api.parameters.time_zone import is_ist
from chain_api.problems.catalogue import Problem
from chain_api.problems.handlers import problem_response
from chain_api.problems.route_parameters import TIME_ZONE
from optionchain.exchange_time import IST

_MOMENT = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)((?:\.\d{1,6})?)Z")
_OFFSET = IST.utcoffset(None)
# A problem repeats what was sent, so it stays as it is.
_WITH_MOMENTS = ("application/json", "text/csv", "application/x-ndjson")
_HEADERS = ("x-timestamp", "x-last-seen-at")
_MARK = "-ist"


class TimeZone:
    """ASGI middleware: writes the moments of an answer as `2026-06-19T15:02:30+05:30`.

    Inside of it every answer is in UTC, so that no cache holds an answer in another time. Its tag
    `"abc"` becomes `"abc-ist"`, because a tag names exact bytes, and its link keeps `tz=IST`.
    `check_size` raises the Problem of a body that is too large to be sent.
    """

    def __init__(self, app: ASGIApp, check_size: Callable[[bytes], None]) -> None:
        self._app = app
        self._check_size = check_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and write its answer anew if it asks for the time of India."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wants_ist = _wants_ist(scope)
        inner = _with_own_tags(scope, is_ist=wants_ist)
        if not wants_ist:
            await self._app(inner, receive, send)
            return
        begun: list[Message] = []
        body = bytearray()

        async def rewriting(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await self._send(scope, receive, send, begun[0], bytes(body))

        await self._app(inner, receive, rewriting)

    async def _send(
        self, scope: Scope, receive: Receive, send: Send, start: Message, body: bytes
    ) -> None:
        headers = MutableHeaders(scope=start)
        if headers.get("content-type", "").startswith(_WITH_MOMENTS):
            body = _in_ist(body)
            if link := headers.get("link"):
                body = _keep_zone(headers, link, body)
            headers["Content-Length"] = str(len(body))
            try:
                self._check_size(body)
            except Problem as problem:
                await problem_response(problem, Request(scope))(scope, receive, send)
                return
        for name in _HEADERS:
            if name in headers:
                headers[name] = _in_ist(headers[name].encode()).decode()
        # A 304 repeats the tag that the client sent.
        if (tag := headers.get("etag", '"')) != '"' and _MARK not in tag:
            headers["ETag"] = f'{tag[:-1]}{_MARK}"'
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _wants_ist(scope: Scope) -> bool:
    given = parse_qs(scope["query_string"].decode("latin-1")).get(TIME_ZONE, [])
    return len(given) == 1 and is_ist(given[0])


def _with_own_tags(scope: Scope, *, is_ist: bool) -> Scope:
    """Return a request with the tags of answers in its own time alone.

    For the time of India it has no Accept-Encoding: what is compressed cannot be rewritten.
    """
    known = Headers(scope=scope).get("if-none-match", "")
    left = b"accept-encoding" if is_ist else b""
    headers = [(name, value) for name, value in scope["headers"] if name != left]
    if known not in ("", "*"):
        own = ",".join(tag for tag in known.split(",") if (_MARK in tag) is is_ist)
        headers = [each for each in headers if each[0] != b"if-none-match"]
        headers.append((b"if-none-match", own.encode("latin-1")))
    return {**scope, "headers": headers}


def _in_ist(text: bytes) -> bytes:
    """Return text with its moments in the time of India; each different one is read once."""

    @cache
    def written(moment: bytes, fraction: bytes) -> bytes:
        try:
            clock = datetime.fromisoformat(moment.decode()) + _OFFSET
        except (ValueError, OverflowError):  # only looks like a moment
            return moment + fraction + b"Z"
        return clock.isoformat().encode() + fraction + b"+05:30"

    return _MOMENT.sub(lambda found: written(found[1], found[2]), text)


def _keep_zone(headers: MutableHeaders, link: str, body: bytes) -> bytes:
    """Let the link to the next page ask for the same time, in the header and in the body."""
    address, rest = link[1:].split(">", 1)
    kept = f"{address}&{TIME_ZONE}=IST"
    headers["Link"] = f"<{kept}>{rest}"
    return body.replace(b'"next":' + orjson.dumps(address), b'"next":' + orjson.dumps(kept))
