"""The application: routes, errors, documents. Built once, over parts that are passed in."""

from typing import Any

from fastapi import FastAPI

from chain_api import docs_page, problems, schemas
from chain_api.deps import Deps
from chain_api.request_log import RequestLog, logger
from chain_api.routes import chain, service
from optionchain import __version__

_DESCRIPTION = """India's option chain as the National Stock Exchange publishes it, recorded on a
five-second grid and served as recorded. No number is invented: what the exchange did not send is
null. Datetimes are ISO 8601, UTC; dates of expiry are written as the exchange does, 30-Jan-2025;
`age_seconds` says how long ago the exchange last answered what you see."""

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": description,
        "content": {
            problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
        },
    }
    for status, description in {
        404: "unknown symbol or expiry",
        422: "a value is not allowed; `errors` names each field",
        503: "the database is away; Retry-After says when to try again",
    }.items()
}


class _Api(FastAPI):
    """FastAPI that describes problems as what they are: problem+json, one schema."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            schema = super().openapi()
            models = schema["components"]["schemas"]
            models["ProblemDetails"] = schemas.ProblemDetails.model_json_schema()
        return super().openapi()


def create_app(deps: Deps) -> FastAPI:
    """Return the ASGI application over these parts."""
    app = _Api(
        title="NSE option chain",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        # Relative to the document itself, which a stage prefix may precede.
        servers=[{"url": "./"}],
    )
    problems.install(app)
    app.include_router(docs_page.router())
    app.include_router(service.router(deps))
    app.include_router(chain.router(deps), responses=_PROBLEMS)
    app.add_middleware(RequestLog, logger=logger(deps.settings.log_level))
    return app
