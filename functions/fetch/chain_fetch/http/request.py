"""One request and its answer, within the bounds of time and size."""

import time
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import requests
import urllib3

from chain_fetch.http.answer import Answer
from chain_fetch.http.bounded_body import read_body
from chain_fetch.http.connection_faults import place_of, refusal_of
from chain_fetch.http.deadline_reader import DEADLINE
from chain_fetch.http.kept_connections import HttpClient, was_kept_and_closed
from chain_fetch.http.sent_body import IsKnown
from chain_fetch.refused import Refused

_OK = 200
CONNECT_SECONDS = 1.5
READ_SECONDS = 2.5
# For a proxy in the environment that they cannot read, requests and urllib3 raise built-in errors.
_REQUEST_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    ValueError,
    TypeError,
)


class HttpRequest(NamedTuple):
    """What a request sends; `json` is the body of a POST."""

    url: str
    params: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    method: Literal["GET", "POST"] = "GET"
    json: Mapping[str, Any] | None = None


class ClosedUnanswered(Refused):
    """A kept connection was closed before a byte of the answer came: nobody has answered."""


def answer_to(
    request: HttpRequest, http: HttpClient, deadline: float, is_known: IsKnown | None = None
) -> Answer:
    """Send a request and return its answer, whatever its status; raise Refused without one.

    `deadline` is a `time.monotonic()` second. A body of status 200 that `is_known` by its digest is
    not decoded.
    """
    with opened(request, http, deadline) as response:
        given = response.status_code, response.headers, bool(response.cookies)
        try:
            sent = read_body(response.raw, response.headers, deadline)
            if is_known and response.status_code == _OK and is_known(sent.digest):
                return Answer(*given, sent=sent, known=True)
            return Answer(*given, sent.decoded, sent=sent)
        except Refused as fault:
            return Answer(*given, fault=_with_place(fault, request.url))


def opened(request: HttpRequest, http: HttpClient, deadline: float) -> requests.Response:
    """Return a response whose body is still to be read."""
    remaining = max(deadline - time.monotonic(), 0.001)
    connect, read = min(CONNECT_SECONDS, remaining), min(READ_SECONDS, remaining)
    DEADLINE.set(deadline)
    try:
        return http.request(
            request.method,
            request.url,
            json=request.json,
            params=dict(request.params),
            headers=dict(request.headers),
            timeout=(connect, read),
            stream=True,
            # A redirect would be a request outside of the budget, with time-outs of its own.
            allow_redirects=False,
        )
    except _REQUEST_ERRORS as error:
        # Without the error itself: its text may show the password of a proxy.
        if was_kept_and_closed(error):
            told = f"a kept connection to {place_of(request.url)} was closed"
            raise ClosedUnanswered("server_error", told) from None
        raise refusal_of(error, request.url, connect, read) from None


def _with_place(fault: Refused, url: str) -> Refused:
    """Return the fault of a body; one of its connection says where that led."""
    if fault.reason not in ("timeout", "truncated"):
        return fault
    return Refused(fault.reason, f"{fault.detail} ({place_of(url)})")
