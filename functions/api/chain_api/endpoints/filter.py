"""What a filter finds in a symbol's chains, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from chain_api.caching.cacheable import standing, together
from chain_api.caching.http_cache import Representation
from chain_api.dependencies import Dependencies
from chain_api.endpoints.chain import chosen
from chain_api.pagination import response as pages
from chain_api.pagination.cursors import content_of, cursor_of
from chain_api.pagination.request import Milliseconds, from_milliseconds, milliseconds
from chain_api.parameters.columns import COLUMNS
from chain_api.parameters.types import ExpiryChoice
from chain_api.problems.catalogue import invalid
from chain_api.queries.freshness import Sight, sight
from chain_api.queries.headers import headers_of, instant
from chain_api.rendering.answers import Answer
from chain_api.rendering.formats import format_of
from chain_api.schemas import FilterRequest
from optionchain.exchange_time import expiry_text
from optionchain.mongo.documents import HeaderDocument

_RESOURCE = "filter"
# What may differ from page to page: it changes how a page looks, not which list it is of.
_FREE = {"limit", "offset", "format"}


class _Content(BaseModel):
    """What a cursor carries: the filter, the snapshots it reads, and where the page begins."""

    body: FilterRequest
    headers: Annotated[list[tuple[ExpiryChoice, Milliseconds]], Field(min_length=1, max_length=100)]
    moment: Milliseconds
    offset: Annotated[int, Field(ge=0, le=1_000_000)]


@dataclass(frozen=True)
class _Asked:
    """A filter, the chains it reads, the moment it looks at, and where its page begins."""

    body: FilterRequest
    sights: Sequence[Sight]
    at: datetime | None
    offset: int

    def next(self, now: datetime, offset: int) -> str:
        """Return the link to the page that begins at an offset; it reads the same snapshots."""
        headers = [each.header for each in self.sights]
        keys = [[expiry_text(row["expiry"]), milliseconds(row["fetched_at"])] for row in headers]
        body = self.body.model_dump(mode="json", exclude_unset=True, exclude={"offset", "as_of"})
        if self.body.as_of:
            body["as_of"] = str(self.body.as_of)
        content = {"headers": keys, "moment": milliseconds(self.at or now), "offset": offset}
        return f"{_RESOURCE}?cursor={cursor_of(_RESOURCE, content | {'body': body})}"


def answer(
    deps: Dependencies, body: FilterRequest | None, cursor: str | None, request: Request
) -> Response:
    """Return a page of what a filter finds, by expiry, strike and side."""
    for name in request.query_params:
        if name != "cursor":
            raise invalid(name[:100], None, "is no parameter here: a filter is sent as the body")
    asked = _continued(deps, body, cursor) if cursor else _begun(deps, body)
    wanted, sights, now = asked.body, asked.sights, deps.now()
    form = format_of(wanted.format, request.headers.get("accept", ""))
    headers = [each.header for each in sights]
    names = wanted.columns or COLUMNS
    found = chosen(deps, headers, wanted.selection(), wanted.columns)
    end = asked.offset + wanted.limit
    page: Sequence[Any] = found[asked.offset : end]
    if wanted.columns:
        page = [{name: row[name] for name in names} for row in page]
    link = asked.next(now, end) if end < len(found) else None
    total = {"total_records": len(found)}
    members: Answer = {"symbol": wanted.symbol, **together(sights), **total}
    bounds = {"limit": wanted.limit, "offset": asked.offset}
    # A POST is not cached, and has no tag to be asked with.
    represented = Representation("", form, "no-store", standing(sights))
    return pages.answer(represented, members, page, names, link, **bounds)


def _begun(deps: Dependencies, body: FilterRequest | None) -> _Asked:
    if body is None:
        raise invalid("body", None, "must be a JSON object, or the cursor of a next page be given")
    at = instant(body.as_of, deps.now(), "as_of")
    found = headers_of(deps, body.symbol, body.expiry_date or "all", at, "expiry_date")
    return _Asked(body, [sight(deps, header, at) for header in found], at, body.offset)


def _continued(deps: Dependencies, body: FilterRequest | None, cursor: str) -> _Asked:
    content = content_of(_RESOURCE, cursor, _Content)
    carried = content.body
    if body:
        carried = carried.model_copy(update=_freely(body, carried))
    at = from_milliseconds(content.moment)
    found = [_header(deps, carried.symbol, *key) for key in content.headers]
    return _Asked(carried, [sight(deps, header, at) for header in found], at, content.offset)


def _freely(body: FilterRequest, carried: FilterRequest) -> dict[str, Any]:
    """Return what a body changes of a page; it must be the filter that the cursor carries."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    for name, value in given.items():
        if name not in _FREE and getattr(carried, name) != value:
            allowed = "must be as it was where the cursor comes from; or leave the body out"
            raise invalid(name, None, allowed)
    return {name: value for name, value in given.items() if name in _FREE - {"offset"}}


def _header(deps: Dependencies, symbol: str, expiry: str, fetched_at: int) -> HeaderDocument:
    at = from_milliseconds(fetched_at)
    (header,) = headers_of(deps, symbol, expiry, at, "cursor")
    if header["fetched_at"] != at:
        raise invalid("cursor", None, "is of a snapshot that is not kept any more")
    return header
