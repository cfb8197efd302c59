"""The route of the rank of a symbol's volatility."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.resource import chain_query
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints.iv_rank import IvRankResource
from chain_api.parameters.types import SymbolPath
from chain_api.rendering.formats import format_of
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the route."""
    routes = api_router(deps, "Analytics", 404, 413, 422, 503)

    async def requested(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.TermStructureQuery, Query()]
    ) -> IvRankResource:
        """Read symbol and moment; raise Problem."""
        wanted = chain_query(deps, symbol, "all", query.as_of)
        return IvRankResource(wanted, format_of(query.format, request.headers.get("accept", "")))

    @routes.get(
        "/option-chain/{symbol}/analytics/iv-rank",
        operation_id="getIvRank",
        summary="The volatility in 30 days, and its rank among the recorded days before",
        response_model=schemas.IvRank,
    )
    def iv_rank(
        request: Request, wanted: Annotated[IvRankResource, Depends(requested)]
    ) -> Response:
        """As the screener has them, and at any moment of the past: among the days that were
        recorded before that one, never among later ones. A number that is null has its reason.
        """
        return respond(wanted, request)

    return routes
