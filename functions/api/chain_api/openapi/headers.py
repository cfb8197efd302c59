"""Headers of answers, as the document describes them."""

from collections.abc import Iterable
from typing import Any


def _header(
    description: str, schema: dict[str, Any], example: object, *, required: bool = True
) -> dict[str, Any]:
    always = {"required": True} if required else {}
    return {"description": description, "schema": schema, "example": example} | always


_TEXT = {"type": "string"}
_INSTANT = {"type": "string", "format": "date-time"}
HEADERS: dict[str, dict[str, Any]] = {
    "ETag": _header(
        "the version of the answer; send it as If-None-Match, and what has not changed is a 304",
        _TEXT,
        '"1d0f4ac3a1b2c3d4.5e6f7a8b"',
        required=False,
    ),
    "Cache-Control": _header(
        "for how long the answer stays what it is: until the next tick where it is of now, for "
        "ever where it is of the past",
        _TEXT,
        "private, max-age=3",
    ),
    "Link": _header(
        'the next page, with rel="next", relative to this address; absent on the last one',
        _TEXT,
        '<snapshots?cursor=AbC>; rel="next"',
        required=False,
    ),
    "X-Request-Id": _header(
        "names the request in the log: the client's own X-Request-Id, or a new one",
        _TEXT,
        "6e25ab3b-e628-4e03-9111-57dc4cb2e852",
    ),
    "X-Timestamp": _header(
        "the tick of the newest snapshot of the answer, UTC", _INSTANT, "2026-06-19T09:32:25Z"
    ),
    "X-Last-Seen-At": _header(
        "the newest tick that confirmed it, UTC", _INSTANT, "2026-06-19T09:32:30Z"
    ),
    "X-Age-Seconds": _header(
        "seconds from then to the moment asked for", {"type": "integer", "minimum": 0}, 2
    ),
    "X-Gap": _header(
        "whether the ledger has no good answer near that moment",
        {"type": "boolean"},
        example=False,
    ),
    "X-Settled": _header(
        "whether the answer is of the settled chains of their day, read in the evening",
        {"type": "boolean"},
        example=False,
    ),
    "X-Frozen": _header(
        "whether the underlying of the answer's chains stands still while options trade",
        {"type": "boolean"},
        example=False,
    ),
    "X-Source": _header(
        "where the snapshots of the answer come from: its member source",
        _TEXT,
        "nse",
    ),
    "X-Storage": _header(
        "where the snapshots of the answer were read: in the database, in the archive of sealed "
        "days, or in both; their numbers are the same",
        {"type": "string", "enum": ["database", "archive", "both"]},
        "database",
    ),
    "Retry-After": _header(
        "seconds after which to try again", {"type": "integer", "minimum": 1}, 5
    ),
}
EVERYWHERE = ("X-Request-Id",)
NEWEST = ("X-Timestamp", "X-Last-Seen-At", "X-Age-Seconds")
STANDING = (*NEWEST, "X-Settled", "X-Source")


def headers_named(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return references to these headers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
