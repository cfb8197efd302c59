"""The snapshots of a symbol through time: what its headers say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import Request, Response
from pydantic import Field

from chain_api.dependencies import Dependencies
from chain_api.pagination import response as pages
from chain_api.pagination.request import (
    Asked,
    Milliseconds,
    Pinned,
    asked,
    from_milliseconds,
    milliseconds,
    pin,
)
from chain_api.parameters.types import ExpiryChoice, expiry_of
from chain_api.queries.freshness import seen_by
from chain_api.rendering.answers import Answer
from chain_api.rendering.formats import format_of
from chain_api.schemas.queries import SnapshotsQuery
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.documents import HeaderDocument

COLUMNS = (
    *("expiry_date", "timestamp", "last_seen_at", "exchange_timestamp", "underlying_value"),
    *("total_calls", "total_puts", "call_open_interest", "put_open_interest"),
    *("call_volume", "put_volume", "revised"),
)


class _Position(NamedTuple):
    """The last record told: its tick, how many of that tick were told, its expiry."""

    tick: Milliseconds
    told: Annotated[int, Field(ge=0, le=100)]
    expiry: ExpiryChoice


def answer(deps: Dependencies, symbol: str, query: SnapshotsQuery, request: Request) -> Response:
    """Return a page of a symbol's snapshots, by tick and expiry."""
    wanted = asked("snapshots", symbol, query, _Position)
    pinned, newest = pin(deps, wanted, wanted.query.expiry)
    form = format_of(wanted.query.format, request.headers.get("accept", ""))
    # The newest go on being confirmed; a list of the past says the same for ever.
    seen = {_key(header): seen_by(deps, header, pinned.moment) for header in newest}
    state = pages.standing(newest, list(seen.values()), pinned.moment)
    # Its records say themselves when they were last seen.
    represented = pages.representation(deps, wanted, form, pinned, newest, state, *seen.values())
    if unchanged := represented.not_modified(request.headers.get("if-none-match")):
        return unchanged
    found, position = _read(deps, wanted, pinned)
    link = wanted.next(pinned, position) if position else None
    members = pages.head(symbol, pinned, state)
    rows = [_row(header, seen.get(_key(header), header["last_seen_at"])) for header in found]
    return pages.answer(represented, members, rows, COLUMNS, link)


def _read(
    deps: Dependencies, wanted: Asked[SnapshotsQuery, _Position], pinned: Pinned
) -> tuple[Sequence[HeaderDocument], _Position | None]:
    """Return a page of headers, and after which of them the next one begins."""
    expiry = None if pinned.expiry == "all" else expiry_of(pinned.expiry)
    start, most, last = pinned.start, wanted.limit + 1, None
    if wanted.position:
        start, most = from_milliseconds(wanted.position.tick), most + wanted.position.told
        last = start, midnight_utc(expiry_of(wanted.position.expiry))
    found = deps.time_series.headers(wanted.symbol, expiry, start, pinned.end, most)
    if last:
        found = [header for header in found if (header["fetched_at"], header["expiry"]) > last]
    page = found[: wanted.limit]
    if len(found) == len(page):
        return page, None
    tick = page[-1]["fetched_at"]
    told = sum(header["fetched_at"] == tick for header in page)
    if wanted.position and start == tick:
        told += wanted.position.told
    return page, _Position(milliseconds(tick), told, page[-1]["expiry_date"])


def _key(header: HeaderDocument) -> tuple[datetime, datetime]:
    return header["expiry"], header["fetched_at"]


def _row(header: HeaderDocument, last_seen_at: datetime) -> Answer:
    return {
        "expiry_date": header["expiry_date"],
        "timestamp": header["fetched_at"],
        "last_seen_at": last_seen_at,
        "exchange_timestamp": header["exchange_timestamp"],
        "underlying_value": header["underlying_value"],
        "total_calls": header["calls"],
        "total_puts": header["puts"],
        "call_open_interest": header["call_open_interest"],
        "put_open_interest": header["put_open_interest"],
        "call_volume": header["call_volume"],
        "put_volume": header["put_volume"],
        "revised": header["revised"],
    }
