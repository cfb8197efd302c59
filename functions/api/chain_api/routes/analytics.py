"""Routes of the analytics of a symbol: summary, smile, open interest, and history."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from chain_api import schemas
from chain_api.caching.resource import chain_query
from chain_api.caching.respond import respond, respond_and_cache
from chain_api.caching.response_cache import ResponseCache
from chain_api.dependencies import Dependencies
from chain_api.endpoints.analytics import AnalyticsResource, Kind
from chain_api.endpoints.analytics_history import AnalyticsHistory
from chain_api.parameters.types import SymbolPath
from chain_api.rendering.formats import format_of
from chain_api.routes.api_router import api_router
from optionchain.analytics.terms import IvChoice

type AnalyticsParameters = Annotated[schemas.AnalyticsQuery, Query()]
type InterestParameters = Annotated[schemas.InterestQuery, Query()]


def router(deps: Dependencies, cache: ResponseCache) -> APIRouter:
    """Return the routes; answers of the latest snapshots are kept in the cache."""
    routes = api_router(deps, "Analytics", 404, 413, 422, 503)

    def of(kind: Kind) -> Callable[..., Awaitable[AnalyticsResource]]:
        """Return the dependency that reads symbol, expiry, moment and source of volatilities."""

        async def analytics_of(
            request: Request, symbol: SymbolPath, query: AnalyticsParameters
        ) -> AnalyticsResource:
            return _resource(deps, request, symbol, query, kind, query.iv_source)

        return analytics_of

    async def requested(
        request: Request,
        symbol: SymbolPath,
        query: Annotated[schemas.AnalyticsHistoryQuery, Query()],
    ) -> AnalyticsHistory:
        """Read symbol, expiry, moments and cursor; raise Problem."""
        return AnalyticsHistory(deps, symbol, query, request.headers.get("accept", ""))

    @routes.get(
        "/option-chain/{symbol}/analytics",
        operation_id="getAnalytics",
        summary="What is derived of a chain: ratios, max pain, volatility, exposures, walls",
        response_model=schemas.Analytics,
    )
    def analytics(
        request: Request, wanted: Annotated[AnalyticsResource, Depends(of("analytics"))]
    ) -> Response:
        """Derived when the snapshot was stored, and kept with it: an answer is one small read. With
        `iv_source=exchange` it is derived of the contracts.

        Every number that is null has its reason in `reasons`. CSV and NDJSON are one flat record.
        """
        return respond_and_cache(wanted, request, cache)

    @routes.get(
        "/option-chain/{symbol}/analytics/history",
        operation_id="getAnalyticsHistory",
        summary="The numbers of a symbol's analytics through time",
        response_model=schemas.AnalyticsHistory,
    )
    def history(
        request: Request, page: Annotated[AnalyticsHistory, Depends(requested)]
    ) -> Response:
        """Without `interval` one record a snapshot; with it the last snapshot of each interval,
        counted from the opening of the session; an interval without a snapshot has none.

        By default of the day of the newest snapshot. At most 31 days at once; 366 days, where past
        days are archived.
        """
        return respond(page, request)

    @routes.get(
        "/option-chain/{symbol}/analytics/smile",
        operation_id="getSmile",
        summary="The implied volatilities of a chain by strike",
        response_model=schemas.Smile,
    )
    def smile(
        request: Request, wanted: Annotated[AnalyticsResource, Depends(of("smile"))]
    ) -> Response:
        """Solved of the middle of the quotes, else of the last price if the contract traded today.
        Beside them stand those that the exchange sent; CSV and NDJSON are one record a strike.
        """
        return respond_and_cache(wanted, request, cache)

    @routes.get(
        "/option-chain/{symbol}/analytics/open-interest",
        operation_id="getOpenInterest",
        summary="The open interest of a chain by strike, and its walls",
        response_model=schemas.OpenInterestProfile,
    )
    def open_interest(
        request: Request, wanted: Annotated[AnalyticsResource, Depends(_interest(deps))]
    ) -> Response:
        """As the source sent it, with what changed since the settled open interest of the day
        before; CSV and NDJSON are one record a strike.
        """
        return respond_and_cache(wanted, request, cache)

    return routes


def _interest(deps: Dependencies) -> Callable[..., Awaitable[AnalyticsResource]]:
    """Return the dependency that reads symbol, expiry and moment: there is no volatility."""

    async def interest_of(
        request: Request, symbol: SymbolPath, query: InterestParameters
    ) -> AnalyticsResource:
        return _resource(deps, request, symbol, query, "open-interest")

    return interest_of


def _resource(
    deps: Dependencies,
    request: Request,
    symbol: str,
    query: schemas.InterestQuery,
    kind: Kind,
    iv_source: IvChoice = "price",
) -> AnalyticsResource:
    wanted = chain_query(deps, symbol, query.expiry, query.as_of)
    form = format_of(query.format, request.headers.get("accept", ""))
    return AnalyticsResource(wanted, kind, form, iv_source)
