"""How Dhan gives tokens, on a real HTTP server: what each answer means, and what is never shown."""

import json
import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from chain_fetch.dhan.token import Token
from chain_fetch.dhan.token_exchange import LoginRefused, NotRenewable, TokenExchange
from chain_fetch.refused import Refused
from tests.support.nse_client import http_answer
from tests.support.patience import within
from tests.support.vendor_server import Asked, vendor_server

TOKEN = Token("1100000001", "an-old-t0ken")
LOGIN = ("1100000001", "246810", "135791")
SECRETS = ("an-old-t0ken", "246810", "135791", "a-new-t0ken")
NOBODY = "http://127.0.0.1:1"
HTML = b"<html>502 Bad Gateway</html>"


def said(**content: object) -> bytes:
    return json.dumps(content).encode()


def renewed(answer: bytes) -> tuple[str, list[Asked]]:
    with vendor_server(lambda _: answer) as server:
        return TokenExchange(server.url, NOBODY).renew(TOKEN, within()), server.asked


def logged_in(answer: bytes) -> tuple[str, list[Asked]]:
    with vendor_server(lambda _: answer) as server:
        return TokenExchange(NOBODY, server.url).log_in(*LOGIN, within()), server.asked


@pytest.mark.parametrize("name", ["accessToken", "token"])
def test_a_token_is_renewed_by_its_headers(name: str) -> None:
    token, (asked,) = renewed(http_answer(said(**{name: "a-new-t0ken"}, expiryTime="x")))
    assert (token, asked.method, asked.target) == ("a-new-t0ken", "GET", "/v2/RenewToken")
    assert (asked.headers["access-token"], asked.headers["dhanclientid"]) == TOKEN[::-1]


def test_a_login_is_a_query_without_a_body() -> None:
    token, (asked,) = logged_in(http_answer(said(accessToken="a-new-t0ken")))
    url = urlsplit(asked.target)
    assert (token, asked.method, asked.body) == ("a-new-t0ken", "POST", b"")
    assert url.path == "/app/generateAccessToken"
    names = ("dhanClientId", "pin", "totp")
    assert parse_qs(url.query) == {name: [text] for name, text in zip(names, LOGIN, strict=True)}


WRONG_KIND = said(errorCode="DH-905", errorMessage="RenewToken is not allowed for this token type")
DEAD = said(errorType="Invalid_Authentication", errorCode="DH-901", errorMessage="expired")
TOO_SOON = said(status="error", message="Token can be generated once every 2 minutes.")


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (http_answer(WRONG_KIND, "400 Bad Request"), NotRenewable, "unauthorised"),
        (http_answer(DEAD, "401 Unauthorized"), Refused, "unauthorised"),
        (http_answer(HTML, "502 Bad Gateway"), Refused, "server_error"),
        (http_answer(said(status="success")), Refused, "unauthorised"),
        (http_answer(said(accessToken="")), Refused, "unauthorised"),
    ],
)
def test_a_refused_renewal_has_its_reason(answer: bytes, kind: type, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        renewed(answer)
    assert (type(caught.value) is kind or kind is Refused, caught.value.reason) == (True, reason)


@pytest.mark.parametrize(
    ("answer", "stops"),
    [
        (http_answer(said(status="error", message="Invalid Pin")), True),
        (http_answer(said(status="error", message="Invalid TOTP"), "400 Bad Request"), True),
        (http_answer(said(accessToken=None)), True),
        (http_answer(TOO_SOON), False),
        (http_answer(TOO_SOON, "429 Too Many Requests"), False),
        (http_answer(b"", "429 Too Many Requests"), False),
        (http_answer(said(status="error"), "500 Internal Server Error"), False),
        (http_answer(HTML, "502 Bad Gateway"), False),
        (http_answer(HTML), False),
    ],
)
def test_only_a_refused_login_stops_all_tries(answer: bytes, stops: bool) -> None:
    """A wrong PIN that is repeated may lock the account; a busy server may be asked again."""
    with pytest.raises(Refused) as caught:
        logged_in(answer)
    assert isinstance(caught.value, LoginRefused) == stops


@pytest.mark.time_limits
@pytest.mark.parametrize("way", [renewed, logged_in])
@pytest.mark.parametrize(
    "answer",
    [
        http_answer(said(accessToken="a-new-t0ken")),
        http_answer(said(status="error", message="246810 135791 an-old-t0ken")),
        http_answer(HTML, "502 Bad Gateway"),
        b"no HTTP at all",
        b"",
    ],
)
def test_no_error_and_no_log_shows_a_secret(
    way: object, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[object] = []
    try:
        assert callable(way)
        way(answer)
    except Refused as error:
        fault: BaseException | None = error
        while fault is not None:
            shown += [repr(fault), str(fault), vars(fault)]
            fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    text = f"{shown} {caplog.text}"
    assert not any(secret in text for secret in SECRETS)


def test_a_login_at_an_address_where_nobody_answers_shows_nothing() -> None:
    exchange = TokenExchange(NOBODY, NOBODY)
    with pytest.raises(Refused) as caught:
        exchange.log_in(*LOGIN, within())
    assert caught.value.reason == "server_error"
    assert not any(secret in repr(caught.value) for secret in SECRETS)
