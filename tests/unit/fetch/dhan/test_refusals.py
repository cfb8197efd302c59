"""What each refusal of Dhan means: its code decides, whatever the HTTP status is."""

from typing import Any

import orjson
import pytest

from chain_fetch.dhan.refusals import LIMIT_SECONDS, TokenRefused, check_answer, check_chain
from chain_fetch.http.answer import Answer
from chain_fetch.refused import Refused
from tests.conftest import ROOT

CHAIN = {"data": {"last_price": 100.5, "oc": {"100.000000": {"ce": {"oi": 65}}}}}
GOOD = orjson.dumps(CHAIN | {"status": "success"})
HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"


def data(code: str) -> bytes:
    return orjson.dumps({"data": {code: "The vendor's own words"}, "status": "failed"})


def error(code: str) -> bytes:
    return orjson.dumps({"errorType": "A_Type", "errorCode": code, "errorMessage": "Some words"})


def refusal(status: int, body: bytes, **headers: str) -> Refused:
    with pytest.raises(Refused) as caught:
        check_answer(Answer(status, headers, sets_cookies=False, body=body))
    return caught.value


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500, 502])
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (data("800"), "server_error"),
        (data("805"), "rate_limited"),
        (data("806"), "unauthorised"),
        (data("807"), "unauthorised"),
        (data("809"), "unauthorised"),
        (data("811"), "empty"),
        (data("814"), "server_error"),
        (data("899"), "server_error"),
        (error("DH-901"), "unauthorised"),
        (error("DH-902"), "unauthorised"),
        (error("DH-904"), "rate_limited"),
        (error("DH-907"), "server_error"),
        (error("DH-911"), "blocked"),
    ],
)
def test_a_code_has_its_reason_whatever_the_status(status: int, body: bytes, reason: str) -> None:
    found = refusal(status, body)
    assert found.reason == reason
    assert "words" not in found.detail.replace("words of this", "")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b'{"data":"","status":"failed"}', "server_error"),
        (200, b'{"data":{"unknown":1},"status":"failed"}', "server_error"),
        (401, b'{"status":"failed"}', "unauthorised"),
        (401, b"", "unauthorised"),
        (403, HTML, "blocked"),
        (429, b"", "rate_limited"),
        (404, b"{}", "server_error"),
        (302, b"", "server_error"),
        (500, b"", "server_error"),
        (502, HTML, "server_error"),
        (504, GOOD, "server_error"),
        (200, b"", "empty"),
        (200, b"{}", "empty"),
        (200, b'""', "empty"),
    ],
)
def test_without_a_code_the_status_decides(status: int, body: bytes, reason: str) -> None:
    assert refusal(status, body).reason == reason


@pytest.mark.parametrize(
    ("body", "of_the_token"),
    [
        *((data(code), True) for code in ("807", "808", "809", "810")),
        (error("DH-901"), True),
        (b"", True),
        *((data(code), False) for code in ("805", "806")),
        *((error(code), False) for code in ("DH-902", "DH-903")),
    ],
)
def test_only_what_is_said_of_the_token_asks_for_another(body: bytes, of_the_token: bool) -> None:
    """An account without a plan for data keeps its token: another one changes nothing."""
    assert isinstance(refusal(401, body), TokenRefused) == of_the_token


@pytest.mark.parametrize(
    ("status", "body", "headers", "seconds"),
    [
        (429, data("805"), {}, LIMIT_SECONDS),
        (200, data("805"), {}, LIMIT_SECONDS),
        (429, b"", {"Retry-After": "5"}, LIMIT_SECONDS),
        (429, error("DH-904"), {"Retry-After": "900"}, 900),
        (503, b"", {"Retry-After": "7"}, 7),
        (500, data("800"), {}, None),
    ],
)
def test_the_wait_after_the_limit_is_long(
    status: int, body: bytes, headers: dict[str, str], seconds: float | None
) -> None:
    """Dhan warns that requests beyond its limit may get the account blocked."""
    assert refusal(status, body, **headers).retry_after == seconds


def test_an_answer_that_may_be_data_is_no_refusal() -> None:
    listed = b'{"data":["2026-12-01"],"status":"success"}'
    long = GOOD[:-1] + b"," + b'"more":"' + b"x" * 9_000 + b'"}'
    for body in (GOOD, listed, HTML, GOOD[:-5], long):
        check_answer(Answer(200, {}, sets_cookies=False, body=body))


def test_a_body_that_could_not_be_read_is_its_own_refusal() -> None:
    fault = Refused("truncated", "the connection ended")
    for status, reason in ((200, "truncated"), (401, "unauthorised"), (502, "server_error")):
        answer = Answer(status, {}, sets_cookies=False, fault=fault)
        with pytest.raises(Refused) as caught:
            check_answer(answer)
        assert caught.value.reason == reason


def chain(**numbers: Any) -> bytes:  # noqa: ANN401
    leg: dict[str, Any] = dict.fromkeys(
        ("oi", "volume", "previous_oi", "top_bid_price", "last_price"), 0
    )
    leg |= {"greeks": {"delta": 1}, "security_id": 4711, "implied_volatility": 0.0} | numbers
    return orjson.dumps(
        {"data": {"last_price": 100.5, "oc": {"100.000000": {"ce": leg}}}, "status": "success"}
    )


@pytest.mark.parametrize(
    "body", [chain(), chain(oi=0.0, volume=-0.0), b'{"data":{"last_price":0,"oc":{}}}', b"{ }\n"]
)
def test_a_chain_of_zeros_is_a_silent_refusal(body: bytes) -> None:
    """So Dhan answers beyond its limit. The expiry trades, so it is not `empty`."""
    with pytest.raises(Refused) as caught:
        check_chain(body)
    assert (caught.value.reason, caught.value.retry_after) == ("rate_limited", None)


@pytest.mark.parametrize(
    "body",
    [
        chain(oi=65),
        chain(top_bid_price=0.05),
        chain(volume=1e-3),
        chain(previous_oi=1.5e9),
        HTML,  # the parser says what it is
        chain()[:-9],
    ],
)
def test_a_chain_with_one_number_is_left_to_the_parser(body: bytes) -> None:
    check_chain(body)


def test_the_published_errors_are_known() -> None:
    path = ROOT.parent / "shared" / "brokers" / "dhan_errors.json"
    if not path.is_file():
        pytest.skip(f"the vendor's errors are not here: {path}")
    errors = orjson.loads(path.read_bytes())
    reasons = {
        "auth_401": "unauthorised",
        "bad_request": "server_error",
        "not_subscribed_HTTP_200": "unauthorised",
        "expired_HTTP_200": "unauthorised",
        "rate_limited": "rate_limited",
    }
    assert errors.keys() - {"_source"} == reasons.keys()
    for name, reason in reasons.items():
        for status in (200, 401, 429):
            assert refusal(status, orjson.dumps(errors[name])).reason == reason
