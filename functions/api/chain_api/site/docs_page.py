"""The OpenAPI document, and the page /docs that shows it.

The page is Swagger UI from the layer, with no script, style or font from another host.
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
# Addresses are relative, so that the page works behind API Gateway's stage prefix too.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>NSE option chain: API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  tryItOutEnabled: true,
  presets: [SwaggerUIBundle.presets.apis],
});
"""
# Swagger UI sets style attributes and shows icons as data: addresses.
_POLICY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
}
_A_DAY = {"Cache-Control": "public, max-age=86400"}


def router() -> APIRouter:
    """Return the routes of the document, and of the page and its parts; none is in the document."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/openapi.json")
    def document(request: Request) -> Response:
        return JSONResponse(request.app.openapi())

    @routes.get("/docs")
    def docs() -> Response:
        return Response(_PAGE, headers=_POLICY, media_type="text/html")

    @routes.get("/docs/start.js")
    def start() -> Response:
        return Response(_START, headers=_A_DAY, media_type="text/javascript")

    for name, media_type in _ASSETS.items():
        routes.add_api_route(f"/docs/{name}", _asset_route(name, media_type))
    return routes


def _asset_route(name: str, media_type: str) -> Callable[[], Response]:
    def asset() -> Response:
        return Response(_asset(name), headers=_A_DAY, media_type=media_type)

    return asset


@cache
def _asset(name: str) -> bytes:
    return (files("fastapi_swagger") / "resources" / name).read_bytes()
