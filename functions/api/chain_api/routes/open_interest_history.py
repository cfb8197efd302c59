"""The route of a symbol's open interest by strike, through time."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints.open_interest_history import OpenInterestHistory
from chain_api.parameters.types import SymbolPath
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the route."""
    routes = api_router(deps, "Analytics", 404, 413, 422, 503)

    async def requested(
        request: Request,
        symbol: SymbolPath,
        query: Annotated[schemas.OpenInterestHistoryQuery, Query()],
    ) -> OpenInterestHistory:
        """Read symbol, expiry, strikes, moments and cursor; raise Problem."""
        return OpenInterestHistory(deps, symbol, query, request.headers.get("accept", ""))

    @routes.get(
        "/option-chain/{symbol}/analytics/open-interest/history",
        operation_id="getOpenInterestHistory",
        summary="The open interest of a chain by strike, through time",
        response_model=schemas.OpenInterestHistory,
    )
    def open_interest_history(
        request: Request, page: Annotated[OpenInterestHistory, Depends(requested)]
    ) -> Response:
        """One record an interval, of its last snapshot: each is a whole chain of one moment. Within
        a record the numbers are in the order of `strike_prices`; in CSV and NDJSON there is a line
        for each interval and strike.

        By default of the day of the newest snapshot; at most 31 days at once. A page ends sooner
        than `limit` where it has very many contracts.
        """
        return respond(page, request)

    return routes
