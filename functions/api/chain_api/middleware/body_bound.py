"""A bound on what a request may carry."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chain_api.problems.catalogue import body_too_large
from chain_api.problems.handlers import respond

# The longest filter takes under 1 KB.
MOST_BYTES = 64 * 1024


class BodyBound:
    """ASGI middleware: refuses a body over 64 KB, by its length at once, without one by counting.

    It reads before the application does: what is too long is refused the same way at every path,
    and nothing has begun to be answered by then.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its whole body in one message, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = None if _length(scope) > MOST_BYTES else await _read(receive)
        if body is None:
            response = respond(body_too_large(MOST_BYTES), Request(scope))
            await response(scope, receive, send)
            return
        first = iter([body])

        async def replay() -> Message:
            return next(first, None) or await receive()

        await self._app(scope, replay, send)


def _length(scope: Scope) -> int:
    """Return the length that is declared; 0 where that is none, or no number."""
    try:
        return int(Headers(scope=scope).get("content-length", "0"))
    except ValueError:
        return 0


async def _read(receive: Receive) -> Message | None:
    """Return the whole body as one message, None where it is too long.

    Counted even where a length is declared: API Gateway declares that of a compressed body and
    hands on what it decompressed.
    """
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return {"type": "http.request", "body": bytes(body), "more_body": False}
    return message  # the client has left
