"""An HTTP session with the exchange that is opened when it is first needed.

Loading requests and the rate limiter took 55 of 242 ms of a cold start (`-X importtime`). An
invocation outside of a market session sends the exchange nothing, so it does not load them.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Protocol, runtime_checkable

from chain_fetch.http.sent_body import IsKnown, SentBody


class HttpSession(Protocol):
    """GET requests to the exchange's API, as NseHttpSession sends them."""

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        """Return the body of an answer; raise Refused."""

    def close(self) -> None:
        """Close the connections."""


@runtime_checkable
class SendsBodies(Protocol):
    """A session that also returns bodies as they were sent."""

    def get_sent(
        self, path: str, params: Mapping[str, str], deadline: float, is_known: IsKnown
    ) -> SentBody:
        """Return the body of an answer, not decoded if `is_known` by its digest; raise Refused."""


class Closable(Protocol):
    """A session of any source."""

    def close(self) -> None:
        """Close the connections."""


class LazySession[Session: Closable]:
    """A session that the first `open` creates, once; safe for several threads."""

    def __init__(self, create: Callable[[], Session]) -> None:
        self._create = create
        self._session: Session | None = None
        self._lock = Lock()

    def open(self) -> Session:
        """Return the session; create it if it does not exist yet."""
        with self._lock:
            self._session = self._session or self._create()
            return self._session

    def close(self) -> None:
        """Close the connections, if there are any."""
        if self._session is not None:
            self._session.close()


class LazyHttpSession(LazySession[HttpSession]):
    """A session for GET requests that `open` or the first request creates, once."""

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        """Return the body of an answer; raise Refused."""
        return self.open().get(path, params, deadline)

    def get_sent(
        self, path: str, params: Mapping[str, str], deadline: float, is_known: IsKnown
    ) -> SentBody:
        """Return the body of an answer, not decoded if `is_known` by its digest; raise Refused."""
        session = self.open()
        if isinstance(session, SendsBodies):
            return session.get_sent(path, params, deadline, is_known)
        return SentBody(session.get(path, params, deadline))
