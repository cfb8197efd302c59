"""One log line for each request, through Powertools, with the id of the request."""

import re
import time
from uuid import uuid4

from aws_lambda_powertools import Logger
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SERVICE = "api"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def logger(level: str) -> Logger:
    """Return the API's logger: JSON lines on standard output."""
    log = Logger(service=SERVICE, level=level)
    log.setLevel(level)  # Powertools keeps the first logger of a service, with its level
    return log


class RequestLog:
    """ASGI middleware: logs id, method, path, status and milliseconds; never a query or a body.

    The answer has the id too, as X-Request-Id.
    """

    def __init__(self, app: ASGIApp, logger: Logger) -> None:
        self._app = app
        self._logger = logger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and log how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, identity = time.perf_counter(), request_id(scope)
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = identity
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1e3, 1)
            self._logger.info(
                "request",
                extra={
                    "request_id": identity,
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "duration_ms": milliseconds,
                },
            )


def request_id(scope: Scope) -> str:
    """Return the client's id if it is safe to log, else API Gateway's, else a new one."""
    own = Headers(scope=scope).get("x-request-id")
    context = scope.get("aws.event", {}).get("requestContext", {})
    for given in (own, context.get("requestId")):
        if isinstance(given, str) and _ID.fullmatch(given):
            return given
    return str(uuid4())
