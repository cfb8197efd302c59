"""The session with the exchange, made when an invocation first comes on duty.

What HTTP takes to load (requests, the budget) is a fifth of a cold start, 55 of 242 ms by `-X
importtime`, and an invocation outside of a market session asks the exchange nothing.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Protocol


class HttpSession(Protocol):
    """GETs of the exchange's API, as `chain_fetch.nse.http_session` makes them."""

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        """Return the body of an answer; raise Refused."""

    def close(self) -> None:
        """Close the connections."""


class LazyHttpSession:
    """A session that is made once, by `open` or by the first request; safe for several threads."""

    def __init__(self, make: Callable[[], HttpSession]) -> None:
        self._make = make
        self._made: HttpSession | None = None
        self._lock = Lock()

    def open(self) -> HttpSession:
        """Make it, unless it is there."""
        with self._lock:
            self._made = self._made or self._make()
            return self._made

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        """Return the body of an answer; raise Refused."""
        return self.open().get(path, params, deadline)

    def close(self) -> None:
        """Close the connections, if there are any."""
        if self._made is not None:
            self._made.close()
