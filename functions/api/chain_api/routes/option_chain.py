"""Routes of the option chain: the chain itself, its strikes, its expiries, a filter."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import Field
from starlette.convertors import StringConvertor, register_url_convertor

from chain_api import schemas
from chain_api.caching.resource import chain_query
from chain_api.caching.respond import respond_and_cache
from chain_api.caching.response_cache import ResponseCache
from chain_api.dependencies import Dependencies
from chain_api.endpoints.chain import ChainResource
from chain_api.endpoints.filter import filter_contracts
from chain_api.endpoints.strikes_expiries import ExpiryDatesResource, StrikesResource
from chain_api.parameters.columns import check_derived
from chain_api.parameters.types import SymbolPath
from chain_api.problems.catalogue import documented
from chain_api.rendering.formats import format_of
from chain_api.routes.api_router import api_router

# Models of parameters, so that a parameter of another name is refused and not ignored.
type ChainParameters = Annotated[schemas.OptionChainQuery, Query()]
type MomentParameters = Annotated[schemas.MomentQuery, Query()]
type DatesParameters = Annotated[schemas.DatesQuery, Query()]
type AnyChain = Annotated[
    schemas.Chain | schemas.ChainRows | schemas.ChainColumns,
    Field(discriminator="layout", description="A chain in the layout that was asked for."),
]


class _ChainSymbol(StringConvertor):
    """A symbol in a path, except `filter`: GET of the filter is a 405, not an unknown symbol."""

    regex = "(?!filter$)[^/]+"


def router(deps: Dependencies, cache: ResponseCache) -> APIRouter:
    """Return the routes; answers of the latest chains are kept in the cache."""
    routes = api_router(deps, "Option chain", 404, 422, 503)
    register_url_convertor("chain", _ChainSymbol())

    async def chain(request: Request, symbol: SymbolPath, query: ChainParameters) -> ChainResource:
        """Read symbol, expiry, moment and what is wanted of the chain; raise Problem."""
        return _chain(deps, symbol, query, request.headers.get("accept", ""))

    async def chain_strikes(
        request: Request, symbol: SymbolPath, query: MomentParameters
    ) -> StrikesResource:
        """Read symbol, expiry and moment; raise Problem."""
        wanted = chain_query(deps, symbol, query.expiry, query.as_of)
        return StrikesResource(wanted, request.url.path)

    async def dates(
        request: Request, symbol: SymbolPath, query: DatesParameters
    ) -> ExpiryDatesResource:
        """Read symbol and moment; raise Problem."""
        wanted = chain_query(deps, symbol, "all", query.as_of)
        return ExpiryDatesResource(wanted, request.url.path)

    @routes.get(
        "/option-chain/{symbol:chain}",
        operation_id="getOptionChain",
        summary="The chain of a symbol, latest or as it stood at a moment",
        response_model=AnyChain,
        responses=documented(413),
    )
    def option_chain(
        request: Request, wanted: Annotated[ChainResource, Depends(chain)]
    ) -> Response:
        """A whole snapshot, never a part of one: calls and puts, as their source sent them.

        `as_of` goes back to any recorded moment. Conditions narrow the contracts down, `columns`
        their fields; `greeks` adds what is derived of each; `layout` and `format` say how they are
        written. To poll, send the `ETag` of
        the last answer as `If-None-Match`: the exchange changes its data every 30 to 60 seconds,
        and until then the answer is a 304.
        """
        return respond_and_cache(wanted, request, cache)

    @routes.get(
        "/option-chain/{symbol}/strikes",
        operation_id="getStrikes",
        summary="The strikes of a chain, in order",
        response_model=schemas.Strikes,
    )
    def strikes(
        request: Request, wanted: Annotated[StrikesResource, Depends(chain_strikes)]
    ) -> Response:
        """What a chain has on either side, without its numbers; for menus and loops."""
        return respond_and_cache(wanted, request, cache)

    @routes.get(
        "/option-chain/{symbol}/expiry-dates",
        operation_id="getExpiryDates",
        summary="The expiry dates of the chains, by date",
        response_model=schemas.ExpiryDates,
    )
    def expiry_dates(
        request: Request, wanted: Annotated[ExpiryDatesResource, Depends(dates)]
    ) -> Response:
        """What `expiry` may name elsewhere: those that have not passed by the moment asked for."""
        return respond_and_cache(wanted, request, cache)

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
        return filter_contracts(deps, wanted, cursor, request)

    return routes


def _chain(
    deps: Dependencies, symbol: str, query: schemas.OptionChainQuery, accept: str
) -> ChainResource:
    columns = tuple(query.columns.split(",")) if query.columns else None
    check_derived(query.columns, query.iv_source, greeks=query.greeks)
    return ChainResource(
        query=chain_query(deps, symbol, query.expiry, query.as_of),
        selection=query.selection(),
        columns=columns,
        layout=query.layout,
        form=format_of(query.format, accept),
        greeks=query.greeks,
        iv_source=query.iv_source or "price",
    )
