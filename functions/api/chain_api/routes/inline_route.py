"""Routes that run in the event loop, for an environment that has one request at a time."""

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi.routing import APIRoute

from chain_api.dependencies import Dependencies


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


def route_class(deps: Dependencies) -> type[APIRoute]:
    """Return how routes run: in threads, or inline where nothing else waits."""
    return InlineRoute if deps.one_at_a_time else APIRoute
