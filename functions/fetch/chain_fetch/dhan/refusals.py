"""How Dhan refuses: a status, headers and a body become a reason of the ledger. Pure.

Source: Dhan's documentation, and bodies that public clients quote. A code may come under any HTTP
status, 200 included, so the body is read whatever the status is. Details are in words of this
project: a text of the vendor may repeat what it was sent.
"""

import re

import orjson

from chain_fetch.blank_json import says_nothing
from chain_fetch.http.answer import Answer, retry_after
from chain_fetch.refused import Refused
from optionchain.mongo.tick_ledger import Reason

_OK = 200
_UNAUTHORISED = 401
_FORBIDDEN = 403
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = range(500, 600)
# Dhan warns that requests beyond its limit may get an account blocked, and clients report accounts
# that were refused for hours afterwards. So the first wait is long; the ledger shows it.
LIMIT_SECONDS = 120.0
# Bodies with a code are shorter, and so are lists of expiries.
_LONGEST_REFUSAL = 8_192
# What each code means: the ledger's reason, and words for a person.
_CODES: dict[str, tuple[Reason, str]] = {
    "800": ("server_error", "internal error"),
    "804": ("server_error", "too many instruments"),
    "805": ("rate_limited", "too many requests; more of them may get the account blocked"),
    "806": ("unauthorised", "the account has no plan for data"),
    "807": ("unauthorised", "the access token has expired"),
    "808": ("unauthorised", "the authentication has failed"),
    "809": ("unauthorised", "the access token is invalid"),
    "810": ("unauthorised", "the client id is invalid"),
    "811": ("empty", "the expiry is not listed"),
    "812": ("server_error", "the date is invalid"),
    "813": ("server_error", "the security id is invalid"),
    "814": ("server_error", "the request is invalid"),
    "DH-901": ("unauthorised", "the client id or the access token is invalid or has expired"),
    "DH-902": ("unauthorised", "the account has no plan for data"),
    "DH-903": ("unauthorised", "the account may not use this segment"),
    "DH-904": ("rate_limited", "too many requests"),
    "DH-905": ("server_error", "the request is invalid"),
    "DH-907": ("server_error", "the data cannot be had"),
    "DH-908": ("server_error", "internal error"),
    "DH-909": ("server_error", "Dhan cannot reach its own server"),
    "DH-910": ("server_error", "another error"),
    "DH-911": ("blocked", "the address of this machine is not allowed"),
}
# These are about the token itself; another one may be accepted.
_OF_THE_TOKEN = {"807", "808", "809", "810", "DH-901"}
_CODE = re.compile(r"8\d\d|DH-\d{3}", re.ASCII)
# A number of a contract other than 0, under a name that only contracts have.
_SOME_NUMBER = re.compile(
    rb'"(?:oi|volume|previous_oi|previous_volume|previous_close_price|'
    rb'top_bid_price|top_ask_price)"\s*:\s*-?[0.]*[1-9]'
)


class TokenRefused(Refused):
    """Dhan does not accept the access token; it may accept another one."""


def check_answer(answer: Answer) -> None:
    """Raise Refused unless an answer may be data."""
    if answer.fault and answer.status == _OK:
        raise answer.fault
    if code := _code(answer.body):
        raise _refusal(code, answer)
    _check_status(answer)
    if says_nothing(answer.body):
        raise Refused("empty", "the body says nothing")


def check_chain(body: bytes) -> None:
    """Raise Refused if a chain has no number of any contract.

    Beyond its limit Dhan answers so under status 200: with no contract, or with zeros alone. It is
    no sign that the expiry does not trade; for that there is a code.
    """
    text = body.strip()
    if text[:1] == b"{" and text[-1:] == b"}" and not _SOME_NUMBER.search(text):
        what = "every number of the chain is 0 or missing"
        raise Refused("rate_limited", f"{what}: so Dhan answers to requests beyond its limit")


def _code(body: bytes) -> str | None:
    """Return the code of an error, `failed` for one without a code, None if there is no error."""
    if len(body) > _LONGEST_REFUSAL:
        return None
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(answer, dict):
        return None
    data = answer.get("data")
    named = [answer.get("errorCode"), *(data if isinstance(data, dict) else ())]
    codes = [name for name in named if isinstance(name, str) and _CODE.fullmatch(name)]
    if codes:
        return codes[0]
    failed = "errorType" in answer or answer.get("status", "success") != "success"
    return "failed" if failed else None


def _refusal(code: str, answer: Answer) -> Refused:
    if code == "failed" and answer.status != _OK:
        _check_status(answer)
    unknown: tuple[Reason, str] = ("server_error", "an error without a code that is known")
    reason, words = _CODES.get(code, unknown)
    detail = f"HTTP {answer.status}, {code}: {words}"
    if code in _OF_THE_TOKEN:
        return TokenRefused(reason, detail)
    return Refused(reason, detail, _wait(reason, answer))


def _check_status(answer: Answer) -> None:
    status = answer.status
    if status == _OK:
        return
    detail = f"HTTP {status}"
    if status == _UNAUTHORISED:
        raise TokenRefused("unauthorised", detail)
    if status == _FORBIDDEN:
        raise Refused("blocked", detail)
    if status == _TOO_MANY_REQUESTS:
        raise Refused("rate_limited", detail, _wait("rate_limited", answer))
    if status in _SERVER_ERRORS:
        raise Refused("server_error", detail, retry_after(answer.headers))
    raise Refused("server_error", f"{detail} is not an answer of this endpoint")


def _wait(reason: Reason, answer: Answer) -> float | None:
    """Return the seconds to wait at least: as long as Dhan asks, and longer after its limit."""
    asked = retry_after(answer.headers)
    return max(asked or 0.0, LIMIT_SECONDS) if reason == "rate_limited" else asked
