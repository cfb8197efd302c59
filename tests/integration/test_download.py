"""A large file over HTTP: its lines come as they were sent, or the file is refused."""

import gzip
import tracemalloc
from collections.abc import Iterator

import pytest

from chain_fetch.http.download import lines_of
from chain_fetch.http.kept_connections import HttpClient
from chain_fetch.http.request import HttpRequest
from chain_fetch.refused import Refused
from tests.support.nse_client import CLOSE, Sent, answering, dripped, http_answer
from tests.support.patience import ends_soon, within

LINES = [f"{number},a line of a file".encode() for number in range(20_000)]
FILE = b"\n".join(LINES)
PACKED = gzip.compress(FILE)


def download(sent: Sent, *, most: int = 10_000_000, seconds: float = 3.0) -> list[bytes]:
    with answering(lambda _: sent) as (port, _), HttpClient({}, connections=1) as http:
        request = HttpRequest(f"http://127.0.0.1:{port}/file.csv")
        return list(lines_of(request, http, within(seconds), most))


@pytest.mark.parametrize(
    "sent",
    [
        http_answer(FILE),
        http_answer(PACKED, Content_Encoding="gzip"),
        http_answer(b"\r\n".join(LINES) + b"\r\n"),
        http_answer(FILE + b"\n"),
    ],
)
def test_every_line_comes_as_it_was_sent(sent: bytes) -> None:
    assert download(sent) == LINES


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (http_answer(FILE)[:-9] + CLOSE, "truncated"),
        (http_answer(PACKED[:-9], Content_Encoding="gzip"), "truncated"),
        (http_answer(FILE, Content_Encoding="gzip"), "not_json"),
        (http_answer(b"<html>", "403 Forbidden"), "blocked"),
        (http_answer(b"", "429 Too Many Requests", Retry_After=7), "rate_limited"),
        (http_answer(b"", "404 Not Found"), "server_error"),
        (http_answer(b"", "302 Found", Location="/other"), "server_error"),
        (http_answer(b"x" * 100_000), "invalid_payload"),  # no line is so long
    ],
)
def test_a_file_that_is_not_whole_is_refused(sent: bytes, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        download(sent)
    assert caught.value.reason == reason
    assert caught.value.retry_after == (7 if reason == "rate_limited" else None)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_passes_its_bound_is_refused(packed: bool) -> None:
    sent = http_answer(PACKED, Content_Encoding="gzip") if packed else http_answer(FILE)
    with pytest.raises(Refused, match=f"passes {len(FILE) - 1} bytes"):
        download(sent, most=len(FILE) - 1)


def test_a_file_that_drips_ends_at_the_deadline() -> None:
    with ends_soon(), pytest.raises(Refused) as caught:
        download(dripped(http_answer(FILE), pause=0.05, begin=2_000), seconds=0.4)
    assert caught.value.reason == "timeout"


def test_a_file_that_unpacks_to_a_hundred_times_its_size_takes_little_memory() -> None:
    """Four times the file would fit into the memory of the recorder only once."""
    packed = gzip.compress(b"\n".join([b"0" * 100] * 600_000), 1)

    def lines() -> Iterator[bytes]:
        sent = http_answer(packed, Content_Encoding="gzip")
        with answering(lambda _: sent) as (port, _), HttpClient({}, connections=1) as http:
            request = HttpRequest(f"http://127.0.0.1:{port}/file.csv")
            yield from lines_of(request, http, within(20), 100_000_000)

    tracemalloc.start()
    try:
        assert sum(1 for _ in lines()) == 600_000
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
