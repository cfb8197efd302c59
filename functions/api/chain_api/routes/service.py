"""Routes about the whole service: what it is, whether it is well, what it holds."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints import service
from chain_api.endpoints.health import current_health, health_without_database
from chain_api.endpoints.symbols import SymbolTable
from chain_api.problems.catalogue import documented
from chain_api.problems.handlers import log_unavailable
from chain_api.rendering.formats import json_response
from chain_api.rendering.symbol_rows import SymbolRows
from chain_api.routes.api_router import api_router
from optionchain.errors import StoreUnavailable


def router(deps: Dependencies) -> APIRouter:
    """Return the routes."""
    routes, rows = api_router(deps, "Service", 422), SymbolRows()

    @routes.get("/", operation_id="getRoot", summary="What this is", response_model=schemas.Root)
    def root() -> Response:
        """Name, version, and where to go on."""
        return json_response(service.root(has_archive=deps.cold is not None))

    @routes.get(
        "/health",
        operation_id="getHealth",
        summary="Whether a user can rely on the data",
        response_model=schemas.Health,
        responses={503: {"model": schemas.Health, "description": "not to be relied on"}},
    )
    def get_health() -> Response:
        """200 if the database answers and, in session, symbols were confirmed within three of
        their intervals, or within a minute; else 503, with `reasons`. Fit for a monitor: it is 503
        if a tenth of a tier is affected, and 200 with the status `degraded` if fewer symbols are.
        """
        try:
            health = current_health(deps.recent)
        except StoreUnavailable as error:
            log_unavailable(deps.log, error)
            health = health_without_database(deps, error)
        if health["status"] == "unhealthy":
            return json_response(health, 503, {"Retry-After": "5"})
        return json_response(health)

    @routes.get(
        "/stats",
        operation_id="getStats",
        summary="What the database holds",
        response_model=schemas.Stats,
        responses=documented(503),
    )
    def stats() -> Response:
        """Documents by symbol and side, snapshots, freshness, bytes."""
        return json_response(service.stats(deps.recent))

    async def requested(query: Annotated[schemas.SymbolsQuery, Query()]) -> SymbolTable:
        """Read the filters and the cursor; raise Problem."""
        return SymbolTable(deps.recent, rows, query)

    @routes.get(
        "/symbols",
        operation_id="getSymbols",
        summary="The recorded symbols",
        response_model=schemas.Symbols,
        responses=documented(413, 503),
    )
    def symbols(request: Request, page: Annotated[SymbolTable, Depends(requested)]) -> Response:
        """What `symbol` may name elsewhere: each with its tier, its expiries and its last snapshot.

        `columns=symbol` is the shortest list.
        """
        return respond(page, request)

    return routes
