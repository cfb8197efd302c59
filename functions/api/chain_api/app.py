"""The application: routes, errors, documents. Built once, over parts that are passed in."""

from typing import Any

from fastapi import Depends, FastAPI
from starlette.types import ASGIApp

from chain_api.caching.response_cache import Keeper, Shelf
from chain_api.dependencies import Dependencies
from chain_api.middleware.body_bound import BodyBound
from chain_api.middleware.compression import Compression
from chain_api.middleware.cors import cross_origin
from chain_api.middleware.head import Head
from chain_api.middleware.request_log import RequestLog
from chain_api.middleware.security_headers import SecurityHeaders
from chain_api.parameters.duplicates import each_once
from chain_api.problems import handlers as problem_handlers
from chain_api.routes import analytics, gaps, pipeline, service, through_time
from chain_api.routes import option_chain as chain
from chain_api.site import dashboard as dashboard_page
from chain_api.site import docs_page
from optionchain import __version__

_DESCRIPTION = """India's option chain as the National Stock Exchange publishes it, recorded on a
five-second grid and served as recorded. No number is invented: what the exchange did not send is
null. Datetimes are ISO 8601, UTC; dates of expiry are written as the exchange does, 30-Jan-2025;
`age_seconds` says how long ago the exchange last answered what you see."""


class _Api(FastAPI):
    """FastAPI with manners that hold for every answer, and problems described as what they are."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put around everything what also the answers 500 need; add_middleware's lie inside these.

        In this order: gzip first, since HEAD's Content-Length is that of the compressed body; then
        HEAD; then CORS, which answers preflights by itself; then what browsers are told of all of
        these; the log, and the id with it, sees all.
        """
        deps: Dependencies = self.state.deps
        app = Head(Compression(super().build_middleware_stack()))
        guarded = SecurityHeaders(cross_origin(app, deps.settings.cors_origins))
        return RequestLog(guarded, deps.log)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made when it is asked for first."""
        if self.openapi_schema is None:
            from chain_api.openapi import completed  # noqa: PLC0415  (a cold start does without)

            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema


def create_app(deps: Dependencies) -> FastAPI:
    """Return the ASGI application over these parts."""
    app = _Api(
        dependencies=[Depends(each_once)],
        title="NSE option chain",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        # A redirect would leave out the stage.
        redirect_slashes=False,
        # Relative to the document itself, which a stage prefix may precede.
        servers=[{"url": "./"}],
    )
    app.state.deps = deps
    problem_handlers.install(app, deps.log)
    shelf = Shelf()
    app.include_router(chain.router(deps, shelf))
    app.include_router(analytics.router(deps, shelf))
    app.include_router(through_time.router(deps))
    app.include_router(gaps.router(deps))
    app.include_router(pipeline.router(deps))
    app.include_router(service.router(deps))
    app.include_router(docs_page.router())
    app.include_router(dashboard_page.router())
    app.add_middleware(Keeper, shelf=shelf, logger=deps.log, inline=deps.one_at_a_time)
    # The bound outermost of what lies inside of the answer 500.
    app.add_middleware(BodyBound)
    return app
