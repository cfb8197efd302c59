"""What a symbol's chains have: their strikes, their expiry dates."""

from collections.abc import Callable, Sequence
from datetime import datetime

import orjson
from fastapi import Request, Response

from chain_api.caching.cacheable import standing, together
from chain_api.caching.http_cache import Representation, cache_control, version_of
from chain_api.dependencies import Dependencies
from chain_api.parameters.moments import Moment
from chain_api.queries.freshness import Sight, sight
from chain_api.queries.headers import headers_of, instant
from chain_api.rendering.answers import OPTIONS, Answer


def strikes(
    deps: Dependencies, symbol: str, expiry: str, as_of: Moment | None, request: Request
) -> Response:
    """Return the strikes of one expiry's chain, in order."""
    at = instant(as_of, deps.now(), "as_of")
    (only,) = sights = _sights(deps, symbol, expiry, at)
    head = {"symbol": symbol, "expiry_date": only.header["expiry_date"], **together(sights)}

    def read() -> Answer:
        found = deps.snapshots.strikes(only.header)
        return {"strike_prices": found, "total_strikes": len(found)}

    return _answer(deps, request, sights, as_of, head, read)


def expiry_dates(
    deps: Dependencies, symbol: str, as_of: Moment | None, request: Request
) -> Response:
    """Return the expiry dates of a symbol's chains, by date."""
    at = instant(as_of, deps.now(), "as_of")
    sights = _sights(deps, symbol, "all", at)
    newest = max(sights, key=lambda each: each.last_seen_at)
    head = {"symbol": symbol, **together(sights)}
    # The list is as old as the newest look at any of them.
    head |= {"last_seen_at": newest.last_seen_at, "age_seconds": newest.age_seconds}
    dates = [each.header["expiry_date"] for each in sights]
    body = {"expiry_dates": dates, "total_expiry_dates": len(dates)}
    return _answer(deps, request, sights, as_of, head, lambda: body)


def _sights(deps: Dependencies, symbol: str, expiry: str, at: datetime | None) -> Sequence[Sight]:
    return [sight(deps, header, at) for header in headers_of(deps, symbol, expiry, at)]


def _answer(
    deps: Dependencies,
    request: Request,
    sights: Sequence[Sight],
    as_of: Moment | None,
    head: Answer,
    read: Callable[[], Answer],
) -> Response:
    fresh = cache_control(
        deps.calendar.market(),
        deps.settings.nse_fetch_interval,
        deps.now(),
        sights[0].moment if as_of else None,
        absolute=as_of is not None and as_of.absolute,
    )
    version = version_of(request.url.path, *(each.key for each in sights))
    represented = Representation(version, "json", fresh, standing(sights))
    if unchanged := represented.not_modified(request.headers.get("if-none-match")):
        return unchanged
    return represented.answer(head, orjson.dumps(read(), option=OPTIONS))
