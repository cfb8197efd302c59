"""How the exchange refuses: a status, headers and a body become a reason of the ledger.

Source: captured refusals and the maintained clients of these endpoints; there is no official
documentation.
"""

from collections.abc import Mapping

from chain_fetch.http.answer import Answer, retry_after
from chain_fetch.refused import Refused

_OK = 200
_UNAUTHORISED = 401
_FORBIDDEN = 403
_MISDIRECTED = 421
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = range(500, 600)
_REFUSALS = {_UNAUTHORISED, _FORBIDDEN, _MISDIRECTED, _TOO_MANY_REQUESTS, *_SERVER_ERRORS}
# The page of the rate limiter says: "Please try accessing this page again after 10 minutes".
RATE_LIMIT_SECONDS = 600.0
# How many bytes at the beginning of a body are searched for the words of a refusal.
_HEAD = 4_096


def check_page(answer: Answer) -> None:
    """Raise Refused unless the page that a session begins with has done its work.

    It sets cookies, and it may do so under any status that is no refusal, such as 302 or 404.
    """
    if not answer.sets_cookies or answer.status in _REFUSALS:
        check_answer(answer)


def check_answer(answer: Answer) -> None:
    """Raise Refused unless an answer may be data."""
    if answer.fault and answer.status == _OK:
        raise answer.fault
    check_status(answer.status, answer.headers, answer.body)


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
        raise Refused("rate_limited", "HTTP 429", retry_after(headers))
    if status in _SERVER_ERRORS:
        raise Refused("server_error", f"HTTP {status}", retry_after(headers))
    if status != _OK:
        raise Refused("server_error", f"HTTP {status} is not an answer of this endpoint")
