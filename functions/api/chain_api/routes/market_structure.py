"""Routes of the structure of a market: gamma exposure, and expiries beside each other."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.resource import chain_query
from chain_api.caching.respond import respond_and_cache
from chain_api.caching.response_cache import ResponseCache
from chain_api.dependencies import Dependencies
from chain_api.endpoints.expiries import ExpiriesResource
from chain_api.endpoints.gamma_exposure import GammaExposureResource
from chain_api.parameters.types import SymbolPath
from chain_api.rendering.formats import format_of
from chain_api.routes.api_router import api_router


def router(deps: Dependencies, cache: ResponseCache) -> APIRouter:
    """Return the routes; answers of the latest snapshots are kept in the cache."""
    routes = api_router(deps, "Analytics", 404, 413, 422, 503)

    async def exposure_of(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.GammaQuery, Query()]
    ) -> GammaExposureResource:
        """Read symbol, expiry, moment and source of volatilities; raise Problem."""
        wanted = chain_query(deps, symbol, query.expiry, query.as_of)
        form = format_of(query.format, request.headers.get("accept", ""))
        return GammaExposureResource(wanted, form, query.iv_source)

    async def terms_of(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.TermStructureQuery, Query()]
    ) -> ExpiriesResource:
        """Read symbol and moment; raise Problem."""
        wanted = chain_query(deps, symbol, "all", query.as_of)
        form = format_of(query.format, request.headers.get("accept", ""))
        return ExpiriesResource(wanted, "term-structure", form)

    async def surface_of(
        request: Request, symbol: SymbolPath, query: Annotated[schemas.SurfaceQuery, Query()]
    ) -> ExpiriesResource:
        """Read symbol, moment and source of volatilities; raise Problem."""
        wanted = chain_query(deps, symbol, "all", query.as_of)
        form = format_of(query.format, request.headers.get("accept", ""))
        return ExpiriesResource(wanted, "surface", form, query.iv_source)

    @routes.get(
        "/option-chain/{symbol}/analytics/gamma-exposure",
        operation_id="getGammaExposure",
        summary="Gamma exposure by strike, at other prices, and its flip level",
        response_model=schemas.GammaExposure,
    )
    def gamma_exposure(
        request: Request, wanted: Annotated[GammaExposureResource, Depends(exposure_of)]
    ) -> Response:
        """The sums are those of `/analytics`. `profile` is the net exposure if the price were
        another one and nothing else changed; `flip_level` is where that changes its sign. With
        `expiry=all` the exposures of all expiries are added, each with its lot size.

        CSV and NDJSON are one record a strike, without the profile.
        """
        return respond_and_cache(wanted, request, cache)

    @routes.get(
        "/option-chain/{symbol}/analytics/term-structure",
        operation_id="getTermStructure",
        summary="Volatility, forward, straddle and ratios by expiry",
        response_model=schemas.TermStructure,
    )
    def term_structure(
        request: Request, wanted: Annotated[ExpiriesResource, Depends(terms_of)]
    ) -> Response:
        """One record an expiry, of those listed at the moment: its numbers are those of
        `/analytics`, and a number that is null has its reason.
        """
        return respond_and_cache(wanted, request, cache)

    @routes.get(
        "/option-chain/{symbol}/analytics/surface",
        operation_id="getSurface",
        summary="The implied volatilities of every expiry by strike",
        response_model=schemas.Surface,
    )
    def surface(
        request: Request, wanted: Annotated[ExpiriesResource, Depends(surface_of)]
    ) -> Response:
        """One record an expiry, with arrays by strike: volatilities as of `/analytics/smile`,
        deltas, and moneyness by the forward of the expiry. CSV and NDJSON are one record an expiry
        and strike.
        """
        return respond_and_cache(wanted, request, cache)

    return routes
