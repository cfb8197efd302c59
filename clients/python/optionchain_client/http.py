"""Requests to the API: tried again while that can help, and bounded in time."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

import httpx

from optionchain_client.errors import ApiError, Unavailable, error_of

_ATTEMPTS = 6
_LONGEST_PAUSE = 30.0
_SECONDS = 40.0
# What may be otherwise the next time. Everything else is answered the same again.
_TRIED_AGAIN = (429, 500, 502, 503, 504)

type Query = Mapping[str, str | int | float | bool | None]


class Http:
    """Asks by GET alone, so that every request may be repeated."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Accept": "application/json"}
        if api_key:
            headers["X-Api-Key"] = api_key
        self._base = base_url.rstrip("/") + "/"
        self._client = httpx.Client(headers=headers, timeout=_SECONDS, transport=transport)
        self._sleep = sleep

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, query: Query | None = None) -> dict[str, Any]:
        """Return an answer; raise ApiError."""
        return self._decoded(self.send(path, query))

    def pages(self, path: str, query: Query) -> Iterator[dict[str, Any]]:
        """Yield the pages of a list, as they are needed."""
        url: str | None = self._url(path, query)
        while url:
            page = self._decoded(self._send(url, {}))
            yield page
            url = urljoin(url, page["next"]) if page.get("next") else None

    def send(
        self, path: str, query: Query | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Return an answer that is good or a 304; raise ApiError."""
        return self._send(self._url(path, query or {}), headers or {})

    def _url(self, path: str, query: Query) -> str:
        given = {name: _text(value) for name, value in query.items() if value is not None}
        url = httpx.URL(urljoin(self._base, path))
        return str(url.copy_merge_params(given) if given else url)

    def _send(self, url: str, headers: Mapping[str, str]) -> httpx.Response:
        for attempt in range(_ATTEMPTS):
            pause = min(0.5 * 2**attempt, _LONGEST_PAUSE)
            try:
                answer = self._client.get(url, headers=dict(headers))
            except httpx.TransportError as error:
                failure: ApiError = Unavailable(0, type(error).__name__, str(error), {})
            else:
                if answer.status_code not in _TRIED_AGAIN:
                    return self._checked(answer)
                failure = error_of(answer.status_code, _problem(answer))
                if failure.slug == "quota-exceeded":
                    break
                pause = min(_retry_after(answer) or pause, _LONGEST_PAUSE)
            if attempt < _ATTEMPTS - 1:
                self._sleep(pause)
        raise failure

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
            return answer
        raise error_of(answer.status_code, _problem(answer))

    def _decoded(self, answer: httpx.Response) -> dict[str, Any]:
        found: dict[str, Any] = answer.json()
        return found


def _text(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _retry_after(answer: httpx.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None
