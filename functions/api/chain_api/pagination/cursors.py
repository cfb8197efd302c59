"""Cursors: where a list goes on, with the filters it was asked with. Pure.

A cursor is opaque, not secret: it grants nothing that its filters do not, and what it carries is
validated like any request. Its checksum is there to tell a damaged or foreign one from ours.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from chain_api.problems.catalogue import Problem, invalid

_CHECK_BYTES = 8
_LONGEST = 2_000
_FOREIGN = "must be the cursor of a `next` link of this resource, unchanged"


def cursor_of(resource: str, content: Mapping[str, Any]) -> str:
    """Return the cursor of a resource (route and symbol) with this content; JSON values only."""
    packed = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    text = urlsafe_b64encode(_checksum(resource, packed) + packed).decode()
    return text.rstrip("=")


def content_of[Content: BaseModel](resource: str, cursor: str, content: type[Content]) -> Content:
    """Return what a cursor of this resource carries; raise Problem for any other text."""
    try:
        return content.model_validate(_carried(resource, cursor))
    except ValidationError:  # of an earlier release, or by somebody who can compute a checksum
        raise foreign(cursor) from None


def _carried(resource: str, cursor: str) -> Any:  # noqa: ANN401  (what JSON there is)
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise foreign(cursor)
    try:
        data = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except NotBase64:
        raise foreign(cursor) from None
    check, packed = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
    if check != _checksum(resource, packed) or cursor_of(resource, orjson.loads(packed)) != cursor:
        raise foreign(cursor)
    return orjson.loads(packed)


def _checksum(resource: str, packed: bytes) -> bytes:
    digest = blake2b(packed, digest_size=_CHECK_BYTES, key=resource.encode(), person=b"cursor")
    return digest.digest()


def foreign(cursor: str) -> Problem:
    """Return the 422 of a cursor that is none of ours."""
    return invalid("cursor", cursor[:100], _FOREIGN)
