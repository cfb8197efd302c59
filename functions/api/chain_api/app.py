"""The application: routes, errors and middleware, built once over parts that are passed in."""

from typing import Any

from fastapi import Depends, FastAPI
from starlette.types import ASGIApp

from chain_api.archive.storage_header import StorageHeader
from chain_api.caching.cache_middleware import CacheMiddleware
from chain_api.caching.http_cache import check_size
from chain_api.caching.response_cache import ResponseCache
from chain_api.dependencies import Dependencies
from chain_api.middleware.body_bound import BodyBound
from chain_api.middleware.compression import Compression
from chain_api.middleware.cors import cross_origin
from chain_api.middleware.head import Head
from chain_api.middleware.request_deadline import RequestDeadline
from chain_api.middleware.request_log import RequestLog
from chain_api.middleware.security_headers import SecurityHeaders
from chain_api.middleware.time_zone import TimeZone
from chain_api.parameters.names import check_names
from chain_api.problems import handlers
from chain_api.routes import (
    analytics,
    archive,
    changes,
    days,
    disagreements,
    gaps,
    history,
    iv_rank,
    market_structure,
    open_interest_history,
    option_chain,
    pipeline,
    screener,
    service,
    snapshots,
)
from chain_api.site import dashboard, docs_page
from optionchain import __version__

_DESCRIPTION = """India's option chain as the National Stock Exchange publishes it, recorded on a
five-second grid and served as recorded. No number is invented: what its source did not send is
null. Datetimes are ISO 8601, UTC; dates of expiry are written as the exchange does, 30-Jan-2025;
`age_seconds` says how long ago the exchange last answered what you see."""


class _Api(FastAPI):
    """FastAPI with middleware around every answer, and with a completed OpenAPI document."""

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap the application, the answers 500 too; add_middleware would lie inside those.

        From the inside: the time in which moments are written; where the numbers were read, and how
        long the archive may take; gzip; HEAD, whose Content-Length is that of the compressed body;
        CORS, which answers preflights itself; security headers; the log, which sees every answer.
        """
        deps: Dependencies = self.state.deps
        zoned = TimeZone(super().build_middleware_stack(), check_size)
        inner = RequestDeadline(StorageHeader(zoned))
        app = Head(Compression(inner))
        guarded = SecurityHeaders(cross_origin(app, deps.settings.cors_origins))
        return RequestLog(guarded, deps.log)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, which is built at its first request."""
        if self.openapi_schema is None:
            from chain_api.openapi import completed  # noqa: PLC0415  (a cold start does without)

            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema


def create_app(deps: Dependencies) -> FastAPI:
    """Return the ASGI application over these parts."""
    app = _Api(
        dependencies=[Depends(check_names)],
        title="NSE option chain",
        version=__version__,
        description=_DESCRIPTION,
        # The page /docs and the document have routes of their own, which check their parameters.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # A redirect would leave out the stage.
        redirect_slashes=False,
        # Relative to the document, so that a stage prefix holds.
        servers=[{"url": "./"}],
        # Powertools does logs and metrics. FastAPI would look for an exporter at each request.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.deps = deps
    handlers.install(app, deps.log)
    cache = ResponseCache()
    for router in (
        option_chain.router(deps, cache),
        analytics.router(deps, cache),
        market_structure.router(deps, cache),
        iv_rank.router(deps),
        open_interest_history.router(deps),
        snapshots.router(deps),
        days.router(deps),
        history.router(deps),
        changes.router(deps),
        gaps.router(deps),
        disagreements.router(deps),
        archive.router(deps),
        pipeline.router(deps),
        screener.router(deps),
        service.router(deps),
        docs_page.router(),
        dashboard.router(),
    ):
        app.include_router(router)
    app.add_middleware(CacheMiddleware, cache=cache, deps=deps)
    # Added last, so that it lies outside of the cache but inside of the answer 500.
    app.add_middleware(BodyBound)
    return app
