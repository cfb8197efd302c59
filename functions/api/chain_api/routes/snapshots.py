"""The route of the snapshots of a symbol."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints.snapshots import SnapshotList
from chain_api.parameters.types import SymbolPath
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the route."""
    routes = api_router(deps, "Through time", 404, 413, 422, 503)

    async def requested(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.SnapshotsQuery, Query()]
    ) -> SnapshotList:
        """Read symbol, expiry, moments and cursor; raise Problem."""
        return SnapshotList(deps, symbol, query, request.headers.get("accept", ""))

    @routes.get(
        "/option-chain/{symbol}/snapshots",
        operation_id="getSnapshots",
        summary="The snapshots of a symbol: underlying, totals of open interest and volume",
        response_model=schemas.Snapshots,
    )
    def snapshots(request: Request, page: Annotated[SnapshotList, Depends(requested)]) -> Response:
        """One row a stored snapshot: what moved, without reading a contract.

        By default those of the day of the newest one. A poll that changed nothing stores nothing:
        it moves `last_seen_at`. At most 31 days at once.
        """
        return respond(page, request)

    return routes
