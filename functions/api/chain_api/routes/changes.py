"""The route of the changes between two moments."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints.changes import ChangeList
from chain_api.parameters.types import SymbolPath
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the route."""
    routes = api_router(deps, "Through time", 404, 413, 422, 503)

    async def requested(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.ChangesQuery, Query()]
    ) -> ChangeList:
        """Read symbol, expiry, moments and cursor; raise Problem."""
        return ChangeList(deps, symbol, query, request.headers.get("accept", ""))

    @routes.get(
        "/option-chain/{symbol}/changes",
        operation_id="getChanges",
        summary="What changed between two moments, contract by contract",
        response_model=schemas.Changes,
    )
    def changes(request: Request, page: Annotated[ChangeList, Depends(requested)]) -> Response:
        """What was built up and unwound from `from`, which is needed, to `to`, now by default.

        Of open interest, volume, last price and implied volatility, each at both moments.
        Conditions are on the later of the two. `from=-15m` is before `to`. At most 31 days at once.
        """
        return respond(page, request)

    return routes
