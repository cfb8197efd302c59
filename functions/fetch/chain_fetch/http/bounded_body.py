"""Reads and decodes the body of an answer within bounds of time and size.

A few kilobytes of gzip can become hundreds of megabytes. So no more is decoded than a body may
hold, whatever the server sends.
"""

import time
import zlib
from collections.abc import Mapping

import urllib3

from chain_fetch.refused import Refused

# The whole chain of the symbol with the most contracts is under 2 MB; a larger body is no data.
MAX_BODY_BYTES = 8 * 1024 * 1024
# An encoded chain of 2 MB is some 300 KB.
MAX_ENCODED_BYTES = 2 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
# Of zlib: how to read gzip, deflate with its header, and deflate without it.
_GZIP, _DEFLATE, _RAW_DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_WINDOWS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_DEFLATE, _RAW_DEFLATE)}
# An answer without any of these headers ends with its connection.
_FRAMED = {"content-length", "transfer-encoding"}
# One is usual. More are allowed, but each costs time.
_MOST_CODINGS = 2
_MOST_MEMBERS = 16


def read_body(raw: urllib3.HTTPResponse, headers: Mapping[str, str], deadline: float) -> bytes:
    """Return the decoded body; raise Refused if it is cut off, too large, late or not decodable.

    `deadline` is a `time.monotonic()` second.
    """
    codings = _codings(headers.get("Content-Encoding", ""))
    try:
        body = _read(raw, MAX_ENCODED_BYTES if codings else MAX_BODY_BYTES, deadline)
    except urllib3.exceptions.TimeoutError as error:
        raise Refused("timeout", "no answer in time") from error
    except urllib3.exceptions.HTTPError as error:
        raise Refused("truncated", "the connection ended before the body") from error
    if not body and not _FRAMED & {name.lower() for name in headers}:
        # An answer that is cut off within its headers looks like one without a body.
        raise Refused("truncated", "the connection ended before the body")
    for coding in reversed(codings):
        body = _decoded(body, coding)
    return body


def _codings(text: str) -> list[str]:
    """Return the names of a Content-Encoding in the order in which they were applied."""
    names = [name.strip().lower() for name in text.split(",")]
    codings = [name for name in names if name not in ("", "identity")]
    if len(codings) > _MOST_CODINGS or not _WINDOWS.keys() >= set(codings):
        raise Refused("not_json", f"the body is encoded as {text[:40]!r}, which was not asked for")
    return codings


def _read(raw: urllib3.HTTPResponse, most: int, deadline: float) -> bytes:
    """Return the bytes as they were sent.

    `read1` returns what one read of the socket gives, so the deadline is checked often even if
    the body arrives a few bytes at a time.
    """
    chunks: list[bytes] = []
    size = 0
    while chunk := raw.read1(_CHUNK_BYTES, decode_content=False):
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        if time.monotonic() > deadline:
            raise Refused("timeout", "the body was still arriving at the end of the tick")
        chunks.append(chunk)
    return b"".join(chunks)


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
            raise _too_large(MAX_BODY_BYTES)
        if not inflater.eof:
            raise Refused("truncated", "the compressed body is cut off")
        rest = inflater.unused_data
    return b"".join(members)


def _too_large(most: int) -> Refused:
    return Refused("invalid_payload", f"the body passes {most} bytes")
