"""Entity tags, Cache-Control and size of answers."""

import gzip
import json
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from fastapi import Response
from hypothesis import given
from hypothesis import strategies as st

from chain_api.caching import http_cache
from chain_api.caching.cache_control import cache_control
from chain_api.caching.http_cache import MOST_BYTES, Representation, content_of, version_of
from chain_api.json_types import Answer
from chain_api.parameters.selection import Selection
from chain_api.problems.catalogue import Problem
from chain_api.rendering.formats import Format
from optionchain.exchange_time import IST
from optionchain.market import Market
from optionchain.rhythm import Rhythm
from tests.support.api import NOW, few_examples

LAMBDA_BYTES = 6_291_556
REST = orjson.dumps({"records": [1, 2]})
HEAD: Answer = {"symbol": "NIFTY", "age_seconds": 1.0}
JSON = Representation("v1", "json", "private, max-age=3", {"X-Gap": "false"})
CSV = replace(JSON, form="csv")


def sent(
    representation: Representation,
    members: Answer = HEAD,
    rest: bytes = REST,
    link: str | None = None,
) -> Response:
    return representation.response(members, content_of(rest, representation.form, link))


def not_modified(known: str | None) -> Response:
    response = JSON.not_modified(known)
    assert response is not None
    assert (response.status_code, response.body) == (304, b"")
    return response


# ── tags ─────────────────────────────────────────────────────────────────────────────────────


def test_only_a_json_answer_has_a_head() -> None:
    answer = orjson.loads(sent(JSON).body)
    assert answer == HEAD | {"records": [1, 2]}
    assert list(answer) == ["symbol", "age_seconds", "records"]
    table = sent(CSV, rest=b"a,b\r\n")
    assert table.body == b"a,b\r\n"
    assert table.headers["content-type"] == "text/csv; charset=utf-8"


def test_every_answer_has_cache_control_vary_and_the_other_headers() -> None:
    for response in (sent(JSON, link="next"), not_modified("*")):
        assert response.headers["cache-control"] == "private, max-age=3"
        assert response.headers["vary"] == "Accept"
        assert response.headers["x-gap"] == "false"
    assert sent(JSON, link="next").headers["link"] == '<next>; rel="next"'


def test_a_tag_names_the_version_and_the_bytes() -> None:
    first, again = sent(JSON), sent(JSON)
    older = sent(JSON, HEAD | {"age_seconds": 2.0})
    news = sent(replace(JSON, version="v2"))
    assert first.headers["etag"] == again.headers["etag"]
    assert len({each.headers["etag"] for each in (first, older, news)}) == 3
    assert first.headers["etag"].startswith('"v1.')
    # Two answers with one strong tag must have the same bytes, so an unknown version has none.
    assert "etag" not in sent(replace(JSON, version="")).headers


def test_a_known_version_is_not_sent_again_and_has_the_tag_of_the_client() -> None:
    tag = sent(JSON).headers["etag"]
    assert not_modified(tag).headers["etag"] == tag
    assert not_modified('"v1.of-another-second"').headers["etag"] == '"v1.of-another-second"'
    assert "etag" not in not_modified("*").headers


@pytest.mark.parametrize("known", ['W/"v1.a"', '"x", "v1.a"', '"v1.a","x"', ' "x" ,W/"v1.a" '])
def test_a_tag_is_found_in_a_list_and_where_a_proxy_weakened_it(known: str) -> None:
    assert not_modified(known).headers["etag"] == '"v1.a"'


@pytest.mark.parametrize("known", [
    None, "", ",", '"v2.a"', "v1.a", '"v1"', '"v11.a"', '"xv1.a"', 'w/"v1.a"', '"*"', "**", "\x00",
])  # fmt: skip
def test_a_tag_of_another_version_does_not_match(known: str | None) -> None:
    assert JSON.not_modified(known) is None


@pytest.mark.parametrize("size", [0, 1, 900, 1_023, 1_024, 200_000])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_compressed_body_decompresses_to_the_plain_body(size: int, form: Format) -> None:
    """Its second part is compressed once and used again, so a stream is made of two."""
    rest = orjson.dumps({"records": "ab" * (size // 2)}) if form == "json" else b"x" * size
    content = content_of(rest, form)
    representation = replace(JSON, form=form)
    for second in range(3):
        members = {"symbol": "NIFTY", "age_seconds": float(second)}
        plain = bytes(representation.response(members, content).body)
        response = representation.response(members, content, compressed=True)
        if len(plain) < 1_024:
            assert "content-encoding" not in response.headers
            assert response.body == plain
        else:
            assert response.headers["content-encoding"] == "gzip"
            assert gzip.decompress(response.body) == plain
            assert zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(response.body) == plain
            assert len(response.body) < len(plain) / 4


PARTS: list[Any] = [
    None, "", "a", 0, 0.0, False, date(2026, 6, 19), NOW, [], ["a"], {"a": 1},
    Selection(), Selection("CE"), Selection(strike_min=0.0), Selection(strike_max=0.0),
]  # fmt: skip


def test_a_version_depends_on_each_part_its_type_and_its_place() -> None:
    pairs = [(first, second) for first in PARTS for second in PARTS]
    assert len({version_of(*pair) for pair in pairs}) == len(PARTS) ** 2
    assert len({version_of(), version_of(None), version_of(None, None)}) == 3
    assert version_of("a", NOW, Selection()) == version_of("a", NOW, Selection())


# ── Cache-Control ────────────────────────────────────────────────────────────────────────────

EACH_FIVE_SECONDS = Rhythm(5)
IMMUTABLE = "private, max-age=31536000, immutable"


def fresh(
    now: datetime,
    until: datetime | None = None,
    *,
    absolute: bool = False,
    rhythm: Rhythm = EACH_FIVE_SECONDS,
) -> str:
    return cache_control(Market(), rhythm, now, until, absolute=absolute)


def ist(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST).astimezone(UTC)


@pytest.mark.parametrize(("now", "seconds"), [
    ("2026-06-19T11:00:00", 5),
    ("2026-06-19T11:00:00.001", 4),
    ("2026-06-19T11:00:02.500", 2),
    ("2026-06-19T11:00:04", 1),
    ("2026-06-19T11:00:04.999", 0),
    # Outside a session for a minute, but not beyond the opening.
    ("2026-06-19T15:30:00", 60),  # the close
    ("2026-06-20T12:00:00", 60),  # a Saturday
    ("2026-06-22T09:14:30", 30),
    ("2026-06-22T09:14:59.900", 0),
])  # fmt: skip
def test_the_latest_is_fresh_until_the_next_tick_may_change_it(now: str, seconds: int) -> None:
    assert fresh(ist(now)) == f"private, max-age={seconds}"


@given(
    seconds=st.floats(0, 6 * 3600),
    rhythm=st.sampled_from([Rhythm(1), Rhythm(5), Rhythm(15, 10), Rhythm(60, 35)]),
)
def test_an_answer_never_claims_to_be_fresh_beyond_a_tick(seconds: float, rhythm: Rhythm) -> None:
    now = ist("2026-06-19T09:15:00") + timedelta(seconds=seconds)
    age = int(fresh(now, rhythm=rhythm).rpartition("=")[2])
    later = now + timedelta(seconds=age) - timedelta(milliseconds=1)
    assert rhythm.newest(now) == rhythm.newest(later) or not age


def test_without_a_next_opening_the_latest_is_fresh_for_a_minute() -> None:
    days = frozenset(date(2026, 6, 1) + timedelta(days=number) for number in range(60))
    found = cache_control(Market(holidays=days), EACH_FIVE_SECONDS, NOW, None, absolute=True)
    assert found == "private, max-age=60"


@pytest.mark.parametrize(("now", "ago", "absolute", "expected"), [
    ("2026-06-19T11:00", 301, True, IMMUTABLE),
    ("2026-06-20T12:00", 301, True, IMMUTABLE),
    # The last five minutes may still change.
    ("2026-06-19T11:00", 300, True, "private, max-age=5"),
    ("2026-06-19T11:00", 60, True, "private, max-age=5"),
    ("2026-06-19T11:00", 0, True, "private, max-age=5"),
    # A time without a day means another day after midnight in India.
    ("2026-06-19T11:00", 360, False, "private, max-age=46800"),
    ("2026-06-19T23:59:58.500", 360, False, "private, max-age=1"),
    ("2026-06-20T00:10", 360, False, "private, max-age=85800"),
])  # fmt: skip
def test_the_past_is_immutable(now: str, ago: int, absolute: bool, expected: str) -> None:
    until = ist(now) - timedelta(seconds=ago)
    assert fresh(ist(now), until, absolute=absolute) == expected


# ── size ─────────────────────────────────────────────────────────────────────────────────────


def envelope(response: Response) -> int:
    """Return how many bytes Lambda would send."""
    body = bytes(response.body).decode()
    headers = dict(response.headers)
    return len(json.dumps({"statusCode": 200, "headers": headers, "body": body}))


@few_examples()
@given(
    pattern=st.text('"\\\r\n,{}:aZ09.- ', min_size=1, max_size=40),
    size=st.integers(1_000_000, 6_300_000),
)
def test_an_answer_that_is_sent_fits_into_the_envelope_of_lambda(pattern: str, size: int) -> None:
    """The envelope's JSON escapes quotes, backslashes and ends of lines."""
    rest = (pattern * (size // len(pattern))).encode()
    escaped = len(json.dumps(rest.decode())) - 2
    if escaped <= MOST_BYTES:
        assert envelope(sent(CSV, rest=rest)) < LAMBDA_BYTES
        return
    with pytest.raises(Problem) as caught:
        sent(CSV, rest=rest)
    assert (caught.value.status, caught.value.extra["bytes"]) == (413, escaped)


def test_the_largest_answer_fits_and_one_byte_more_does_not() -> None:
    assert envelope(sent(CSV, rest=b"x" * MOST_BYTES)) < LAMBDA_BYTES
    half = b'"' * (MOST_BYTES // 2)
    assert envelope(sent(CSV, rest=half)) < LAMBDA_BYTES
    for too_much in (b"x" * (MOST_BYTES + 1), half + b"\n"):
        with pytest.raises(Problem) as caught:
            sent(CSV, rest=too_much)
        assert caught.value.slug == "answer-too-large"


def test_a_too_large_answer_says_how_to_ask_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    body = bytes(sent(JSON).body)
    monkeypatch.setattr(http_cache, "MOST_BYTES", 40)
    with pytest.raises(Problem) as caught:
        sent(JSON)
    problem = caught.value
    assert problem.extra["bytes"] == len(body) + body.count(b'"')
    assert problem.extra["allowed_bytes"] == 40
    for way in ("limit", "`next`", "strikes", "`columns`", "format=csv"):
        assert way in problem.detail
