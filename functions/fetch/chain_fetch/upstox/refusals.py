"""How Upstox refuses: a status, headers and a body become a reason of the ledger. Pure.

Source: the vendor's documentation of its errors, and bodies that public clients quote. An error may
come under HTTP 200, so a small body is read whatever the status is. Details are in words of this
project, because a text of the vendor may repeat what it was sent, such as a token.
"""

import re

import orjson

from chain_fetch.blank_json import says_nothing
from chain_fetch.http.answer import Answer, retry_after
from chain_fetch.refused import Refused
from optionchain.mongo.tick_ledger import Reason

_OK = 200
_BAD_REQUEST = 400
_UNAUTHORISED = 401
_FORBIDDEN = 403
_LOCKED = 423
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = range(500, 600)
# Bodies with an error are shorter.
_LONGEST_ERROR = 16_384
_CODE = re.compile(r"UDAPI\d{1,7}", re.ASCII)
_ANOTHER = "`make token SOURCE=upstox` leads to one that may"
_KNOWN_ERRORS: dict[str, tuple[Reason, str]] = {
    "UDAPI100050": ("unauthorised", "the token is missing, has ended or was revoked"),
    "UDAPI100016": ("unauthorised", "the credentials are invalid"),
    "UDAPI100073": ("unauthorised", "the client of this token is not active"),
    "UDAPI100067": ("unauthorised", f"this kind of token may not ask for chains; {_ANOTHER}"),
    "UDAPI1149": ("unauthorised", "the account has not the plan for this"),
    "UDAPI1154": ("blocked", "this is answered to a fixed address only"),
    "UDAPI1221": ("blocked", "this is answered to a fixed address only; the token is valid"),
    "UDAPI10005": ("rate_limited", "too many requests"),
    "UDAPI100099": ("rate_limited", "too many requests"),
    "UDAPI100072": ("server_error", "the service is closed at this hour"),
    "UDAPI100074": ("server_error", "the service is closed at this hour"),
    "UDAPI100500": ("server_error", "an error of the vendor"),
    "UDAPI100060": ("server_error", "there is no such endpoint"),
    "UDAPI100015": ("server_error", "this version of the API is not served"),
    "UDAPI100011": ("invalid_payload", "the instrument key is unknown"),
    "UDAPI1087": ("invalid_payload", "the instrument key is unknown"),
    "UDAPI1009": ("invalid_payload", "an instrument key is missing"),
    "UDAPI1011": ("invalid_payload", "the instrument key is not of the form"),
    "UDAPI1021": ("invalid_payload", "the instrument key is not of the form"),
    "UDAPI100095": ("invalid_payload", "the instrument key is not accepted here"),
    "UDAPI100042": ("invalid_payload", "too many instrument keys"),
    "UDAPI1088": ("invalid_payload", "the date is invalid"),
    "UDAPI10000": ("invalid_payload", "the request cannot be read"),
}
# These are about the token itself; another one may be accepted.
_OF_THE_TOKEN = {"UDAPI100050", "UDAPI100016", "UDAPI100073"}


class TokenRefused(Refused):
    """Upstox does not accept the token; it may accept another one."""


def check_answer(answer: Answer) -> None:
    """Raise Refused unless an answer may be data."""
    if (code := _error_code(answer.body)) is not None:
        raise _refusal_of_code(code, answer)
    if answer.status != _OK:
        raise _refusal_of_status(answer)
    if answer.fault:
        raise answer.fault
    if says_nothing(answer.body):
        raise Refused("empty", "the body says nothing")


def _error_code(body: bytes) -> str | None:
    """Return the code of an error, an empty text for one without a code, None without an error."""
    if len(body) > _LONGEST_ERROR:
        return None
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(answer, dict) or ("errors" not in answer and answer.get("status") != "error"):
        return None
    errors = answer.get("errors")
    rows = [row for row in errors if isinstance(row, dict)] if isinstance(errors, list) else []
    if not rows and answer.get("status") == "success":
        return None
    # The names in camel case are the older ones, and the vendor says that they will go.
    codes = (row.get(name) for row in rows for name in ("error_code", "errorCode"))
    return next((code for code in codes if isinstance(code, str) and _CODE.fullmatch(code)), "")


def _refusal_of_code(code: str, answer: Answer) -> Refused:
    if code not in _KNOWN_ERRORS:
        if answer.status != _OK:
            return _refusal_of_status(answer, code)
        return Refused("server_error", f"HTTP 200 with the error {code or 'without a code'}")
    reason, words = _KNOWN_ERRORS[code]
    refusal = TokenRefused if code in _OF_THE_TOKEN else Refused
    return refusal(reason, f"HTTP {answer.status}, {code}: {words}", _wait(reason, answer))


def _refusal_of_status(answer: Answer, code: str = "") -> Refused:
    status, head = answer.status, answer.body[:_LONGEST_ERROR].lower()
    detail = f"HTTP {status}" + (f", {code}" if code else "")
    if status == _UNAUTHORISED:
        return TokenRefused("unauthorised", detail)
    if status == _TOO_MANY_REQUESTS or (status == _FORBIDDEN and b"rate limit" in head):
        return Refused("rate_limited", detail, retry_after(answer.headers))
    if status == _FORBIDDEN:
        front = "" if code or head[:1] == b"{" else " of the vendor's front, not of its API"
        return Refused("blocked", detail + front)
    if status == _BAD_REQUEST:
        return Refused("invalid_payload", f"{detail}: the vendor cannot read this request")
    if status == _LOCKED or status in _SERVER_ERRORS:
        return Refused("server_error", detail, retry_after(answer.headers))
    return Refused("server_error", f"{detail} is not an answer of this endpoint")


def _wait(reason: Reason, answer: Answer) -> float | None:
    return retry_after(answer.headers) if reason in ("rate_limited", "server_error") else None
