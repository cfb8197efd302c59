"""Rendered answers of the latest chains, kept for as long as they are true.

Clients poll, and the exchange changes a chain every 30 to 60 seconds. So the content of a latest
chain is kept under its request line. A poll then costs one small read that finds whether there is
news, and within a complete tick not even that: nothing can change before the next tick is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Protocol

from cachetools import LRUCache
from fastapi import Request
from starlette.types import Scope

from chain_api.caching.http_cache import Content
from chain_api.caching.resource import ChainQuery, Resource
from chain_api.queries.freshness import Freshness

# A chain of 200 contracts takes 0.16 MB, so this holds hundreds in an eighth of the function's
# 512 MB of memory.
_MOST_BYTES = 64_000_000
# What Python takes beside the content, as measured: for the resource and the entry, and for each
# snapshot, whose header is a document of some hundred small objects.
_ENTRY_BYTES = 6_000
_SNAPSHOT_BYTES = 14_000
# The compressed copy of a content is smaller than this part of it.
_COMPRESSED_PART = 4
_LONGEST_REQUEST_LINE = 1_000

# Path, query and Accept header. Its bytes are within those of an entry, because it is bounded.
type _Key = tuple[str, bytes, str]


class ChainResource(Resource[list[Freshness]], Protocol):
    """A resource made of the snapshots that a ChainQuery finds."""

    @property
    def query(self) -> ChainQuery:
        """Return which chain, and when."""
        ...


@dataclass(frozen=True)
class CachedResponse:
    """The content of a resource in one version, and the snapshots that it was made of.

    Until `until` the snapshots are known not to change; None means that they may change at once.
    """

    resource: ChainResource
    chains: Sequence[Freshness]
    version: str
    content: Content
    until: datetime | None = None

    @property
    def size(self) -> int:
        """Return the bytes of memory that it takes, rather more than fewer."""
        content = len(self.content.rest)
        own = _ENTRY_BYTES + len(self.chains) * _SNAPSHOT_BYTES
        return content + content // _COMPRESSED_PART + own


class ResponseCache:
    """The responses rendered last, by request line, within a bound; safe for several threads."""

    def __init__(self) -> None:
        self._responses: LRUCache[_Key, CachedResponse] = LRUCache(
            _MOST_BYTES, lambda response: response.size
        )
        self._lock = Lock()

    def store(self, request: Request, response: CachedResponse) -> None:
        """Keep a response, unless it or its request line is unusually large."""
        key = _key(request.scope, request.headers.get("accept", ""))
        if sum(map(len, key)) <= _LONGEST_REQUEST_LINE and response.size < _MOST_BYTES:
            with self._lock:
                self._responses[key] = response

    def find(self, scope: Scope, accept: str) -> CachedResponse | None:
        """Return the response that is kept under a request line."""
        with self._lock:
            return self._responses.get(_key(scope, accept))


def _key(scope: Scope, accept: str) -> _Key:
    return scope["path"], scope["query_string"], accept
