"""Routes of a symbol through time: its snapshots, histories, and what changed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from chain_api import schemas
from chain_api.dependencies import Dependencies
from chain_api.endpoints import changes as change_list
from chain_api.endpoints import history
from chain_api.endpoints import snapshots as snapshot_list
from chain_api.parameters.types import SymbolPath
from chain_api.problems.catalogue import documented


def router(deps: Dependencies) -> APIRouter:
    """Return the routes over these parts."""
    routes = APIRouter(
        route_class=deps.route_class,
        tags=["Through time"],
        responses=documented(404, 413, 422, 503),
    )

    @routes.get(
        "/option-chain/{symbol}/snapshots",
        operation_id="getSnapshots",
        summary="The snapshots of a symbol: underlying, totals of open interest and volume",
        response_model=schemas.Snapshots,
    )
    def snapshots(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.SnapshotsQuery, Query()]
    ) -> Response:
        """One row a stored snapshot: what moved, without reading a contract.

        By default those of the day of the newest one. A poll that changed nothing stores nothing:
        it moves `last_seen_at`. At most 31 days at once.
        """
        return snapshot_list.answer(deps, symbol, query, request)

    @routes.get(
        "/option-chain/{symbol}/history",
        operation_id="getHistory",
        summary="The history of contracts, as recorded or as candles",
        response_model=schemas.History,
    )
    def contract_history(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.HistoryQuery, Query()]
    ) -> Response:
        """Name the contracts in one way: by `identifier`; by `strike`, with or without
        `option_type`; or by a window of `strike_min`, `strike_max` or `strikes_around_atm`.

        Without `interval` records are the stored documents, with it candles, counted from the
        opening of the session; an interval without a document has none. At most 31 days at once.
        """
        return history.answer(deps, symbol, query, request)

    @routes.get(
        "/option-chain/{symbol}/changes",
        operation_id="getChanges",
        summary="What changed between two moments, contract by contract",
        response_model=schemas.Changes,
    )
    def changes(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.ChangesQuery, Query()]
    ) -> Response:
        """What was built up and unwound from `from`, which is needed, to `to`, now by default.

        Of open interest, volume, last price and implied volatility, each at both moments.
        Conditions are on the later of the two. At most 31 days at once.
        """
        return change_list.answer(deps, symbol, query, request)

    return routes
