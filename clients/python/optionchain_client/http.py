"""Requests to the API: repeated while that can help, and bounded in time."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

import httpx

from optionchain_client.errors import ApiError, Unavailable
from optionchain_client.received import failure_of, members_of
from optionchain_client.waiting import ATTEMPTS, LONGEST_WAIT, wait_before

# What may be otherwise the next time. Everything else is answered the same again.
_REPEATED = (429, 500, 502, 503, 504)
# Headers of a body that is unpacked by now.
_OF_THE_WIRE = (b"content-encoding", b"content-length", b"transfer-encoding")

type Query = Mapping[str, str | int | float | None]


class Http:
    """Asks by GET alone, so that every request may be repeated. Raises ApiError."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        *,
        timeout: float,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
    ) -> None:
        self._base = httpx.URL(base_url.rstrip("/") + "/")
        if self._base.scheme not in ("http", "https") or not self._base.host:
            raise ValueError("base_url must be an address such as http://127.0.0.1:8000")
        headers = {"Accept": "application/json"}
        if api_key:
            headers["X-Api-Key"] = _checked_key(api_key)
        self._timeout = timeout
        # A redirect is not followed: the key is for this host alone.
        self._client = httpx.Client(
            headers=headers, timeout=timeout, transport=transport, follow_redirects=False
        )
        self._sleep = sleep

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, query: Query) -> dict[str, Any]:
        """Return an answer."""
        return self._decoded(self._url(path, query), {})[1]

    def get_changed(
        self, path: str, query: Query, headers: dict[str, str]
    ) -> dict[str, Any] | None:
        """Return an answer, None if it is that of the entity tag in `headers`; keep its tag."""
        answer, found = self._decoded(self._url(path, query), headers)
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        headers.clear()
        if tag := answer.headers.get("ETag"):
            headers["If-None-Match"] = tag
        return found

    def records(self, path: str, query: Query) -> Iterator[dict[str, Any]]:
        """Yield the records of a list, page by page as they are needed."""
        url = self._url(path, query)
        while True:
            _, page = self._decoded(url, {})
            if not isinstance(page.get("records"), list):
                raise ApiError(200, "no-list", f"{url.path} answers without records")
            yield from page["records"]
            if not page.get("next"):
                return
            url = self._next(url, str(page["next"]))

    def _url(self, path: str, query: Query) -> httpx.URL:
        given = {name: str(value) for name, value in query.items() if value is not None}
        url = httpx.URL(urljoin(str(self._base), path))
        return url.copy_merge_params(given) if given else url

    def _next(self, url: httpx.URL, link: str) -> httpx.URL:
        found = httpx.URL(urljoin(str(url), link))
        here = (url.scheme, url.host, url.port)
        if (found.scheme, found.host, found.port) != here:
            raise ApiError(200, "foreign-link", f"the next page is on another host: {found.host}")
        if found == url:
            raise ApiError(200, "foreign-link", "the next page is the same page")
        return found

    def _decoded(
        self, url: httpx.URL, headers: Mapping[str, str]
    ) -> tuple[httpx.Response, dict[str, Any]]:
        """Return a good answer and its JSON, which is empty of a 304."""
        for attempt in range(ATTEMPTS):
            wait = wait_before(attempt)
            try:
                answer = self._answer(url, headers)
                if answer.status_code not in _REPEATED:
                    return answer, members_of(answer, headers)
                failure, wait = failure_of(answer, wait)
            except httpx.RequestError as error:
                failure = Unavailable(0, type(error).__name__, str(error) or "no answer")
            if wait > LONGEST_WAIT:
                break
            if attempt < ATTEMPTS - 1:
                self._sleep(wait)
        raise failure

    def _answer(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """Return a whole answer; raise httpx.RequestError, also if it drips in for too long."""
        end = time.monotonic() + self._timeout
        with self._client.stream("GET", url, headers=dict(headers)) as answer:
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if time.monotonic() > end:
                    raise httpx.ReadTimeout(f"the answer took more than {self._timeout:g} s")
            kept = [pair for pair in answer.headers.raw if pair[0].lower() not in _OF_THE_WIRE]
            return httpx.Response(answer.status_code, headers=kept, content=bytes(body))


def _checked_key(key: str) -> str:
    # httpx would name the key in its error.
    if not key.isascii() or not key.isprintable() or key != key.strip():
        raise ValueError("api_key has characters that a header cannot have, or spaces around it")
    return key
