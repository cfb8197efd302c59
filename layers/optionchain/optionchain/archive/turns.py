"""Turns of threads that want the same thing: one of them makes it, and the others wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from weakref import WeakValueDictionary

from optionchain.archive.deadline import seconds_left, too_slow


class Turns:
    """One turn at a time for each name; safe for several threads."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()
        self._lock = Lock()

    @contextmanager
    def taken(self, name: str) -> Iterator[None]:
        """Wait for the turn, no longer than the request may take; raise ArchiveUnavailable."""
        with self._lock:
            turn = self._turns.setdefault(name, _Turn())
        left = seconds_left()
        if not turn.lock.acquire(timeout=-1 if left is None else left):
            raise too_slow()
        try:
            yield
        finally:
            turn.lock.release()


class _Turn:
    """Kept as long as somebody has it or waits for it."""

    def __init__(self) -> None:
        self.lock = Lock()
