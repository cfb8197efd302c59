"""API Gateway's events and what the API Lambda answers to them."""

import json
from typing import Any, cast

from mangum import Mangum
from mangum.types import LambdaContext

from chain_api.handler import lambda_handler
from tests.conftest import ROOT

_NO_CONTEXT = cast("LambdaContext", None)  # Mangum hands it on and reads nothing of it


def event(name: str, **changes: object) -> dict[str, Any]:
    """Return an event by the name of its file; `changes` replace some of its keys."""
    path = ROOT / "events" / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found | changes


def get(path: str, **changes: object) -> dict[str, Any]:
    """Return the event of a GET; only the context's path has the stage, as AWS sends it."""
    found = event("api-health", path=path, **changes)
    found["requestContext"] |= {"path": f"/dev{path}"}
    return found


def respond(request: Any, application: Mangum | None = None) -> dict[str, Any]:  # noqa: ANN401
    """Return the handler's response; without an application it is the environment's."""
    response: Any = lambda_handler(request, _NO_CONTEXT, application)
    assert isinstance(response["body"], str)
    assert response["isBase64Encoded"] is False  # a REST API passes on nothing but text
    found: dict[str, Any] = response
    return found


def answer(
    request: dict[str, Any], application: Mangum | None = None
) -> tuple[int, dict[str, str], Any]:
    """Return status, headers and body; a JSON body is decoded."""
    response = respond(request, application)
    headers: dict[str, str] = response["headers"]
    body = response["body"]
    decoded = json.loads(body) if "json" in headers["content-type"] and body else body
    return response["statusCode"], headers, decoded
