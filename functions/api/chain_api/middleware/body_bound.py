"""A bound on the size of a request's body."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chain_api.problems.catalogue import body_too_large
from chain_api.problems.handlers import problem_response

# The longest filter takes under 1 KB.
MOST_BYTES = 64 * 1024


class BodyBound:
    """ASGI middleware: refuses a body over 64 KB, by its declared length or by counting.

    It reads the body before the application does. So a body that is too long is refused the same
    way at every path, before any answer has begun.
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
            response = problem_response(body_too_large(MOST_BYTES), Request(scope))
            await response(scope, receive, send)
            return
        first = iter([body])

        async def replay() -> Message:
            return next(first, None) or await receive()

        await self._app(scope, replay, send)


def _length(scope: Scope) -> int:
    """Return the declared length; 0 if there is none or it is not a number."""
    try:
        return int(Headers(scope=scope).get("content-length", "0"))
    except ValueError:
        return 0


async def _read(receive: Receive) -> Message | None:
    """Return the whole body as one message, None if it is too long.

    The bytes are counted even if a length is declared, because API Gateway declares the length of a
    compressed body and passes it on decompressed.
    """
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return {"type": "http.request", "body": bytes(body), "more_body": False}
    return message  # the client has left
