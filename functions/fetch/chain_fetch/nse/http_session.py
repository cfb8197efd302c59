"""One HTTP session with the exchange: cookies, request budget, time-outs.

An ordinary client: it sends ordinary headers, and when it is blocked it stops asking.
"""

import threading
import time
from collections.abc import Mapping

import requests
import urllib3
from pyrate_limiter import Duration, Limiter, Rate
from requests.adapters import HTTPAdapter

from chain_fetch.nse.refusals import check_status
from chain_fetch.refused import Refused

CONNECT_SECONDS = 1.5
READ_SECONDS = 2.5
# The whole chain of the symbol with the most contracts is under 2 MB; a larger body is no data.
MAX_BODY_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_RENEWALS_PER_MINUTE = 4

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
    cookies renews them once, at most four times a minute for all requests together.
    """

    def __init__(self, base_url: str, max_requests_per_second: int, workers: int = 8) -> None:
        self._base_url = base_url
        self._budget = Limiter(Rate(max_requests_per_second, Duration.SECOND))
        self._renewals = Limiter(Rate(_RENEWALS_PER_MINUTE, Duration.MINUTE))
        self._http = requests.Session()
        self._http.headers.update(_HEADERS)
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=workers)
        self._http.mount(base_url, adapter)
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
            self._send("/option-chain", {}, deadline, {})
            self._generation += 1
            return self._generation

    def _request(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        referer = {"Referer": f"{self._base_url}/option-chain", "Accept": "application/json"}
        body = self._send(path, params, deadline, referer)
        if body.strip() == b"{}":
            raise Refused("empty", "the body is {}")
        return body

    def _send(
        self, path: str, params: Mapping[str, str], deadline: float, headers: Mapping[str, str]
    ) -> bytes:
        if not self._budget.try_acquire(timeout=max(deadline - time.monotonic(), 0)):
            raise Refused("busy", "the request budget leaves no request in this tick")
        if self._block and self._block[1] == deadline:
            raise self._block[0]
        remaining = max(deadline - time.monotonic(), 0.001)
        try:
            with self._http.get(
                self._base_url + path,
                params=dict(params),
                headers=dict(headers),
                timeout=(min(CONNECT_SECONDS, remaining), min(READ_SECONDS, remaining)),
                stream=True,
                # A redirect would be a request outside of the budget, with time-outs of its own.
                allow_redirects=False,
            ) as response:
                body = _read_body(response.raw, deadline)
                check_status(response.status_code, response.headers, body)
                if time.monotonic() > deadline:
                    raise Refused("timeout", "the answer came after the end of the tick")
                return body
        except Refused as refusal:
            if refusal.reason in ("blocked", "rate_limited"):
                # Requests of the same tick share its deadline: the rest of them is not sent.
                self._block = (refusal, deadline)
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _refusal_of(error) from error


def _read_body(raw: urllib3.HTTPResponse, deadline: float) -> bytes:
    """Read a body to its end, within its bounds of time and size.

    `read1` returns what one read of the socket gives, so the deadline is checked often even if
    the body arrives a few bytes at a time.
    """
    chunks: list[bytes] = []
    size = 0
    while chunk := raw.read1(_CHUNK_BYTES, decode_content=True):
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise Refused("invalid_payload", f"the body passes {MAX_BODY_BYTES} bytes")
        if time.monotonic() > deadline:
            raise Refused("timeout", "the body was still arriving at the end of the tick")
        chunks.append(chunk)
    return b"".join(chunks)


def _refusal_of(error: Exception) -> Refused:
    match error:
        case requests.Timeout() | urllib3.exceptions.TimeoutError():
            return Refused("timeout", "no answer in time")
        case urllib3.exceptions.DecodeError():
            return Refused("not_json", "the bytes are not in the encoding they claim")
        case urllib3.exceptions.ProtocolError():
            return Refused("truncated", "the connection ended before the body")
        case _:
            return Refused("server_error", f"no connection ({type(error).__name__})")
