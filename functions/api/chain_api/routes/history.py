"""The route of the history of contracts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.respond import respond
from chain_api.dependencies import Dependencies
from chain_api.endpoints.history import ContractHistory
from chain_api.parameters.types import SymbolPath
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the route."""
    routes = api_router(deps, "Through time", 404, 413, 422, 503)

    async def requested(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.HistoryQuery, Query()]
    ) -> ContractHistory:
        """Read symbol, expiry, moments and cursor; raise Problem."""
        return ContractHistory(deps, symbol, query, request.headers.get("accept", ""))

    @routes.get(
        "/option-chain/{symbol}/history",
        operation_id="getHistory",
        summary="The history of contracts, as recorded or as candles",
        response_model=schemas.History,
    )
    def contract_history(
        request: Request, page: Annotated[ContractHistory, Depends(requested)]
    ) -> Response:
        """Name the contracts in one way: by `identifier`; by `strike`, with or without
        `option_type`; or by a window of `strike_min`, `strike_max` or `strikes_around_atm`.

        Without `interval` records are the stored documents, with it candles, counted from the
        opening of the session; an interval without a document has none. `greeks` adds what is
        derived of each document, or of the last one of a candle. At most 31 days at once; of one
        contract 366 days, where past days are archived.
        """
        return respond(page, request)

    return routes
