"""A page of a list as an answer: its version before it is read, its body and its next link."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zlib import crc32

import orjson
from fastapi import Response

from chain_api.caching.http_cache import Representation, cache_control, version_of
from chain_api.dependencies import Dependencies
from chain_api.pagination.request import Asked, Pinned
from chain_api.rendering.answers import OPTIONS, Answer, age_seconds
from chain_api.rendering.formats import Format, instant_text, lines
from chain_api.schemas.queries import RangeQuery
from optionchain.mongo.documents import HeaderDocument

type Records = Sequence[Mapping[str, Any]]


def standing(
    newest: Sequence[HeaderDocument], seen: Sequence[datetime], moment: datetime
) -> Answer:
    """Return when the end of a list held; together its headers are as old as the oldest.

    `seen` are the ticks that confirmed each of them last, by the moment until which it looks.
    """
    last = max(newest, key=lambda header: header["fetched_at"])
    return {
        "timestamp": last["fetched_at"],
        "last_seen_at": min(seen),
        "exchange_timestamp": last["exchange_timestamp"],
        "age_seconds": age_seconds(min(seen), moment),
    }


def representation[Query: RangeQuery, Position: tuple[Any, ...]](
    deps: Dependencies,
    asked: Asked[Query, Position],
    form: Format,
    pinned: Pinned,
    newest: Sequence[HeaderDocument],
    state: Answer,
    *more: object,
) -> Representation:
    """Return what a page is, before its records are read; `more` is what else it depends on."""
    ends = bool(asked.query.to or asked.pinned)
    fresh = cache_control(
        deps.calendar.market(),
        deps.settings.nse_fetch_interval,
        deps.now(),
        pinned.moment if ends else None,
        absolute=asked.absolute,
    )
    version = version_of(
        *(asked.resource, asked.symbol, dict(asked.given), asked.position, form),
        *(pinned.expiry, pinned.start, pinned.end, *more),
        *((header["expiry"], header["fetched_at"], header["content_hash"]) for header in newest),
    )
    headers = {
        "X-Timestamp": instant_text(state["timestamp"]),
        "X-Last-Seen-At": instant_text(state["last_seen_at"]),
        "X-Age-Seconds": f"{state['age_seconds']:.0f}",
    }
    return Representation(version, form, fresh, headers)


def head(symbol: str, pinned: Pinned, state: Answer, **more: object) -> Answer:
    """Return the members of a page that are not its records."""
    return {
        "symbol": symbol,
        "expiry_date": None if pinned.expiry == "all" else pinned.expiry,
        "from": pinned.start,
        "to": pinned.end,
        **state,
        **more,
    }


def answer(
    represented: Representation,
    members: Answer,
    records: Records,
    names: Sequence[str],
    link: str | None,
    **after: object,
) -> Response:
    """Return a page; `names` are the columns of CSV and NDJSON, `link` is where the next one is.

    `after` are members that follow the records.
    """
    more = {"Link": f'<{link}>; rel="next"'} if link else {}
    if represented.form == "json":
        rest = orjson.dumps({"records": records, **after, "next": link}, option=OPTIONS)
    else:
        rest = lines(records, names, represented.form)
    # A header's documents stay as they are, but a list thins out as they expire: another version.
    if represented.version:
        exact = f"{represented.version}.{crc32(rest):08x}"
        represented = replace(represented, version=exact)
    return represented.answer(members, rest, more)
