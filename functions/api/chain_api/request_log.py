"""One log line a request, through Powertools."""

import time

from aws_lambda_powertools import Logger
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SERVICE = "api"


def logger(level: str) -> Logger:
    """Return the API's logger: JSON lines on standard output."""
    log = Logger(service=SERVICE, level=level)
    log.setLevel(level)  # Powertools keeps a process's first logger of a service, level and all
    return log


class RequestLog:
    """ASGI middleware: method, path, status and milliseconds; never a query or a body."""

    def __init__(self, app: ASGIApp, logger: Logger) -> None:
        self._app = app
        self._logger = logger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and log how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1e3, 1)
            self._logger.info(
                "request",
                extra={
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "duration_ms": milliseconds,
                },
            )
