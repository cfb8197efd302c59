"""How many requests a source gets, and who sends the next one."""

import threading
import time
from collections import deque
from collections.abc import Sequence

from pyrate_limiter import Limiter, Rate

from chain_fetch.http.window import Window


class RequestBudget:
    """Places for requests, given in the order in which they are asked for; safe for threads.

    The rate limiter alone gives a free place to any of the threads that wait. A tick asks for its
    most important requests first, and they must not lose their places to the others.
    All windows hold at once.
    """

    def __init__(self, windows: Sequence[Window]) -> None:
        ordered = sorted(windows, key=lambda window: window.seconds)
        self._limiter = Limiter([Rate(each.requests, int(each.seconds * 1e3)) for each in ordered])
        self._queue: deque[object] = deque()
        self._turn = threading.Condition()

    def take(self, deadline: float) -> bool:
        """Wait for a place until a `time.monotonic()` second; return whether there was one."""
        ticket = object()
        with self._turn:
            self._queue.append(ticket)
            is_next = self._turn.wait_for(lambda: self._queue[0] is ticket, _left(deadline))
        try:
            return is_next and bool(self._limiter.try_acquire(timeout=_left(deadline)))
        finally:
            with self._turn:
                self._queue.remove(ticket)
                self._turn.notify_all()


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0)
