"""The route of the table of all symbols."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints.screener import ScreenerResource
from chain_api.endpoints.screener_rows import ScreenerRows
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the route."""
    routes = api_router(deps, "Analytics", 413, 422, 503)
    rows = ScreenerRows(deps.recent)

    async def requested(
        request: Request, query: Annotated[schemas.ScreenerQuery, Query()]
    ) -> ScreenerResource:
        """Read conditions, order and columns; raise Problem."""
        return ScreenerResource(deps.recent, rows, query, request.headers.get("accept", ""))

    @routes.get(
        "/screener",
        operation_id="getScreener",
        summary="The latest analytics of every symbol as one table",
        response_model=schemas.Screener,
    )
    def screener(
        request: Request, wanted: Annotated[ScreenerResource, Depends(requested)]
    ) -> Response:
        """One row a symbol, of its nearest expiry. Rows of old data are marked by `gap`, never left
        out.

        To poll, send the `ETag` of the last answer as `If-None-Match`: without news the answer is
        a 304. The number of reads of the database does not grow with the symbols.
        """
        return respond(wanted, request)

    return routes
