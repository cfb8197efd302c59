"""The route of the disagreements of two sources."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints.disagreements import DisagreementList
from chain_api.parameters.types import SymbolPath
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the route."""
    routes = api_router(deps, "Through time", 404, 413, 422, 503)

    async def requested(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.DisagreementsQuery, Query()]
    ) -> DisagreementList:
        """Read symbol, moments and cursor; raise Problem."""
        return DisagreementList(deps, symbol, query, request.headers.get("accept", ""))

    @routes.get(
        "/option-chain/{symbol}/disagreements",
        operation_id="getDisagreements",
        summary="Where the source that was recorded and another one differ",
        response_model=schemas.Disagreements,
    )
    def disagreements(
        request: Request, page: Annotated[DisagreementList, Depends(requested)]
    ) -> Response:
        """With CROSS_CHECK the nearest expiry is read from another source every five minutes.

        One row a contract and field that differ beyond the tolerance, the largest five of each
        check. By default those of the day of the newest snapshot. At most 31 days at once.
        """
        return respond(page, request)

    return routes
