"""How many requests a source gets, and who sends the next one."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from math import ceil
from typing import NamedTuple

from chain_fetch.http.promised_places import AHEAD_MS, PromisedPlaces
from chain_fetch.http.timetable import Timetable
from chain_fetch.http.window import Window

# A request that is sent later than this before its deadline has no time for an answer.
_LEAST_SECONDS = 0.5


class Granted(NamedTuple):
    """How many of the places that a tick asked for it has; `why` there are not more."""

    requests: int
    why: str | None = None


class RequestBudget:
    """Places for requests, given in the order in which they are asked for; safe for threads.

    A tick asks for its most important requests first, and they must not lose their places to the
    others. All windows hold at once. Deadlines are `monotonic` seconds. Where a source counts by
    account, its places are `promised` to one execution environment at a time.
    """

    def __init__(
        self,
        windows: Sequence[Window],
        promised: PromisedPlaces | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._monotonic, self._sleep = monotonic, sleep
        self._promised = promised
        # What this environment has sent, at the very instants.
        self._sent = Timetable(windows)
        self._lock = threading.Lock()
        self._queue: deque[object] = deque()
        self._turn = threading.Condition()

    def reserve(self, requests: int, deadline: float) -> Granted:
        """Have places promised for a tick, as many as come in time for its deadline."""
        if self._promised is None:
            return Granted(requests)
        with self._lock:
            why = self._promised.promise(requests, self._at(deadline - _LEAST_SECONDS))
            granted = min(len(self._promised.current()), requests)
        return Granted(granted, why if granted < requests else None)

    def take(self, deadline: float) -> bool:
        """Wait for a place until a `monotonic` second; return whether there was one."""
        ticket = object()
        with self._turn:
            self._queue.append(ticket)
            left = max(deadline - self._monotonic(), 0)
            is_next = self._turn.wait_for(lambda: self._queue[0] is ticket, left)
        try:
            return is_next and self._wait(deadline)
        finally:
            with self._turn:
                self._queue.remove(ticket)
                self._turn.notify_all()

    def _wait(self, deadline: float) -> bool:
        with self._lock:
            # A place that is free now is given even if the deadline is over.
            place = self._place(max(self._at(deadline), self._now()))
        if place is None:
            return False
        if (ahead := place - self._now()) > 0:
            self._sleep(ahead / 1e3)
        return True

    def _place(self, latest: int) -> int | None:
        """Return when the next request is to be sent, None if that is not in time."""
        earliest = self._now()
        self._sent = self._sent.up_to_date(earliest, earliest + AHEAD_MS)
        if self._promised:
            if not self._promised.current():
                self._promised.promise(1, latest)
            if not (places := self._promised.current()):
                return None
            earliest = max(places[0], self._now())
        # A thread may come late to its place, and must not come too close to the one after it.
        if (at := self._sent.next(earliest).at) > latest:
            return None
        if self._promised:
            self._promised.use()
        self._sent.take(at)
        return at

    def _now(self) -> int:
        """Return milliseconds, rounded up: since 1970 where places are promised."""
        return self._promised.now() if self._promised else ceil(self._monotonic() * 1e3)

    def _at(self, second: float) -> int:
        """Return a `monotonic` second in these milliseconds."""
        return self._now() + round((second - self._monotonic()) * 1e3)
