"""A large file over HTTP, piece by piece: never whole in memory, and never after the deadline."""

import time
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

import requests
import urllib3

from chain_fetch.http.answer import retry_after
from chain_fetch.http.connection_faults import place_of
from chain_fetch.http.kept_connections import HttpClient
from chain_fetch.http.request import HttpRequest, opened
from chain_fetch.refused import Refused
from optionchain.mongo.tick_ledger import Reason

_CHUNK_BYTES = 64 * 1024
_LONGEST_LINE = 64 * 1024
_GZIP = b"\x1f\x8b"
_OK, _TOO_MANY_REQUESTS = 200, 429
_REFUSED_BY_A_FRONT = (401, 403)


def lines_of(request: HttpRequest, http: HttpClient, deadline: float, most: int) -> Iterator[bytes]:
    """Yield the lines of a file of at most so many bytes, without their ends.

    `deadline` is a `time.monotonic()` second. Raises Refused if the file is refused, cut off, too
    large, late, or not decodable.
    """
    yield from _lines(chunks_of(request, http, deadline, most))


def chunks_of(
    request: HttpRequest, http: HttpClient, deadline: float, most: int
) -> Iterator[bytes]:
    """Yield the same file in small pieces; one that is compressed is inflated.

    A server may name the compression in a header, or send the compressed file as it is.
    """
    with opened(request, http, deadline) as response:
        _check(response)
        chunks = _sent(response, deadline, place_of(request.url))
        first = next(chunks, b"")
        compressed = first.startswith(_GZIP)
        if response.headers.get("Content-Encoding", "") in ("gzip", "x-gzip"):
            compressed = True
        chunks = chain([first], chunks)
        yield from _bounded(_inflated(chunks) if compressed else chunks, most)


def _check(response: requests.Response) -> None:
    status = response.status_code
    if status == _OK:
        return
    if status in _REFUSED_BY_A_FRONT:
        raise Refused("blocked", f"HTTP {status}")
    reason: Reason = "rate_limited" if status == _TOO_MANY_REQUESTS else "server_error"
    raise Refused(reason, f"HTTP {status}", retry_after(response.headers))


def _sent(response: requests.Response, deadline: float, place: str) -> Iterator[bytes]:
    """Yield the bytes as they were sent; `place` is where from, for what is told of a fault."""
    try:
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=False):
            if time.monotonic() > deadline:
                raise Refused("timeout", f"the file of {place} was still arriving in the end")
            yield chunk
    except (TimeoutError, urllib3.exceptions.TimeoutError) as error:
        raise Refused("timeout", f"the file of {place} did not arrive in time") from error
    except (OSError, urllib3.exceptions.HTTPError) as error:
        raise Refused("truncated", f"the connection to {place} ended before the file") from error


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what a gzip file holds, in small pieces however well it is compressed."""
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for chunk in chunks:
            rest = chunk
            while rest and not inflater.eof:
                yield inflater.decompress(rest, _CHUNK_BYTES)
                rest = inflater.unconsumed_tail
    except zlib.error as error:
        raise Refused("not_json", "the bytes are not in the encoding they claim") from error
    if not inflater.eof:
        raise Refused("truncated", "the compressed file is cut off")


def _bounded(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise Refused("invalid_payload", f"the file passes {most} bytes")
        yield chunk


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            raise Refused("invalid_payload", f"a line passes {_LONGEST_LINE} bytes")
        yield from (line.removesuffix(b"\r") for line in lines)
    if rest:
        yield rest.removesuffix(b"\r")
