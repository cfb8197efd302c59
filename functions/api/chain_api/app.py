"""The application: routes, errors, documents. Built once, over parts that are passed in."""

from typing import Any

from fastapi import FastAPI

from chain_api import docs_page, problem_handlers, schemas
from chain_api.deps import Deps
from chain_api.request_log import RequestLog
from chain_api.routes import chain, gaps, pipeline, service
from optionchain import __version__

_DESCRIPTION = """India's option chain as the National Stock Exchange publishes it, recorded on a
five-second grid and served as recorded. No number is invented: what the exchange did not send is
null. Datetimes are ISO 8601, UTC; dates of expiry are written as the exchange does, 30-Jan-2025;
`age_seconds` says how long ago the exchange last answered what you see."""


class _Api(FastAPI):
    """FastAPI that describes problems as what they are: problem+json, one schema."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        models = schema["components"]["schemas"]
        models.setdefault("ProblemDetails", schemas.ProblemDetails.model_json_schema())
        return schema


def create_app(deps: Deps) -> FastAPI:
    """Return the ASGI application over these parts."""
    app = _Api(
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
    problem_handlers.install(app, deps.log)
    app.include_router(chain.router(deps))
    app.include_router(gaps.router(deps))
    app.include_router(pipeline.router(deps))
    app.include_router(service.router(deps))
    app.include_router(docs_page.router())
    app.add_middleware(RequestLog, logger=deps.log)
    return app
