"""The two calls by which Dhan gives a token: for one that still holds, and for a login.

The login stands in the URL, so neither a URL nor an error of the HTTP library is ever shown.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from chain_fetch.blank_json import says_nothing
from chain_fetch.dhan.refusals import check_answer
from chain_fetch.dhan.token import Token
from chain_fetch.http.answer import Answer
from chain_fetch.http.kept_connections import HttpClient
from chain_fetch.http.request import HttpRequest, answer_to
from chain_fetch.refused import Refused

_HEADERS = {"User-Agent": "nse-option-chain", "Accept": "application/json"}
_NAMES = ("accessToken", "token")  # Dhan's documentation and its forum differ
_TOO_SOON = b"every 2 minutes"
_WRONG_KIND = b"not allowed for this token type"
_BUSY = (429, *range(500, 600))


class LoginRefused(Refused):
    """Dhan refuses the client id, the PIN or the TOTP. To repeat them may lock the account."""


class NotRenewable(Refused):
    """Dhan does not renew tokens of this kind."""


class TokenExchange:
    """Asks Dhan for tokens; each method has a deadline and raises Refused."""

    def __init__(self, api_url: str, login_url: str) -> None:
        self._api_url = api_url
        self._login_url = login_url

    def renew(self, token: Token, deadline: float) -> str:
        """Return a token in exchange for one that holds, which is dead from then on."""
        headers = {"access-token": token.access_token, "dhanClientId": token.client_id}
        request = HttpRequest(f"{self._api_url}/v2/RenewToken", headers=headers)
        answer = _answer(request, deadline)
        if given := _token(answer):
            return given
        if _WRONG_KIND in answer.body:
            raise NotRenewable("unauthorised", "Dhan does not renew tokens of this kind")
        if not says_nothing(answer.body):
            check_answer(answer)
        raise Refused("unauthorised", f"HTTP {answer.status}: a renewal without a token")

    def log_in(self, client_id: str, pin: str, code: str, deadline: float) -> str:
        """Return a new token; the one before is dead from then on."""
        login = {"dhanClientId": client_id, "pin": pin, "totp": code}
        url = f"{self._login_url}/app/generateAccessToken"
        answer = _answer(HttpRequest(url, login, method="POST"), deadline)
        if given := _token(answer):
            return given
        if answer.fault:
            raise answer.fault
        if _TOO_SOON in answer.body:
            raise Refused("unauthorised", "Dhan makes one token every 2 minutes")
        if answer.status in _BUSY or answer.body.lstrip()[:1] != b"{":
            raise Refused("server_error", f"HTTP {answer.status} to a login")
        raise LoginRefused("unauthorised", f"HTTP {answer.status}: Dhan refuses the login")


def _answer(request: HttpRequest, deadline: float) -> Answer:
    with _unlogged(), HttpClient(_HEADERS, connections=1) as http:
        return answer_to(request, http, deadline)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep urllib3 from logging requests: at the level DEBUG it writes whole URLs."""
    logger = logging.getLogger("urllib3.connectionpool")
    logger.addFilter(_drop)
    try:
        yield
    finally:
        logger.removeFilter(_drop)


def _drop(record: logging.LogRecord) -> bool:  # noqa: ARG001
    return False


def _token(answer: Answer) -> str | None:
    try:
        content = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    given = [content.get(name) for name in _NAMES] if isinstance(content, dict) else []
    return next((each for each in given if isinstance(each, str) and each), None)
