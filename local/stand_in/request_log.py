"""The requests that a stand-in has received, for tests to count."""

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from typing import Any


@dataclass
class LoggedRequest:
    """One request and its outcome; the status stays None where nothing was answered."""

    at: datetime
    method: str
    path: str
    query: str
    headers: dict[str, str]
    status: int | None = None
    fault: str | None = None


class RequestLog:
    """The latest requests, oldest first; any thread may read them."""

    def __init__(self, length: int = 10_000) -> None:
        self._lock = Lock()
        self._rows: deque[LoggedRequest] = deque(maxlen=length)

    def add(self, request: LoggedRequest) -> None:
        """Add a request."""
        with self._lock:
            self._rows.append(request)

    def clear(self) -> None:
        """Remove all requests."""
        with self._lock:
            self._rows.clear()

    def to(self, path: str, query: str = "") -> list[LoggedRequest]:
        """Return the requests whose path begins with `path` and whose query contains `query`."""
        return [row for row in self if row.path.startswith(path) and query in row.query]

    def as_json(self) -> list[dict[str, Any]]:
        """Return all requests as JSON."""
        return [asdict(row) | {"at": row.at.isoformat()} for row in self]

    def __iter__(self) -> Iterator[LoggedRequest]:
        with self._lock:
            return iter(list(self._rows))

    def __len__(self) -> int:
        return len(self._rows)
