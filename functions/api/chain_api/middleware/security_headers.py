"""Headers that tell a browser what it must not do with an answer."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# As ASGI needs them, with names in lower case. To build them for each request costs a tenth of it.
_ALWAYS = [
    # Pages set a policy of their own, which stays. All other answers are data and load nothing.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
# One year. Not for subdomains, which may belong to other services of the operator.
_BEHIND_TLS = [(b"strict-transport-security", b"max-age=31536000")]


class SecurityHeaders:
    """ASGI middleware: adds the headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Behind API Gateway the scheme is the client's. Browsers ignore this header over HTTP.
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
