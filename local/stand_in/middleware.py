"""The ASGI middleware before the endpoints of a stand-in: request log, faults and refusals."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.stand_in.broken_answers import answer_broken, client_left_within
from local.stand_in.faults import ActiveFaults, AnyFault
from local.stand_in.request_log import LoggedRequest, RequestLog

ADMIN = "/-/"
type ResetConnection = Callable[[tuple[str, int]], None]
type FaultAnswers = Mapping[Any, Callable[[Any], Response]]
"""The answer of each kind of fault, made of the fault. Other kinds break the ordinary answer."""


@dataclass
class StandInMiddleware[F: AnyFault]:
    """ASGI middleware before the endpoints.

    `name` is the Server of each answer. `refusal` returns the answer to a request that does not
    reach an endpoint. An endpoint finds its fault in `scope["fault"]`. `reset_connection` cuts the
    connection of a client.
    """

    app: ASGIApp
    name: str
    label: str
    faults: ActiveFaults[F]
    log: RequestLog
    answers: FaultAnswers
    refusal: Callable[[Request], Response | None]
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
            at=datetime.now(UTC),
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
        if fault and fault.kind == "connection_reset" and self.reset_connection:
            self.reset_connection(scope["client"])
            await client_left_within(receive, 5)
        elif not (fault and await self._apply(fault, scope, receive, send)):
            answer = self.refusal(Request(scope)) or self.app
            await answer(scope, receive, send)

    async def _apply(self, fault: F, scope: Scope, receive: Receive, send: Send) -> bool:
        if answer := self.answers.get(fault.kind):
            await answer(fault)(scope, receive, send)
            return True
        return await answer_broken(fault, scope, receive, send)

    def _labelled(
        self, send: Send, logged: LoggedRequest | None
    ) -> Callable[[Message], Awaitable[None]]:
        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Server"] = f"{self.name} ({self.label})"
                headers["X-Simulated" if self.label == "SIMULATED" else "X-Replay"] = "true"
                if logged:
                    logged.status = message["status"]
            await send(message)

        return labelled
