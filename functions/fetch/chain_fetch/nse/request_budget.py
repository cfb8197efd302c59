"""How many requests a second the exchange gets, and who sends the next one."""

import threading
import time
from collections import deque

from pyrate_limiter import Duration, Limiter, Rate


class RequestBudget:
    """Places for requests, given in the order in which they are asked for; safe for threads.

    The rate limiter alone gives a free place to any of the threads that wait. A tick asks for its
    most important requests first, and they must not lose their places to the others.
    """

    def __init__(self, requests_per_second: int) -> None:
        self._limiter = Limiter(Rate(requests_per_second, Duration.SECOND))
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
