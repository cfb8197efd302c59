"""What stands before the endpoints: the log, the faults, the rate limit, the cookie."""

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
    """The cookies that were given out; `life` in seconds, None for as long as the server runs."""

    life: float | None = None
    _given: dict[str, float] = field(default_factory=dict)

    def give(self) -> str:
        """A new value for the cookie `nsit`."""
        token = secrets.token_urlsafe(18)
        self._given[token] = monotonic()
        return token

    def knows(self, token: str) -> bool:
        """True if the cookie was given out and has not gone stale."""
        given = self._given.get(token)
        return given is not None and (self.life is None or monotonic() - given < self.life)


@dataclass
class RateLimit:
    """More than `per_second` API requests in a second restrict all that follow for a while.

    None allows any number.
    """

    per_second: int | None = None
    block_seconds: float = 600.0
    _recent: deque[float] = field(default_factory=deque)
    _until: float = 0.0

    def refuses(self) -> bool:
        """Counts a request; true if it is to be refused."""
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
    sessions: IssuedCookies
    rate: RateLimit
    reset_connection: ResetConnection | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; anything but HTTP is ignored."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(ADMIN):
            await self.app(scope, receive, self._labelled(send, None))
            return
        request = Request(scope)
        asked = LoggedRequest(
            at=utc_now(),
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            headers=dict(request.headers),
        )
        self.log.add(asked)
        await self._pass(scope, receive, self._labelled(send, asked), asked)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, asked: LoggedRequest) -> None:
        fault = self.faults.take(asked.path, asked.query)
        scope["fault"] = fault
        asked.fault = fault.kind.value if fault else None
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
        known = self.sessions.knows(request.cookies.get("nsit", ""))
        return None if known or path in OPEN_TO_ALL else unauthorised()

    def _labelled(
        self, send: Send, asked: LoggedRequest | None
    ) -> Callable[[Message], Awaitable[None]]:
        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Server"] = f"stand-in exchange ({self.label})"
                headers["X-Simulated" if self.label == "SIMULATED" else "X-Replay"] = "true"
                if asked:
                    asked.status = message["status"]
            await send(message)

        return labelled
