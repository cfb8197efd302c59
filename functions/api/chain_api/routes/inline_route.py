"""Routes that run where they are called: for an environment that has one request at a time."""

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi.routing import APIRoute


class InlineRoute(APIRoute):
    """A route whose function runs in the event loop and not in a thread of its own.

    For Lambda: nothing else waits for that loop, every request has a new one, and a thread each
    would cost more than the look at a header.
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
