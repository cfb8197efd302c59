"""How the exchange refuses: every row of the table in the notes on the source, and bytes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.nse.refusals import check_status
from chain_fetch.payload.json_answer import decode
from chain_fetch.refused import Refused

DENIED = b"<HTML><TITLE>Access Denied</TITLE><H1>Access Denied</H1></HTML>"
RESTRICTED = (
    b"<html><h1>Access Restricted</h1>You have exceeded the number of requests per second. "
    b"Please try accessing this page again after 10 minutes.</html>"
)
CHAIN = b'{"records": {"data": [1]}}'


def refusal(status: int, body: bytes = b"", **headers: str) -> Refused:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(Refused) as caught:
        check_status(status, named, body)
    return caught.value


def undecodable(body: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        decode(body)
    return caught.value


def test_an_answer_of_status_200_may_be_data() -> None:
    check_status(200, {}, CHAIN)
    assert decode(CHAIN) == {"records": {"data": [1]}}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, b"", "unauthorised"),
        (401, b'{"message": "Unauthorized"}', "unauthorised"),
        (404, b"Resource not found", "unauthorised"),
        (200, b"<html>Resource Not Found</html>", "unauthorised"),
        (403, DENIED, "blocked"),
        (403, b"", "blocked"),
        (403, RESTRICTED, "rate_limited"),
        (421, b"", "blocked"),
        (429, b"", "rate_limited"),
        (500, b"", "server_error"),
        (502, b"Bad Gateway", "server_error"),
        (503, b"", "server_error"),
        (599, b"", "server_error"),
        (404, b"", "server_error"),
        (204, b"", "server_error"),
        (302, b"", "server_error"),
    ],
)
def test_a_refusal_is_known_by_its_status_and_words(status: int, body: bytes, reason: str) -> None:
    assert refusal(status, body).reason == reason


def test_a_chain_that_quotes_the_words_of_a_refusal_is_data() -> None:
    check_status(200, {}, b'{"note": "resource not found"}')
    check_status(200, {}, CHAIN + b" " * 5_000 + b"resource not found")
    assert decode(b'{"note": "resource not found"}') == {"note": "resource not found"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "seconds"),
    [
        (403, RESTRICTED, {}, 600.0),  # the page of the rate limiter asks for ten minutes
        (403, DENIED, {}, None),
        *((status, b"", {"Retry_After": "30"}, 30.0) for status in (429, 500, 503)),
    ],
)
def test_a_refusal_may_name_the_seconds_to_wait(
    status: int, body: bytes, headers: dict[str, str], seconds: float | None
) -> None:
    assert refusal(status, body, **headers).retry_after == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "1e9", "٣", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_retry_after_that_is_no_number_of_seconds_counts_as_none(text: str) -> None:
    assert refusal(503, Retry_After=text).retry_after is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{}", "empty"),
        (b" {} ", "empty"),
        (b"[]", "empty"),
        (b"null", "empty"),
        (b"<!DOCTYPE html><html>", "not_json"),
        (b"\x1f\x8b\x08\x00\xff\xfe", "not_json"),
        (b'{"records": {"data": [', "truncated"),
        (CHAIN[:-1] + b" ", "truncated"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": {"b": 1}', "truncated"),
        (b'{"a": 1} trailing', "not_json"),
        (b'{"\xff": 1}', "not_json"),
    ],
)
def test_bytes_that_are_no_data_have_the_reason_why(body: bytes, reason: str) -> None:
    assert undecodable(body).reason == reason


def test_a_body_cut_off_anywhere_is_never_taken_for_data() -> None:
    reasons = [undecodable(CHAIN[:length]).reason for length in range(len(CHAIN))]
    assert reasons == ["empty", *["truncated"] * (len(CHAIN) - 1)]


def test_a_refusal_says_its_reason_and_detail() -> None:
    error = refusal(421)
    assert str(error) == "blocked: HTTP 421"
    assert error.detail == "HTTP 421"


def test_a_message_shows_only_the_beginning_of_a_body() -> None:
    assert len(str(undecodable(b"<html>" + b"x" * 100_000))) < 150


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    reason: str | None = None
    try:
        assert decode(body)
    except Refused as error:
        reason = error.reason
    assert reason in (None, "empty", "not_json", "truncated")


@given(st.integers(100, 599), st.binary(max_size=100))
def test_only_status_200_is_ever_data(status: int, body: bytes) -> None:
    with suppress(Refused):
        check_status(status, {}, body)
        assert status == 200
