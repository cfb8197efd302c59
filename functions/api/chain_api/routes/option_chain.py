"""Routes of the option chain: the chain itself, its strikes, its expiries, a filter."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import Field
from starlette.convertors import StringConvertor, register_url_convertor

from chain_api import schemas
from chain_api.caching.respond import answered, question
from chain_api.caching.response_cache import Shelf
from chain_api.dependencies import Dependencies
from chain_api.endpoints import filter as filter_list
from chain_api.endpoints import strikes_expiries as chain_index
from chain_api.endpoints.chain import ChainView
from chain_api.parameters.columns import GREEK_COLUMNS
from chain_api.parameters.types import SymbolPath
from chain_api.problems.catalogue import documented, invalid
from chain_api.rendering.formats import format_of

# Models, so that a parameter of another name is refused and not passed over.
type ChainQuery = Annotated[schemas.ChainQuery, Query()]
type MomentQuery = Annotated[schemas.MomentQuery, Query()]
type DatesQuery = Annotated[schemas.DatesQuery, Query()]
type AnyChain = Annotated[
    schemas.Chain | schemas.ChainRows | schemas.ChainColumns,
    Field(discriminator="layout", description="A chain in the layout that was asked for."),
]


class _ChainSymbol(StringConvertor):
    """A symbol below which nothing else is served: of the filter a GET is a 405 and no symbol."""

    regex = "(?!filter$)[^/]+"


def router(deps: Dependencies, shelf: Shelf) -> APIRouter:
    """Return the routes over these parts; the latest chains are kept on the shelf."""
    routes = APIRouter(
        route_class=deps.route_class, tags=["Option chain"], responses=documented(404, 422, 503)
    )
    register_url_convertor("chain", _ChainSymbol())

    @routes.get(
        "/option-chain/{symbol:chain}",
        operation_id="getOptionChain",
        summary="The chain of a symbol, latest or as it stood at a moment",
        response_model=AnyChain,
        responses=documented(413),
    )
    def option_chain(request: Request, symbol: SymbolPath, query: ChainQuery) -> Response:
        """A whole snapshot, never a part of one: calls and puts, as the exchange sent them.

        `as_of` goes back to any recorded moment. Conditions narrow the contracts down, `columns`
        their fields; `greeks` adds what is derived of each; `layout` and `format` say how they are
        written. To poll, send the `ETag` of
        the last answer as `If-None-Match`: the exchange changes its data every 30 to 60 seconds,
        and until then the answer is a 304.
        """
        view = _view(deps, symbol, query, request.headers.get("accept", ""))
        return answered(view, shelf, request, latest=query.as_of is None)

    @routes.get(
        "/option-chain/{symbol}/strikes",
        operation_id="getStrikes",
        summary="The strikes of a chain, in order",
        response_model=schemas.Strikes,
    )
    def strikes(request: Request, symbol: SymbolPath, query: MomentQuery) -> Response:
        """What a chain has on either side, without its numbers; for menus and loops."""
        return chain_index.strikes(deps, symbol, query.expiry, query.as_of, request)

    @routes.get(
        "/option-chain/{symbol}/expiry-dates",
        operation_id="getExpiryDates",
        summary="The expiry dates of the chains, by date",
        response_model=schemas.ExpiryDates,
    )
    def expiry_dates(request: Request, symbol: SymbolPath, query: DatesQuery) -> Response:
        """What `expiry` may name elsewhere: those that have not passed by the moment asked for."""
        return chain_index.expiry_dates(deps, symbol, query.as_of, request)

    @routes.post(
        "/option-chain/filter",
        operation_id="filterOptionChain",
        summary="Contracts of the chains by side, strike, expiry and size",
        response_model=schemas.FilterAnswer,
        responses=documented(413),
    )
    def filter_chain(
        request: Request,
        wanted: Annotated[schemas.FilterRequest | None, Body()] = None,
        cursor: Annotated[
            str | None,
            Query(
                min_length=1,
                max_length=2_000,
                description="of a `next` link, which carries the filter: send no body with it",
            ),
        ] = None,
    ) -> Response:
        """Contracts of one expiry, or of all, a page at a time.

        The first page takes the filter as its body. For the next one POST to `next` without a
        body: its cursor carries the filter and the snapshots, so that pages never overlap.
        """
        return filter_list.answer(deps, wanted, cursor, request)

    return routes


def _view(deps: Dependencies, symbol: str, query: schemas.ChainQuery, accept: str) -> ChainView:
    columns = tuple(query.columns.split(",")) if query.columns else None
    derived = [name for name in columns or () if name in GREEK_COLUMNS]
    if derived and not query.greeks:
        allowed = f"of which {', '.join(derived)} are told with greeks=true alone"
        raise invalid("columns", query.columns, allowed)
    return ChainView(
        question=question(deps, symbol, query),
        selection=query.selection(),
        columns=columns,
        layout=query.layout,
        form=format_of(query.format, accept),
        greeks=query.greeks,
    )
