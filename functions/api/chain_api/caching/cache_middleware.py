"""ASGI middleware that answers from the response cache, and passes on all other requests."""

from dataclasses import replace
from datetime import datetime

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from chain_api.caching.response_cache import CachedResponse, ChainResource, ResponseCache
from chain_api.dependencies import Dependencies
from chain_api.middleware.compression import accepts_gzip
from chain_api.problems import handlers
from chain_api.problems.catalogue import Problem
from chain_api.queries.complete_ticks import CompleteTicks
from chain_api.queries.freshness import Freshness
from optionchain.errors import ArchiveUnavailable, StoreUnavailable
from optionchain.rhythm import Rhythm


class CacheMiddleware:
    """Serves cached responses, and renews them when there is news.

    MongoDB is read in a thread, except in Lambda: there an environment has one request at a time,
    and a thread would only cost time.
    """

    def __init__(self, app: ASGIApp, cache: ResponseCache, deps: Dependencies) -> None:
        self._app = app
        self._cache = cache
        self._deps = deps
        self._complete = CompleteTicks(deps.ledger, self._rhythm_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response: ASGIApp | None = None
        if scope["type"] == "http" and scope["method"] == "GET":
            headers = Headers(scope=scope)
            if cached := self._cache.find(scope, headers.get("accept", "")):
                response = await self._respond(cached, headers, Request(scope))
        await (response or self._app)(scope, receive, send)

    async def _respond(
        self, cached: CachedResponse, headers: Headers, request: Request
    ) -> Response | None:
        """Return the answer, or None where the route must find out what to say."""
        now = self._deps.now()
        try:
            if cached.until is None or now >= cached.until:
                cached = await self._renewed(cached, now)
                self._cache.store(request, cached)
            chains = [replace(chain, moment=now) for chain in cached.chains]
            representation, members = cached.resource.describe(chains)
            if unchanged := representation.not_modified(headers.get("if-none-match")):
                return unchanged
            compressed = accepts_gzip(headers)
            return representation.response(members, cached.content, compressed=compressed)
        except (StoreUnavailable, ArchiveUnavailable) as error:
            return handlers.storage_unavailable(self._deps.log, request, error)
        except Problem:  # for example, the expiry has passed meanwhile
            return None

    async def _renewed(self, cached: CachedResponse, now: datetime) -> CachedResponse:
        if self._deps.one_at_a_time:
            return self._renew(cached, now)
        return await run_in_threadpool(self._renew, cached, now)

    def _renew(self, cached: CachedResponse, now: datetime) -> CachedResponse:
        """Return what the database holds now; the content is read again only if it changed."""
        chains, until = self._find(cached.resource, now)
        version = cached.resource.describe(chains).representation.version
        unchanged = version == cached.version
        content = cached.content if unchanged else cached.resource.read(chains)
        return CachedResponse(cached.resource, chains, version, content, until)

    def _find(
        self, resource: ChainResource, now: datetime
    ) -> tuple[list[Freshness], datetime | None]:
        """Return the snapshots, and until when they cannot change, None if that is not known.

        The ledger is asked only if the current tick has confirmed a snapshot: before that there is
        nothing to gain, and a poll costs one small read.
        """
        symbol = resource.query.symbol
        tick = self._complete.current_tick(symbol, now)
        until = self._complete.known_until(symbol, now)
        chains = resource.find()
        if until is None and any(chain.last_seen_at >= tick for chain in chains):
            until = self._complete.until(symbol, now)
            if until:  # what was read before the ledger entry may have changed before it, too
                chains = resource.find()
        return chains, until

    def _rhythm_of(self, symbol: str) -> Rhythm:
        return self._deps.symbols.plan().rhythm_of(symbol)
