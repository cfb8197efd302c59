"""Cursors: where the next page of a list begins, and the parameters of the list. Pure.

A cursor is opaque but not secret: it allows nothing that its parameters do not allow, and its
content is validated like any request. Its checksum tells our cursors from damaged and foreign ones.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field, ValidationError

from chain_api.problems.catalogue import Problem, invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LAST_YEAR = datetime(2200, 1, 1, tzinfo=UTC)
# A cursor holds an instant as milliseconds since 1970.
Milliseconds = Annotated[int, Field(ge=0, le=(_LAST_YEAR - _EPOCH) // _MILLISECOND)]
_CHECK_BYTES = 8
_LONGEST = 2_000
_FOREIGN = "must be the cursor of a `next` link of this resource, unchanged"


def cursor_of(resource: str, content: Mapping[str, Any]) -> str:
    """Return a cursor for a resource (route and symbol); `content` holds JSON values."""
    packed = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    text = urlsafe_b64encode(_checksum(resource, packed) + packed).decode()
    return text.rstrip("=")


def content_of[Content: BaseModel](resource: str, cursor: str, content: type[Content]) -> Content:
    """Return the content of a cursor of this resource; raise Problem for any other text."""
    try:
        return content.model_validate(_decoded(resource, cursor))
    except ValidationError:  # from an earlier release, or forged with a valid checksum
        raise foreign(cursor) from None


def _decoded(resource: str, cursor: str) -> Any:  # noqa: ANN401  (any JSON value)
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
    """Return the 422 of a cursor that is not one of ours."""
    return invalid("cursor", cursor[:100], _FOREIGN)


def to_milliseconds(instant: datetime) -> int:
    """Return an instant as a cursor holds it."""
    return (instant - _EPOCH) // _MILLISECOND


def from_milliseconds(number: int) -> datetime:
    """Return the instant of `to_milliseconds`, UTC."""
    return _EPOCH + number * _MILLISECOND
