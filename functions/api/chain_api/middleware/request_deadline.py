"""How long one request may wait for the archive."""

from starlette.types import ASGIApp, Receive, Scope, Send

from optionchain.archive.deadline import within

# API Gateway gives up after 29 s, and its answer says nothing of the reason. The database needs
# some of that time too.
ARCHIVE_SECONDS = 12.0


class RequestDeadline:
    """ASGI middleware: a request that waits longer for the archive is answered with a 503."""

    def __init__(self, app: ASGIApp, seconds: float = ARCHIVE_SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and bound what it reads of the archive."""
        with within(self._seconds):
            await self._app(scope, receive, send)
