"""Answers that are kept: rendered once, then served for as long as a small read finds no news.

Who polls asks the same again and again, and the chain changes every 30 to 60 seconds. So a latest
chain is kept under its request line, and each request for it looks at the newest header alone.
Requests that come while one looks share the next look.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, NamedTuple

from aws_lambda_powertools import Logger
from cachetools import LRUCache
from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from chain_api.caching.cacheable import View
from chain_api.problems import handlers as problem_handlers
from chain_api.problems.catalogue import Problem
from chain_api.queries.freshness import Sight
from optionchain.errors import StoreUnavailable

# A chain of 200 contracts is 0.12 MB: hundreds of views in an eighth of the function's 512 MB.
_MOST_BYTES = 64_000_000
_BYTES_BESIDE = 2_000
_LONGEST_LINE = 1_000
# Looks are short, and most requests are for a few symbols.
_LOOKERS = 4


class Kept(NamedTuple):
    """A view, the version in which it was rendered, and what was rendered."""

    view: View
    version: str
    rest: bytes


class Shelf:
    """What was rendered last under each request line, within bounds; safe among threads."""

    def __init__(self) -> None:
        self._kept: LRUCache[object, Kept] = LRUCache(_MOST_BYTES, _size)
        self._lock = Lock()

    def keep(self, request: Request, kept: Kept) -> None:
        """Keep an answer, unless it or its request line is of no usual size."""
        accept = request.headers.get("accept", "")
        long = len(request.scope["query_string"]) + len(accept) > _LONGEST_LINE
        if _size(kept) < _MOST_BYTES and not long:
            with self._lock:
                self._kept[_line(request.scope, accept)] = kept

    def find(self, scope: Scope, accept: str) -> Kept | None:
        """Return what is kept under a request's line."""
        with self._lock:
            return self._kept.get(_line(scope, accept))


def _line(scope: Scope, accept: str) -> object:
    return scope["path"], scope["query_string"], accept


def _size(kept: Kept) -> int:
    return len(kept.rest) + _BYTES_BESIDE


class Looks:
    """Looks into the database, one at a time a question, each for all who asked before it began.

    With `inline` there is one request at a time, which looks by itself.
    """

    def __init__(self, *, inline: bool = False) -> None:
        self._inline = inline
        self._next: dict[Hashable, asyncio.Task[Any]] = {}
        self._turns: dict[Hashable, asyncio.Lock] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        # Not the loop's own threads: in Lambda every request has another loop.
        self._threads = ThreadPoolExecutor(_LOOKERS, thread_name_prefix="look")

    async def share[Found](self, question: Hashable, look: Callable[[], Found]) -> Found:
        """Return what a look finds that begins now or later."""
        if self._inline:
            return look()
        if self._loop is not asyncio.get_running_loop():  # what another one left will not end
            self._loop, self._next, self._turns = asyncio.get_running_loop(), {}, {}
        if question not in self._next:
            self._next[question] = asyncio.create_task(self._look(question, look))
        # One client that hangs up does not end the look of the others.
        found: Found = await asyncio.shield(self._next[question])
        return found

    async def _look[Found](self, question: Hashable, look: Callable[[], Found]) -> Found:
        async with self._turns.setdefault(question, asyncio.Lock()):
            del self._next[question]  # who comes from here on may see later news
            found = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        if question not in self._next:  # nobody waits for a turn
            self._turns.pop(question, None)
        return found


class Keeper:
    """ASGI middleware: answers what is on the shelf, renewed where there are news.

    All else it passes on.
    """

    def __init__(self, app: ASGIApp, shelf: Shelf, logger: Logger, *, inline: bool = False) -> None:
        self._app = app
        self._shelf = shelf
        self._logger = logger
        self._looks = Looks(inline=inline)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer: ASGIApp | None = None
        if scope["type"] == "http" and scope["method"] == "GET":
            headers = Headers(scope=scope)
            if kept := self._shelf.find(scope, headers.get("accept", "")):
                tag = headers.get("if-none-match", "")
                answer = await self._serve(kept, tag, Request(scope))
        await (answer or self._app)(scope, receive, send)

    async def _serve(self, kept: Kept, tag: str, request: Request) -> ASGIApp | None:
        view = kept.view
        try:
            sights, represented, head = await self._looks.share(id(view), view.seen)
            if unchanged := represented.not_modified(tag):
                return unchanged
            if represented.version != kept.version:
                kept = await self._renew(kept, represented.version, sights)
                self._shelf.keep(request, kept)
            return represented.answer(head, kept.rest)
        except StoreUnavailable as error:
            return problem_handlers.away(self._logger, request, error)
        except Problem:  # nothing is there any more, or too much: the route says what
            return None

    async def _renew(self, kept: Kept, version: str, sights: Sequence[Sight]) -> Kept:
        # The version names the view and what it reads: who waits for the same shares it.
        rest = await self._looks.share(version, partial(kept.view.read, sights))
        return Kept(kept.view, version, rest)
