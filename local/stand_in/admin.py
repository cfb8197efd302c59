"""The routes by which a person or a test gives a stand-in faults and reads its requests."""

import orjson
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.stand_in.faults import ActiveFaults, AnyFault
from local.stand_in.request_log import RequestLog


def admin_routes[F: AnyFault](faults: ActiveFaults[F], log: RequestLog) -> list[Route]:
    """Return `/-/faults` and `/-/requests`: GET lists, DELETE clears, POST adds a fault."""

    async def list_faults(_: Request) -> Response:
        return _plain(faults.states())

    async def add_fault(request: Request) -> Response:
        try:
            fault = faults.add(faults.model.model_validate_json(await request.body()))
        except ValidationError as error:
            return Response(error.json(), 422, media_type="application/json")
        return _plain(fault.model_dump(mode="json", exclude_none=True), 201)

    async def clear_faults(_: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    async def list_requests(_: Request) -> Response:
        return _plain(log.as_json())

    async def clear_requests(_: Request) -> Response:
        log.clear()
        return Response(status_code=204)

    return [
        Route("/-/faults", list_faults, methods=["GET"]),
        Route("/-/faults", add_fault, methods=["POST"]),
        Route("/-/faults", clear_faults, methods=["DELETE"]),
        Route("/-/requests", list_requests, methods=["GET"]),
        Route("/-/requests", clear_requests, methods=["DELETE"]),
    ]


def _plain(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
