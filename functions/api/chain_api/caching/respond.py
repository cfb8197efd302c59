"""From a resource to its answer: the one place that answers 304, reads, and keeps the response."""

from fastapi import Request, Response

from chain_api.caching.resource import Resource
from chain_api.caching.response_cache import CachedResponse, ChainResource, ResponseCache
from chain_api.middleware.compression import accepts_gzip


def respond[State](resource: Resource[State], request: Request) -> Response:
    """Return the answer, or the 304 for a client that already has it."""
    state = resource.find()
    representation, members = resource.describe(state)
    if unchanged := representation.not_modified(request.headers.get("if-none-match")):
        return unchanged
    return representation.response(members, resource.read(state))


def respond_and_cache(resource: ChainResource, request: Request, cache: ResponseCache) -> Response:
    """Do the same, and keep the response if it is of the latest snapshots."""
    chains = resource.find()
    representation, members = resource.describe(chains)
    if unchanged := representation.not_modified(request.headers.get("if-none-match")):
        return unchanged
    content = resource.read(chains)
    # Compressed here as the cache does it: the same entity tag must name the same bytes.
    compressed = accepts_gzip(request.headers)
    response = representation.response(members, content, compressed=compressed)
    if resource.query.at is None:
        version = representation.version
        cache.store(request, CachedResponse(resource, chains, version, content))
    return response
