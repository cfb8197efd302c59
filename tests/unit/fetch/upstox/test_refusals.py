"""What Upstox answers instead of data becomes a reason of the ledger."""

import pytest

from chain_fetch.http.answer import Answer
from chain_fetch.refused import Refused
from chain_fetch.upstox.refusals import TokenRefused, check_answer
from tests.support.bodies import Json
from tests.support.upstox_bodies import chain, encoded, error

HTML = b"<!DOCTYPE html><title>Attention Required! | Cloudflare</title> error code: 1010"
LIMITED = b"<!DOCTYPE html><title>Access denied</title> Cloudflare rate limit, error 1015"
OLD_NAMES = {"status": "error", "errors": [{"errorCode": "UDAPI100050", "message": "x"}]}
BOTH_NAMES = {"errors": [{"error_code": "UDAPI10005", "errorCode": "UDAPI100050"}]}


def refusal(status: int, body: Json | bytes = b"", **headers: str) -> Refused:
    content = body if isinstance(body, bytes) else encoded(body)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(Refused) as caught:
        check_answer(Answer(status, names, sets_cookies=False, body=content))
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "reason", "told"),
    [
        (401, error("UDAPI100050"), "unauthorised", "the token is missing, has ended or"),
        (200, error("UDAPI100050"), "unauthorised", "HTTP 200, UDAPI100050"),
        (401, OLD_NAMES, "unauthorised", "UDAPI100050"),
        (
            401,
            error("UDAPI100067"),
            "unauthorised",
            "may not ask for chains; `make token SOURCE=ups",
        ),
        (403, error("UDAPI100067"), "unauthorised", "UDAPI100067"),
        (401, error("UDAPI1221"), "blocked", "the token is valid"),
        (403, error("UDAPI1154"), "blocked", "fixed address"),
        (401, b"", "unauthorised", "HTTP 401"),
        (429, error("UDAPI10005"), "rate_limited", "too many requests"),
        (200, error("UDAPI10005"), "rate_limited", "too many requests"),
        (401, BOTH_NAMES, "rate_limited", "UDAPI10005"),
        (429, b"", "rate_limited", "HTTP 429"),
        (403, LIMITED, "rate_limited", "HTTP 403"),
        (403, HTML, "blocked", "of the vendor's front, not of its API"),
        (403, error("UDAPI99"), "blocked", "HTTP 403, UDAPI99"),
        (503, b"<html>maintenance", "server_error", "HTTP 503"),
        (500, error("UDAPI100500"), "server_error", "an error of the vendor"),
        (502, HTML, "server_error", "HTTP 502"),
        (423, error("UDAPI100072"), "server_error", "closed at this hour"),
        (423, b"", "server_error", "HTTP 423"),
        (404, error("UDAPI100060"), "server_error", "there is no such endpoint"),
        (302, b"", "server_error", "HTTP 302 is not an answer of this endpoint"),
        (400, error("UDAPI100011"), "invalid_payload", "the instrument key is unknown"),
        (400, error("UDAPI1087"), "invalid_payload", "the instrument key is unknown"),
        (400, error("UDAPI1088"), "invalid_payload", "the date is invalid"),
        (400, error("UDAPI4711"), "invalid_payload", "UDAPI4711: the vendor cannot read"),
        (200, error("UDAPI4711"), "server_error", "HTTP 200 with the error UDAPI4711"),
        (200, {"status": "error"}, "server_error", "HTTP 200 with the error without a code"),
        (200, {"status": "error", "errors": "x"}, "server_error", "without a code"),
        (200, {"errors": [{"error_code": 7}]}, "server_error", "without a code"),
        (200, b"", "empty", "the body says nothing"),
        (200, b"{}", "empty", "the body says nothing"),
    ],
)
def test_an_answer_without_data_has_a_reason(
    status: int, body: Json | bytes, reason: str, told: str
) -> None:
    refused = refusal(status, body)
    assert refused.reason == reason
    assert told in refused.detail
    assert refused.retry_after is None


@pytest.mark.parametrize(
    ("status", "code", "of_the_token"),
    [
        (401, "UDAPI100050", True),
        (401, "UDAPI100016", True),
        (401, "UDAPI4711", True),
        # These tokens are good: another one would be refused as well.
        (401, "UDAPI100067", False),
        (401, "UDAPI1221", False),
        (403, "UDAPI1154", False),
        (429, "UDAPI10005", False),
    ],
)
def test_only_a_dead_token_is_refused_as_one(status: int, code: str, *, of_the_token: bool) -> None:
    assert isinstance(refusal(status, error(code)), TokenRefused) is of_the_token


@pytest.mark.parametrize("status", [429, 503])
def test_a_named_time_is_kept(status: int) -> None:
    assert refusal(status, b"", Retry_After="30").retry_after == 30
    assert refusal(status, error("UDAPI10005"), Retry_After="30").retry_after == 30


def test_the_vendor_s_own_words_are_not_repeated() -> None:
    echo = error("UDAPI100050", "Invalid token eyJ0eXAi.secret used to access API")
    assert "secret" not in str(refusal(401, echo))


def test_a_cut_body_is_refused_as_such() -> None:
    fault = Refused("truncated", "the connection ended before the body")
    with pytest.raises(Refused) as caught:
        check_answer(Answer(200, {}, sets_cookies=False, fault=fault))
    assert caught.value is fault


@pytest.mark.parametrize(
    "body",
    [
        encoded(chain()),
        encoded({**chain(), "errors": None}),
        encoded({**chain(), "errors": []}),
        b'{"status":"success","data":[]}',
        b"<html>200</html>",
    ],
)
def test_what_may_be_data_is_left_to_the_parser(body: bytes) -> None:
    check_answer(Answer(200, {}, sets_cookies=False, body=body))
    assert body
