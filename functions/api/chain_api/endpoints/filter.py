"""The contracts that a filter finds in a symbol's chains, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from chain_api.caching.cache_control import NOT_STORED
from chain_api.caching.http_cache import (
    Content,
    Representation,
    content_of,
    freshness_headers,
)
from chain_api.dependencies import Dependencies
from chain_api.pagination.cursors import (
    Milliseconds,
    cursor_of,
    from_milliseconds,
    to_milliseconds,
)
from chain_api.pagination.cursors import (
    content_of as cursor_content,
)
from chain_api.pagination.listing import list_body
from chain_api.parameters.columns import COLUMNS
from chain_api.parameters.types import ExpiryDate
from chain_api.problems.catalogue import invalid
from chain_api.problems.wording import NO_JSON
from chain_api.queries.contracts import selected_contracts
from chain_api.queries.freshness import Freshness, combined_members, freshness_of_all
from chain_api.queries.headers import headers_of, instant_of
from chain_api.rendering.formats import Format, format_of
from chain_api.schemas.filter import FilterRequest
from optionchain.exchange_time import expiry_text
from optionchain.mongo.documents import HeaderDocument

_RESOURCE = "filter"
# These may differ from page to page: they change how a page looks, not which list it belongs to.
_FREE_PARAMETERS = {"limit", "offset", "format"}


class _CursorContent(BaseModel):
    """What a cursor holds: the filter, its snapshots, the moment, and where the page begins."""

    body: FilterRequest
    headers: Annotated[list[tuple[ExpiryDate, Milliseconds]], Field(min_length=1, max_length=100)]
    moment: Milliseconds
    offset: Annotated[int, Field(ge=0, le=1_000_000)]


@dataclass(frozen=True)
class _FilterPage:
    """A filter, the snapshots that it reads, the moment of the request, and the page's offset."""

    body: FilterRequest
    chains: Sequence[Freshness]
    at: datetime | None
    offset: int

    def next_link(self, now: datetime, offset: int) -> str:
        """Return the address of the page that begins at an offset; it reads the same snapshots."""
        headers = [chain.header for chain in self.chains]
        keys = [[expiry_text(row["expiry"]), to_milliseconds(row["fetched_at"])] for row in headers]
        body = self.body.model_dump(mode="json", exclude_unset=True, exclude={"offset", "as_of"})
        if self.body.as_of:
            body["as_of"] = str(self.body.as_of)
        content = {"headers": keys, "moment": to_milliseconds(self.at or now), "offset": offset}
        return f"{_RESOURCE}?cursor={cursor_of(_RESOURCE, content | {'body': body})}"


def filter_contracts(
    deps: Dependencies, body: FilterRequest | None, cursor: str | None, request: Request
) -> Response:
    """Return a page of what a filter finds, by expiry, strike and side."""
    page = _next_page(deps, body, cursor) if cursor else _first_page(deps, body)
    form = format_of(page.body.format, request.headers.get("accept", ""))
    freshness = combined_members(page.chains)
    content, total = _content(deps, page, form)
    # The answer to a POST is not cached, so it has no entity tag.
    representation = Representation("", form, NOT_STORED, freshness_headers(freshness))
    members = {"symbol": page.body.symbol, **freshness, "total_records": total}
    return representation.response(members, content)


def _content(deps: Dependencies, page: _FilterPage, form: Format) -> tuple[Content, int]:
    """Return the records of a page, and how many records the filter finds in all."""
    wanted = page.body
    headers = [chain.header for chain in page.chains]
    found = selected_contracts(deps, headers, wanted.selection(), wanted.columns)
    end = page.offset + wanted.limit
    records: Sequence[Any] = found[page.offset : end]
    if wanted.columns:
        records = [{name: row[name] for name in wanted.columns} for row in records]
    link = page.next_link(deps.now(), end) if end < len(found) else None
    bounds = {"limit": wanted.limit, "offset": page.offset}
    body = list_body(records, wanted.columns or COLUMNS, form, link, **bounds)
    return content_of(body, form, link), len(found)


def _first_page(deps: Dependencies, body: FilterRequest | None) -> _FilterPage:
    if body is None:
        raise invalid("body", None, f"{NO_JSON}; or the cursor of a next page be given")
    at = instant_of(body.as_of, deps.now(), "as_of")
    found = headers_of(deps, body.symbol, body.expiry_date or "all", at, "expiry_date")
    chains = freshness_of_all(deps, found, at)
    return _FilterPage(body, chains, at, body.offset)


def _next_page(deps: Dependencies, body: FilterRequest | None, cursor: str) -> _FilterPage:
    content = cursor_content(_RESOURCE, cursor, _CursorContent)
    stored = content.body
    if body:
        stored = stored.model_copy(update=_changes(body, stored))
    at = from_milliseconds(content.moment)
    found = [_header(deps, stored.symbol, *key) for key in content.headers]
    chains = freshness_of_all(deps, found, at)
    return _FilterPage(stored, chains, at, content.offset)


def _changes(body: FilterRequest, stored: FilterRequest) -> dict[str, Any]:
    """Return what a body changes about the page; the rest must be the filter of the cursor."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    for name, value in given.items():
        if name not in _FREE_PARAMETERS and getattr(stored, name) != value:
            allowed = "must be as it was where the cursor comes from; or leave the body out"
            raise invalid(name, None, allowed)
    return {name: value for name, value in given.items() if name in _FREE_PARAMETERS - {"offset"}}


def _header(deps: Dependencies, symbol: str, expiry: str, fetched_at: int) -> HeaderDocument:
    at = from_milliseconds(fetched_at)
    (header,) = headers_of(deps, symbol, expiry, at, "cursor")
    if header["fetched_at"] != at:
        raise invalid("cursor", None, "is of a snapshot that is not kept any more")
    return header
