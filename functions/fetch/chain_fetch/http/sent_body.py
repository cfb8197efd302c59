"""A body as it was sent, which is decoded within bounds once somebody needs it.

A few kilobytes of gzip can become hundreds of megabytes. So no more is decoded than a body may
hold, whatever the server sends.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from chain_fetch.refused import Refused

# The whole chain of the symbol with the most contracts is under 2 MB; a larger body is no data.
MAX_BODY_BYTES = 8 * 1024 * 1024
# Of zlib: how to read gzip, deflate with its header, and deflate without it.
_GZIP, _DEFLATE, _RAW_DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_WINDOWS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_DEFLATE, _RAW_DEFLATE)}
# One is usual. More are allowed, but each costs time.
_MOST_CODINGS = 2
_MOST_MEMBERS = 16


type IsKnown = Callable[[bytes], bool]
"""Whether a body with this digest was read before, and was good."""


@dataclass(frozen=True)
class SentBody:
    """The bytes that came, and in which order they were encoded: `("gzip",)`, or not at all."""

    data: bytes
    codings: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> bytes:
        """Return what tells these bytes from all others, however they are encoded (128 bits)."""
        return _digest(self.data, ",".join(self.codings))

    @cached_property
    def decoded_digest(self) -> bytes:
        """Return the digest of the decoded body: servers may encode one body in several ways."""
        return _digest(self.decoded, "") if self.codings else self.digest

    @cached_property
    def decoded(self) -> bytes:
        """Return the decoded body; raise Refused if it is cut off, too large or not decodable."""
        body = self.data
        for coding in reversed(self.codings):
            body = _decoded(body, coding)
        return body


def codings_of(text: str) -> tuple[str, ...]:
    """Return the names of a Content-Encoding in the order in which they were applied."""
    names = [name.strip().lower() for name in text.split(",")]
    codings = tuple(name for name in names if name not in ("", "identity"))
    if len(codings) > _MOST_CODINGS or not _WINDOWS.keys() >= set(codings):
        raise Refused("not_json", f"the body is encoded as {text[:40]!r}, which was not asked for")
    return codings


def too_large(most: int) -> Refused:
    """Return the refusal of a body that passes so many bytes."""
    return Refused("invalid_payload", f"the body passes {most} bytes")


def _digest(data: bytes, coding: str) -> bytes:
    return blake2b(data, digest_size=16, person=coding.encode()).digest()


def _decoded(body: bytes, coding: str) -> bytes:
    error: zlib.error | None = None
    for window in _WINDOWS[coding]:
        try:
            return _inflated(body, window)
        except zlib.error as refusal:
            error = refusal
    raise Refused("not_json", "the bytes are not in the encoding they claim") from error


def _inflated(rest: bytes, window: int) -> bytes:
    """Return what all members of a compressed body hold; raise zlib.error or Refused."""
    members: list[bytes] = []
    room = MAX_BODY_BYTES
    while rest:
        if len(members) == _MOST_MEMBERS:
            raise Refused("not_json", f"the body has more than {_MOST_MEMBERS} compressed parts")
        inflater = zlib.decompressobj(window)
        try:
            members.append(inflater.decompress(rest, room + 1))
        except zlib.error:
            if members:
                break  # bytes after the last member are ignored, as other clients do
            raise
        room -= len(members[-1])
        if room < 0:
            raise too_large(MAX_BODY_BYTES)
        if not inflater.eof:
            raise Refused("truncated", "the compressed body is cut off")
        rest = inflater.unused_data
    return b"".join(members)
