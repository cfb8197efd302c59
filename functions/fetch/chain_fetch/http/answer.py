"""The answer of a server, before anybody has judged it."""

from collections.abc import Mapping
from dataclasses import dataclass

from chain_fetch.http.sent_body import SentBody
from chain_fetch.refused import Refused


@dataclass(frozen=True)
class Answer:
    """An answer of a server. `fault` says why there is no body, if it could not be read.

    `sent` is the body as it came. If that was known before, it is not decoded: `body` is empty.
    """

    status: int
    headers: Mapping[str, str]
    sets_cookies: bool
    body: bytes = b""
    fault: Refused | None = None
    sent: SentBody | None = None
    known: bool = False


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer asks to wait, None if it names no number of them."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None
