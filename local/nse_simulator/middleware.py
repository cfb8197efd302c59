"""The ASGI middleware before the endpoints: request log, faults, rate limit and cookies."""

import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.nse_simulator.faults import FaultKind, Faults
from local.nse_simulator.refusals import apply_fault, client_left_within, rate_limited, unauthorised
from local.nse_simulator.request_log import LoggedRequest, RequestLog
from local.nse_simulator.v3_format import utc_now

ADMIN = "/-/"
OPEN_TO_ALL = ("/api/marketStatus",)
type ResetConnection = Callable[[tuple[str, int]], None]


@dataclass
class IssuedCookies:
    """The cookies that clients got; `life` in seconds, None for the life of the server."""

    life: float | None = None
    _issued: dict[str, float] = field(default_factory=dict)

    def issue(self) -> str:
        """Return a new value for the cookie `nsit`."""
        token = secrets.token_urlsafe(18)
        self._issued[token] = monotonic()
        return token

    def knows(self, token: str) -> bool:
        """Tell whether the cookie was issued and is not stale."""
        issued_at = self._issued.get(token)
        return issued_at is not None and (self.life is None or monotonic() - issued_at < self.life)


@dataclass
class RateLimit:
    """After more than `per_second` API requests in a second all are refused for `block_seconds`.

    None allows any number.
    """

    per_second: int | None = None
    block_seconds: float = 600.0
    _recent: deque[float] = field(default_factory=deque)
    _until: float = 0.0

    def refuses(self) -> bool:
        """Count a request; tell whether it is refused."""
        now = monotonic()
        while self._recent and now - self._recent[0] >= 1:
            self._recent.popleft()
        self._recent.append(now)
        if self.per_second is not None and len(self._recent) > self.per_second:
            self._until = max(self._until, now + self.block_seconds)
        return now < self._until


@dataclass
class SimulatorMiddleware:
    """ASGI middleware before the endpoints; `reset_connection` cuts the connection of a client."""

    app: ASGIApp
    label: str
    faults: Faults
    log: RequestLog
    cookies: IssuedCookies
    rate: RateLimit
    reset_connection: ResetConnection | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request; ignore anything else."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(ADMIN):
            await self.app(scope, receive, self._labelled(send, None))
            return
        request = Request(scope)
        logged = LoggedRequest(
            at=utc_now(),
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            headers=dict(request.headers),
        )
        self.log.add(logged)
        await self._respond(scope, receive, self._labelled(send, logged), logged)

    async def _respond(
        self, scope: Scope, receive: Receive, send: Send, logged: LoggedRequest
    ) -> None:
        fault = self.faults.take(logged.path, logged.query)
        scope["fault"] = fault
        logged.fault = fault.kind.value if fault else None
        if fault and fault.kind is FaultKind.CONNECTION_RESET and self.reset_connection:
            self.reset_connection(scope["client"])
            await client_left_within(receive, 5)
        elif not (fault and await apply_fault(fault, scope, receive, send)):
            answer = self._refusal(Request(scope)) or self.app
            await answer(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        path = request.url.path
        if not path.startswith("/api/"):
            return None
        if self.rate.refuses():
            return rate_limited()
        known = self.cookies.knows(request.cookies.get("nsit", ""))
        return None if known or path in OPEN_TO_ALL else unauthorised()

    def _labelled(
        self, send: Send, logged: LoggedRequest | None
    ) -> Callable[[Message], Awaitable[None]]:
        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Server"] = f"simulated exchange ({self.label})"
                headers["X-Simulated" if self.label == "SIMULATED" else "X-Replay"] = "true"
                if logged:
                    logged.status = message["status"]
            await send(message)

        return labelled
