"""Routers of the API, whose routes run in the event loop if there is one request at a time."""

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from chain_api.dependencies import Dependencies
from chain_api.problems.catalogue import documented


class InlineRoute(APIRoute):
    """A route whose function runs in the event loop and not in a thread.

    This is for Lambda. Nothing else waits for its event loop, each request has a new one, and to
    start a thread for each request would cost more than to read a header.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401
        super().__init__(path, _inline(endpoint), **options)


def _inline(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    if iscoroutinefunction(endpoint):
        return endpoint

    @wraps(endpoint)
    async def run(**values: object) -> object:
        return endpoint(**values)

    return run


def api_router(deps: Dependencies, tag: str, *problems: int) -> APIRouter:
    """Return a router for routes with this tag of the OpenAPI document and these problems.

    Its routes run in threads, or inline where nothing else waits.
    """
    route_class = InlineRoute if deps.one_at_a_time else APIRoute
    return APIRouter(route_class=route_class, tags=[tag], responses=documented(*problems))
