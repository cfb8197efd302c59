"""How the exchange refuses: a status, headers and a body become a reason of the ledger.

Source: captured refusals and the maintained clients of these endpoints; there is no official
documentation.
"""

from collections.abc import Mapping

import orjson

from chain_fetch.refused import Refused

_OK = 200
_UNAUTHORISED = 401
_FORBIDDEN = 403
_MISDIRECTED = 421
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = range(500, 600)
# The page of the rate limiter says: "Please try accessing this page again after 10 minutes".
RATE_LIMIT_SECONDS = 600.0
# How many bytes at the beginning of a body are searched for the words of a refusal.
_HEAD = 4_096


def check_status(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Raise Refused unless the status and the words of an answer allow it to be data."""
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
    """Return the decoded JSON of an answer; raise Refused if it is no JSON, cut off, or `{}`."""
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _refusal_of_text(body.strip(), error) from error
    if not decoded:
        raise Refused("empty", f"the body is {orjson.dumps(decoded).decode()}")
    return decoded


def _refusal_of_text(text: bytes, error: orjson.JSONDecodeError) -> Refused:
    if not text:
        return Refused("empty", "the body has no byte")
    if error.pos == len(error.doc) > 0:  # what is there is the beginning of valid JSON
        return Refused("truncated", f"the JSON ends after {len(text)} bytes")
    return Refused("not_json", f"the body begins {text[:40]!r}")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None
