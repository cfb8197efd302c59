"""The route of the recorded days of a symbol."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints.days import DaysResource
from chain_api.parameters.types import SymbolPath
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the route."""
    routes = api_router(deps, "Through time", 404, 422, 503)

    async def requested(
        symbol: SymbolPath, query: Annotated[schemas.DaysQuery, Query()]
    ) -> DaysResource:
        """Read symbol and days; raise Problem."""
        return DaysResource(deps, symbol, query)

    @routes.get(
        "/option-chain/{symbol}/days",
        operation_id="getDays",
        summary="The days of which there are snapshots",
        response_model=schemas.Days,
    )
    def days(request: Request, wanted: Annotated[DaysResource, Depends(requested)]) -> Response:
        """What `as_of` and `from` may name elsewhere, for calendars: in the database and archive.

        By default the last 31 days, at most 366. `before` and `after` are the nearest recorded days
        around them, so that a range without any leads on.
        """
        return respond(wanted, request)

    return routes
