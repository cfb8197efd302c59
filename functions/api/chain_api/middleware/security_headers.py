"""What tells a browser to take no liberties with an answer."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# As ASGI has them, names in lower case: to write them anew a request is a tenth of its work.
_ALWAYS = [
    # A page has a policy of its own, which stays; all else is data, which loads and runs nothing.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
# A year. Without subdomains: under a domain of the operator's own they need not be the API's.
_BEHIND_TLS = [(b"strict-transport-security", b"max-age=31536000")]


class SecurityHeaders:
    """ASGI middleware: adds the headers that an answer has not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Behind API Gateway the scheme is the client's; a browser ignores the promise over HTTP.
        added = _ALWAYS + (_BEHIND_TLS if scope["scheme"] == "https" else [])

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in added if pair[0] not in own),
                ]
            await send(message)

        await self._app(scope, receive, guarded)
