"""Bodies are decoded within bounds, whatever the server says about them."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from urllib3 import HTTPResponse

from chain_fetch.http.bounded_body import MAX_ENCODED_BYTES, read_body
from chain_fetch.http.sent_body import MAX_BODY_BYTES
from chain_fetch.refused import Refused
from tests.support.patience import PATIENCE_SECONDS
from tests.support.work import done_with_seconds

TEXT = b'{"records": {"data": [1]}}' * 100
PACKED = gzip.compress(TEXT, mtime=0)
RAW = zlib.compressobj(wbits=-15)
DEFLATED = RAW.compress(TEXT) + RAW.flush()


def read(sent: bytes, coding: str = "gzip", seconds: float = PATIENCE_SECONDS) -> bytes:
    headers = {"Content-Encoding": coding, "Content-Length": str(len(sent))}
    raw = HTTPResponse(BytesIO(sent), headers, preload_content=False)
    return read_body(raw, headers, time.monotonic() + seconds).decoded


def refusal(sent: bytes, coding: str = "gzip", seconds: float = PATIENCE_SECONDS) -> Refused:
    with pytest.raises(Refused) as caught:
        read(sent, coding, seconds)
    return caught.value


def zeros(size: int, wbits: int = 31) -> bytes:
    packer = zlib.compressobj(1, wbits=wbits)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join(parts) + packer.flush()


@pytest.mark.parametrize(
    ("sent", "coding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (PACKED, "gzip"),
        (PACKED, " GZIP "),
        (PACKED, "x-gzip"),
        (PACKED, "identity, gzip"),
        (zlib.compress(TEXT), "deflate"),
        (DEFLATED, "deflate"),
        (gzip.compress(PACKED, mtime=0), "gzip, gzip"),
        (gzip.compress(DEFLATED, mtime=0), "deflate, gzip"),
        (gzip.compress(TEXT[:50], mtime=0) + gzip.compress(TEXT[50:], mtime=0), "gzip"),
        (PACKED + b"\r\n", "gzip"),
    ],
)
def test_a_body_is_decoded_as_its_headers_say(sent: bytes, coding: str) -> None:
    assert read(sent, coding) == TEXT


@pytest.mark.parametrize(
    ("sent", "coding", "reason"),
    [
        *((PACKED[:length], "gzip", "truncated") for length in (5, 12, len(PACKED) - 1)),
        (DEFLATED[:-1], "deflate", "truncated"),
        (TEXT, "gzip", "not_json"),
        (TEXT, "deflate", "not_json"),
        (PACKED, "deflate", "not_json"),
        (PACKED, "br", "not_json"),
        (PACKED, "gzip, zstd", "not_json"),
        (PACKED, ", ".join(["gzip"] * 3), "not_json"),
        (bytes(MAX_BODY_BYTES + 1), "", "invalid_payload"),
        (bytes(MAX_ENCODED_BYTES + 1), "gzip", "invalid_payload"),
        (gzip.compress(bytes(MAX_BODY_BYTES // 2), mtime=0) * 3, "gzip", "invalid_payload"),
    ],
)
def test_a_body_that_cannot_be_decoded_has_its_reason(
    sent: bytes, coding: str, reason: str
) -> None:
    assert refusal(sent, coding).reason == reason


def test_the_largest_body_is_read_and_one_byte_more_is_refused() -> None:
    assert len(read(gzip.compress(bytes(MAX_BODY_BYTES), 1))) == MAX_BODY_BYTES
    assert refusal(gzip.compress(bytes(MAX_BODY_BYTES + 1), 1)).reason == "invalid_payload"


@pytest.mark.parametrize(
    ("make", "coding"),
    [
        (lambda: zeros(400 << 20), "gzip"),
        (lambda: zeros(400 << 20, 15), "deflate"),
        (lambda: zeros(400 << 20, -15), "deflate"),
        (lambda: gzip.compress(zeros(400 << 20)), "gzip, gzip"),
        (lambda: gzip.compress(bytes(1 << 20)) * 400, "gzip"),
    ],
    ids=["gzip", "deflate", "raw deflate", "gzip in gzip", "many members"],
)
def test_400_mb_out_of_a_small_body_take_no_memory(make: Callable[[], bytes], coding: str) -> None:
    sent = make()
    assert len(sent) < MAX_ENCODED_BYTES
    tracemalloc.start()
    try:
        assert refusal(sent, coding).reason == "invalid_payload"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * MAX_BODY_BYTES


def test_a_body_of_countless_members_ends_soon() -> None:
    """Each one costs a copy of the rest, so that their number must be bounded."""
    sent = gzip.compress(b"", 1, mtime=0) * 100_000
    refused, seconds = done_with_seconds(lambda: refusal(sent), 1)
    assert refused.reason == "not_json"
    assert seconds < 1


def test_a_body_ends_with_its_tick() -> None:
    assert refusal(PACKED, seconds=-1).reason == "timeout"
