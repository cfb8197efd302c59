"""How the exchange refuses: from a status, headers and body to a reason.

Source: captured refusals and the maintained clients of these endpoints; there is no official
documentation.
"""

from collections.abc import Mapping
from typing import NoReturn

import orjson

from optionchain.errors import OptionChainError
from optionchain.mongo.tick_ledger import Reason

_OK = 200
_UNAUTHORISED = 401
_FORBIDDEN = 403
_MISDIRECTED = 421
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = range(500, 600)
# "Please try accessing this page again after 10 minutes", says the rate limiter.
RATE_LIMIT_SECONDS = 600.0
# Only the beginning of a body is searched for the words of a refusal.
_HEAD = 4_096


class Refused(OptionChainError):
    """The exchange did not answer a request with data.

    `reason` is one of the ledger's; `retry_after` is in seconds where the exchange named a time.
    """

    def __init__(self, reason: Reason, detail: str, retry_after: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail
        self.retry_after = retry_after


def check_status(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Raise Refused unless an answer's status and words allow it to be data."""
    head = body[:_HEAD].lower()
    if status == _UNAUTHORISED or (b"resource not found" in head and head[:1] != b"{"):
        raise Refused("unauthorised", f"HTTP {status}: the session is stale")
    if status == _FORBIDDEN and (b"access restricted" in head or b"requests per second" in head):
        raise Refused("rate_limited", "HTTP 403: Access Restricted", RATE_LIMIT_SECONDS)
    if status in (_FORBIDDEN, _MISDIRECTED):
        raise Refused("blocked", f"HTTP {status}")
    if status == _TOO_MANY_REQUESTS:
        raise Refused("rate_limited", "HTTP 429", _retry_after(headers))
    if status in _SERVER_ERRORS:
        raise Refused("server_error", f"HTTP {status}", _retry_after(headers))
    if status != _OK:
        raise Refused("server_error", f"HTTP {status} is not an answer of this endpoint")


def decode(body: bytes) -> object:
    """Return the JSON of an answer; raise Refused where it is none, cut off, or `{}`."""
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        _refuse_text(body.strip(), error)
    if not decoded:
        raise Refused("empty", f"the body is {orjson.dumps(decoded).decode()}")
    return decoded


def _refuse_text(text: bytes, error: orjson.JSONDecodeError) -> NoReturn:
    if not text:
        raise Refused("empty", "the body has no byte") from error
    if error.pos == len(error.doc) > 0:  # JSON as far as it goes
        raise Refused("truncated", f"the JSON ends after {len(text)} bytes") from error
    raise Refused("not_json", f"the body begins {text[:40]!r}") from error


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None
