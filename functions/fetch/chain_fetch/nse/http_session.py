"""One HTTP session with the exchange: cookies, request budget, time-outs.

An ordinary client: it sends ordinary headers, and when it is blocked it stops asking.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import requests
import urllib3
from pyrate_limiter import Duration, Limiter, Rate

from chain_fetch.blank_json import says_nothing
from chain_fetch.nse.bounded_body import read_body
from chain_fetch.nse.deadline_reader import DEADLINE
from chain_fetch.nse.kept_connections import HttpClient, was_kept_and_closed
from chain_fetch.nse.refusals import Answer, check_answer, check_page
from chain_fetch.refused import Refused

CONNECT_SECONDS = 1.5
READ_SECONDS = 2.5
_RENEWALS_PER_MINUTE = 4
# For a proxy in the environment that they cannot read, requests and urllib3 raise built-in errors.
_REQUEST_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    ValueError,
    TypeError,
)

_HEADERS = {
    "User-Agent": (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/140.0.0.0 Safari/537.36"
    ),
    "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-IN,en;q=0.9",
    # br is left out: the exchange would use it, and this client cannot decode it.
    "Accept-Encoding": "gzip, deflate",
}


class NseHttpSession:
    """Sends GET requests to the exchange's API within a budget; safe for several threads.

    The first request fetches the session's cookies. A request that is refused because of its
    cookies renews them once, at most four times a minute for all requests together. A request whose
    kept connection turns out to be closed is sent once more.
    """

    def __init__(self, base_url: str, max_requests_per_second: int, workers: int = 8) -> None:
        self._base_url = base_url
        self._budget = Limiter(Rate(max_requests_per_second, Duration.SECOND))
        self._renewals = Limiter(Rate(_RENEWALS_PER_MINUTE, Duration.MINUTE))
        self._http = HttpClient(_HEADERS, connections=workers)
        self._lock = threading.Lock()
        self._generation = 0  # how often the cookies were fetched
        self._block: tuple[Refused, float] | None = None

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        """Return the body of an API answer of status 200.

        `deadline` is a `time.monotonic()` second by which everything must have ended. Raises
        Refused, with reason `busy` if the budget leaves no request before the deadline.
        """
        generation = self._fetch_cookies(deadline, stale=0)
        try:
            return self._request(path, params, deadline)
        except Refused as refusal:
            if refusal.reason not in ("unauthorised", "empty"):
                raise
            self._fetch_cookies(deadline, stale=generation)
            return self._request(path, params, deadline)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _fetch_cookies(self, deadline: float, stale: int) -> int:
        """Return the cookies' generation; fetch new ones if none is newer than `stale`."""
        with self._lock:
            if self._generation > stale:
                return self._generation
            if self._generation and not self._renewals.try_acquire(blocking=False):
                raise Refused("unauthorised", "the session was renewed too often in a minute")
            self._http.cookies.clear()
            self._send(_Request(f"{self._base_url}/option-chain"), deadline, check_page)
            self._generation += 1
            return self._generation

    def _request(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        headers = {"Referer": f"{self._base_url}/option-chain", "Accept": "application/json"}
        request = _Request(self._base_url + path, params, headers)
        body = self._send(request, deadline, check_answer)
        if says_nothing(body):
            raise Refused("empty", f"the body is {body[:40].decode(errors='replace')}")
        return body

    def _send(self, request: "_Request", deadline: float, check: Callable[[Answer], None]) -> bytes:
        """Return the body of an answer that `check` does not refuse."""
        answer = self._exchange(request, deadline)
        try:
            check(answer)
        except Refused as refusal:
            if refusal.reason in ("blocked", "rate_limited"):
                # Requests of the same tick share its deadline: the rest of them is not sent.
                self._block = (refusal, deadline)
            raise
        if time.monotonic() > deadline:
            raise Refused("timeout", "the answer came after the end of the tick")
        return answer.body

    def _exchange(self, request: "_Request", deadline: float) -> Answer:
        """Return the answer to a request; send it again if its kept connection was closed."""
        self._take_place(deadline)
        try:
            return _answer(self._http, request, deadline)
        except _KeptConnectionClosed as closed:
            try:
                self._take_place(deadline)
            except Refused:
                raise closed from None
            with HttpClient(_HEADERS, connections=1) as unused:
                unused.cookies = self._http.cookies
                return _answer(unused, request, deadline)

    def _take_place(self, deadline: float) -> None:
        """Wait for a place in the budget; raise Refused if there is none, or after a block."""
        if not self._budget.try_acquire(timeout=max(deadline - time.monotonic(), 0)):
            raise Refused("busy", "the request budget leaves no request in this tick")
        if self._block and self._block[1] == deadline:
            raise self._block[0]


class _Request(NamedTuple):
    """What a GET request sends."""

    url: str
    params: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}


class _KeptConnectionClosed(Refused):
    """A kept connection was closed before a byte of the answer came."""


def _answer(http: HttpClient, request: _Request, deadline: float) -> Answer:
    remaining = max(deadline - time.monotonic(), 0.001)
    DEADLINE.set(deadline)
    try:
        with http.get(
            request.url,
            params=dict(request.params),
            headers=dict(request.headers),
            timeout=(min(CONNECT_SECONDS, remaining), min(READ_SECONDS, remaining)),
            stream=True,
            # A redirect would be a request outside of the budget, with time-outs of its own.
            allow_redirects=False,
        ) as response:
            given = response.status_code, response.headers, bool(response.cookies)
            try:
                return Answer(*given, read_body(response.raw, response.headers, deadline))
            except Refused as fault:
                return Answer(*given, fault=fault)
    except _REQUEST_ERRORS as error:
        # Without the error itself: its text may show the password of a proxy.
        raise _refusal_of(error) from None


def _refusal_of(error: Exception) -> Refused:
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return Refused("timeout", "no answer in time")
    if was_kept_and_closed(error):
        return _KeptConnectionClosed("server_error", "a kept connection was closed")
    return Refused("server_error", f"no connection ({type(error).__name__})")
