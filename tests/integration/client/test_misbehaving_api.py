"""The client meets a real HTTP server that misbehaves: bounded, repeated, and never a torn list."""

import json
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from optionchain_client import ApiError, BadRequest, Client, Snapshot, Unavailable
from tests.support.nse_client import CLOSE, RESET, Sent
from tests.support.vendor_server import Asked, VendorServer, vendor_server

KEY = "a-key-that-nobody-may-see"
RECORDS = [{"number": number} for number in range(3)]


def http(status: int, body: bytes | dict[str, Any] = b"", *headers: str) -> bytes:
    """Return an answer as it goes over the wire."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = (f"HTTP/1.1 {status} Told", f"Content-Length: {len(content)}", *headers, "", "")
    return "\r\n".join(lines).encode() + content


def page(*records: dict[str, Any], link: str | None = None) -> bytes:
    return http(200, {"records": list(records), "next": link})


GOOD = page(*RECORDS)
CUT = GOOD[:-9] + CLOSE


class Source:
    """A client of a server that gives these answers, and the last one ever after."""

    def __init__(self, server: VendorServer, timeout: float) -> None:
        self.server = server
        self.pauses: list[float] = []
        self.client = Client(server.url, KEY, timeout=timeout, sleep=self.pauses.append)

    def records(self) -> list[dict[str, Any]]:
        return list(self.client.history("NIFTY", 26_000, "CE", "2026-06-15", "2026-06-15"))


@contextmanager
def source(*answers: Sent | Callable[[], Sent], timeout: float = 5.0) -> Iterator[Source]:
    left = list(answers)

    def answer(_: Asked) -> Sent:
        found = left.pop(0) if len(left) > 1 else left[0]
        return found() if callable(found) else found

    with vendor_server(answer) as server:
        found = Source(server, timeout)
        with found.client:
            yield found


def dripping() -> Iterator[bytes]:
    """Yield an answer in small parts, for longer than anybody waits."""
    yield b"HTTP/1.1 200 Told\r\nContent-Length: 1000\r\n\r\n"
    for _ in range(40):
        time.sleep(0.05)
        yield b" "


def silent() -> Iterator[bytes]:
    time.sleep(1)
    yield CLOSE


@pytest.mark.parametrize(
    "fault",
    [
        CUT,
        RESET,
        CLOSE,
        http(200, b"not gzip", "Content-Encoding: gzip"),
        http(500, b"<html>Internal Server Error</html>"),
        http(502, b"{", "Content-Type: application/json"),
        http(503, {"type": "urn:x:archive-unavailable", "errors": "none"}),
        http(429, {"message": "Too Many Requests"}),
    ],
)
def test_fault_of_a_moment_is_met_once_more(fault: bytes) -> None:
    with source(fault, GOOD) as asked:
        assert asked.records() == RECORDS
        assert asked.pauses == [0.5]
        assert len(asked.server.asked) == 2


@pytest.mark.parametrize("slow", [dripping, silent])
def test_slow_answer_is_given_up(slow: Callable[[], Sent]) -> None:
    with source(slow, GOOD, timeout=0.2) as asked:
        assert asked.records() == RECORDS


def test_lasting_fault_is_an_error_that_says_what(capsys: pytest.CaptureFixture[str]) -> None:
    with source(http(500, b"<html></html>")) as asked:
        with pytest.raises(Unavailable, match="500 error: no reason is given"):
            asked.records()
        assert asked.pauses == [0.5, 1, 2, 4, 8]
    with source(CUT) as asked, pytest.raises(Unavailable, match="RemoteProtocolError"):
        asked.records()
    assert capsys.readouterr() == ("", "")


def in_a_while() -> Sent:
    later = datetime.now(UTC) + timedelta(seconds=21)
    return http(429, {}, f"Retry-After: {format_datetime(later, usegmt=True)}")


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        (http(429, {}, "Retry-After: 7"), 7, 7),
        (http(503, {}, "Retry-After: 0"), 0, 0),
        (http(503, {}, "Retry-After: soon"), 0.5, 0.5),
        (http(503, {}, "Retry-After: ²"), 0.5, 0.5),
        (http(503, {}, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"), 0.5, 0.5),
        (in_a_while, 19, 21),
    ],
)
def test_pause_is_the_one_asked_for(
    fault: Sent | Callable[[], Sent], least: float, most: float
) -> None:
    with source(fault, GOOD) as asked:
        assert asked.records() == RECORDS
        assert least <= asked.pauses[0] <= most


def test_long_pause_is_an_error_at_once() -> None:
    with source(http(429, {}, "Retry-After: 3600")) as asked:
        with pytest.raises(Unavailable) as caught:
            asked.records()
        assert (caught.value.retry_after, asked.pauses) == (3600, [])


def test_used_up_quota_is_an_error_at_once() -> None:
    with source(http(429, {"type": "urn:x:quota-exceeded"})) as asked:
        with pytest.raises(Unavailable, match="quota-exceeded"):
            asked.records()
        assert len(asked.server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_key_is_not_carried_to_where_a_redirect_leads(status: int) -> None:
    with source(GOOD) as other:
        away = http(status, b"", f"Location: {other.server.url}/x")
        with source(away) as asked, pytest.raises(ApiError, match="redirect: it leads to http"):
            asked.records()
        assert other.server.asked == []


def test_key_is_not_carried_to_the_host_of_a_link() -> None:
    with source(GOOD) as other:
        away = page(*RECORDS, link=f"{other.server.url}/x")
        with source(away) as asked, pytest.raises(ApiError, match="another host"):
            asked.records()
        assert other.server.asked == []


@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (http(200, b"[]"), "no-json"),
        (http(200, b'{"records": ['), "no-json"),
        (http(200, b"\xff\xfe"), "no-json"),
        (http(200, {"rows": []}), "no-list"),
        (http(304), "error"),
        (http(403, {"message": "Forbidden"}), "error: Forbidden"),
    ],
)
def test_answer_of_another_kind_is_an_error(answer: bytes, slug: str) -> None:
    with source(answer) as asked:
        with pytest.raises(ApiError, match=slug):
            asked.records()
        assert len(asked.server.asked) == 1


def test_list_that_breaks_in_the_middle_is_never_a_shorter_one() -> None:
    expired = http(422, {"type": "urn:x:invalid", "errors": [{"field": "cursor", "message": "?"}]})
    with source(page(RECORDS[0], link="?cursor=1"), expired) as asked:
        with pytest.raises(BadRequest) as caught:
            asked.records()
        assert caught.value.fields == {"cursor": "?"}
    with source(page(RECORDS[0], link="?cursor=1"), CUT, page(*RECORDS[1:])) as asked:
        assert asked.records() == RECORDS


def test_link_to_the_same_page_is_no_endless_list() -> None:
    same = "?cursor=1"
    with source(page(link=same), page(link=same)) as asked, pytest.raises(ApiError, match="same"):
        asked.records()


def chain(day: int, expiry: str) -> bytes:
    at = f"2026-06-{day}T10:00:00Z"
    moments = {"timestamp": at, "last_seen_at": at, "exchange_timestamp": None}
    rest = {"underlying_value": 1.0, "source": "nse", "settled": False, "calls": [], "puts": []}
    body = {"symbol": "NIFTY", "expiry_date": expiry, **moments, **rest}
    return http(200, body, f'ETag: "{time.monotonic_ns()}"')


def test_follower_goes_on_to_the_next_expiry_and_never_back() -> None:
    """The server's entity tags never match, so each poll has a body."""
    ends, begins = "16-Jun-2026", "23-Jun-2026"
    old, last, same, older, new = (
        chain(day, expiry)
        for day, expiry in [(15, ends), (16, ends), (16, begins), (15, begins), (17, begins)]
    )
    with source(old, old, http(304), last, same, same, older, new) as asked:
        following = asked.client.follow("NIFTY", every=2)
        found: list[Snapshot] = [next(following) for _ in range(4)]
        assert [(each.at.day, each.expiry.day) for each in found] == [
            (15, 16),
            (16, 16),
            (16, 23),
            (17, 23),
        ]
        tags = [each.headers.get("if-none-match") for each in asked.server.asked]
        assert tags[0] is None
        assert all(tags[1:])
        assert asked.pauses == [2] * (len(tags) - 1)


@pytest.mark.parametrize("key", [f"{KEY}\n", f" {KEY}", f"{KEY}é", f"{KEY}\x00"])
def test_key_that_no_header_can_have_is_not_named(key: str) -> None:
    with pytest.raises(ValueError, match="api_key has characters") as caught:
        Client("http://127.0.0.1", key)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://"])
def test_address_that_is_none_is_refused_before_it_is_asked(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        Client(url)


@pytest.mark.parametrize("answer", [CUT, http(500), http(302), http(401), http(422), http(200)])
def test_key_is_sent_and_never_shown(answer: bytes) -> None:
    with source(answer) as asked:
        with pytest.raises(ApiError) as caught:
            asked.records()
        assert asked.server.asked[0].headers["x-api-key"] == KEY
        shown = [*traceback.format_exception(caught.value), repr(caught.value), repr(asked.client)]
        assert KEY not in "".join(shown)


def test_snapshot_is_of_one_expiry() -> None:
    with source(GOOD) as asked:
        with pytest.raises(ValueError, match="one expiry"):
            asked.client.latest("NIFTY", expiry="all")
        with pytest.raises(ValueError, match="one expiry"):
            next(asked.client.follow("NIFTY", expiry="all"))
        assert asked.server.asked == []
