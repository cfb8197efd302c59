"""Reads the body of an answer within bounds of time and size."""

import time
from collections.abc import Mapping

import urllib3

from chain_fetch.http.sent_body import MAX_BODY_BYTES, SentBody, codings_of, too_large
from chain_fetch.refused import Refused

# An encoded chain of 2 MB is some 300 KB.
MAX_ENCODED_BYTES = 2 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
# An answer without any of these headers ends with its connection.
_FRAMED = {"content-length", "transfer-encoding"}


def read_body(raw: urllib3.HTTPResponse, headers: Mapping[str, str], deadline: float) -> SentBody:
    """Return the body as it was sent; raise Refused if it is cut off, too large or late.

    `deadline` is a `time.monotonic()` second.
    """
    codings = codings_of(headers.get("Content-Encoding", ""))
    try:
        body = _read(raw, MAX_ENCODED_BYTES if codings else MAX_BODY_BYTES, deadline)
    except urllib3.exceptions.TimeoutError as error:
        raise Refused("timeout", "the rest of the answer did not come in time") from error
    except urllib3.exceptions.HTTPError as error:
        raise Refused("truncated", "the connection ended before the body") from error
    if not body and not _FRAMED & {name.lower() for name in headers}:
        # An answer that is cut off within its headers looks like one without a body.
        raise Refused("truncated", "the connection ended before the body")
    return SentBody(body, codings)


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
            raise too_large(most)
        if time.monotonic() > deadline:
            raise Refused("timeout", "the body was still arriving at the end of the tick")
        chunks.append(chunk)
    return b"".join(chunks)
