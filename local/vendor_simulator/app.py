"""A simulated vendor as an ASGI application."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.stand_in.admin import admin_routes
from local.stand_in.faults import ActiveFaults, AnyFault
from local.stand_in.json_response import json_response
from local.stand_in.middleware import FaultAnswers, ResetConnection, StandInMiddleware
from local.stand_in.request_log import RequestLog
from local.vendor_simulator.vendor import Answer, Call, File, SimulatedVendor, VendorRefused

type Endpoint = Callable[[Request], Awaitable[Response]]


def build[F: AnyFault](
    vendor: SimulatedVendor,
    faults: ActiveFaults[F],
    log: RequestLog,
    fault_answers: FaultAnswers,
    reset_connection: ResetConnection | None = None,
) -> StandInMiddleware[F]:
    """Return a vendor as an ASGI application."""
    routes = [
        *admin_routes(faults, log),
        *(
            Route(path, _endpoint(vendor, answer), methods=[method])
            for (method, path), answer in vendor.answers.items()
        ),
        *(Route(path, _file(file)) for path, file in vendor.files.items()),
        Route("/{path:path}", _not_found(vendor), methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    return StandInMiddleware(
        app=Starlette(routes=routes),
        name=f"simulated {vendor.name}",
        label=vendor.feed.market.label,
        faults=faults,
        log=log,
        answers=fault_answers,
        refusal=lambda _: None,
        reset_connection=reset_connection,
    )


def _endpoint(vendor: SimulatedVendor, answer: Answer) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            values = request.path_params | await _values(vendor, request)
            call = Call(request.url.path, values, dict(request.headers), request.scope["fault"])
            vendor.admit(call)
            return json_response(request, orjson.dumps(answer(call)))
        except VendorRefused as refused:
            return json_response(request, orjson.dumps(refused.body), refused.status)

    return endpoint


async def _values(vendor: SimulatedVendor, request: Request) -> dict[str, Any]:
    values: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if body:
        try:
            values |= orjson.loads(body)
        except (orjson.JSONDecodeError, TypeError) as error:
            raise vendor.malformed() from error
    return values


def _file(file: File) -> Callable[[Request], Response]:
    # Not async: it is made in a thread, because it may take seconds.
    def endpoint(_: Request) -> Response:
        return Response(file(), media_type="application/octet-stream")

    return endpoint


def _not_found(vendor: SimulatedVendor) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        refused = vendor.not_found()
        return json_response(request, orjson.dumps(refused.body), refused.status)

    return endpoint
