"""The route of the archive's sealed days."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.aws.caller import may_have_links
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints.archive import ArchiveList
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the route."""
    routes = api_router(deps, "Archive", 404, 413, 422, 503)

    async def requested(
        request: Request, query: Annotated[schemas.ArchiveQuery, Query()]
    ) -> ArchiveList:
        """Read symbol, days and cursor; raise Problem."""
        accept = request.headers.get("accept", "")
        return ArchiveList(deps, query, accept, linked=may_have_links(request))

    @routes.get(
        "/archive",
        operation_id="getArchive",
        summary="The sealed days: their counts and their files",
        response_model=schemas.Archive,
    )
    def archive(request: Request, page: Annotated[ArchiveList, Depends(requested)]) -> Response:
        """One row a symbol and day whose recording is kept in Parquet files.

        A day is sealed after its close, and again if it is revised. A day that is sealed now is
        listed within a minute.
        """
        return respond(page, request)

    return routes
