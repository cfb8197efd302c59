"""Routes about the service: what it is, whether it is well, what it holds."""

from fastapi import APIRouter, Response

from chain_api import schemas
from chain_api.dependencies import Dependencies
from chain_api.endpoints import health
from chain_api.problems.catalogue import documented
from chain_api.problems.handlers import log_away
from chain_api.rendering import answers
from chain_api.rendering.formats import json
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import exchange_date


def router(deps: Dependencies) -> APIRouter:
    """Return the routes over these parts."""
    routes = APIRouter(route_class=deps.route_class, tags=["Service"])

    @routes.get("/", operation_id="getRoot", summary="What this is", response_model=schemas.Root)
    def root() -> Response:
        """Name, version, and where to go on."""
        return json(answers.root())

    @routes.get(
        "/health",
        operation_id="getHealth",
        summary="Whether a user can rely on the data",
        response_model=schemas.Health,
        responses={503: {"model": schemas.Health, "description": "not to be relied on"}},
    )
    def get_health() -> Response:
        """200 if the database answers and, in session, every symbol was confirmed in the last
        minute; else 503, with `reasons`. Fit for a monitor.
        """
        try:
            answer = health.answer(deps)
        except StoreUnavailable as error:
            log_away(deps.log, error)
            answer = health.away(deps)
        well = answer["status"] == "healthy"
        return json(answer, 200 if well else 503, {} if well else {"Retry-After": "5"})

    @routes.get(
        "/stats",
        operation_id="getStats",
        summary="What the database holds",
        response_model=schemas.Stats,
        responses=documented(503),
    )
    def stats() -> Response:
        """Documents by symbol and side, snapshots, freshness, bytes."""
        return json(answers.stats(deps.snapshots.totals(), deps.snapshots.size(), deps.now()))

    @routes.get(
        "/symbols",
        operation_id="getSymbols",
        summary="The recorded symbols",
        response_model=schemas.Symbols,
        responses=documented(503),
    )
    def symbols() -> Response:
        """What `symbol` may name elsewhere: each with its expiries and its last snapshot."""
        today = exchange_date(deps.now())
        rows = [
            answers.symbol_row(symbol, headers, deps.now())
            for symbol in deps.snapshots.symbols()
            if (headers := deps.snapshots.latest_headers(symbol, today))
        ]
        return json(answers.symbols(rows))

    return routes
