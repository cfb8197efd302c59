"""How many requests a source gets, and who sends the next one."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from math import ceil
from typing import NamedTuple

from chain_fetch.http.promised_places import AHEAD_MS, PromisedPlaces
from chain_fetch.http.sending import BEFORE_SENDING
from chain_fetch.http.timetable import Timetable
from chain_fetch.http.window import Window
from chain_fetch.refused import Refused

LEAST_SECONDS = 0.5
"""A request of a vendor that is sent later than this before its deadline brings no answer."""

# A request goes out so long after its place. What is done before that makes none late.
_LEAD_MS = 20
# A request that is later than this tells the others before it is sent. A request of another
# environment may be too near to it by that; those of this one never are.
_SLIGHTLY_LATE_MS = 5
_NO_REQUEST = "a request of this tick went out late, and leaves no time for another one"


class Granted(NamedTuple):
    """How many of the places that a tick asked for it has; `why` there are not more."""

    requests: int
    why: str | None = None


class RequestBudget:
    """Places for requests, given in the order in which they are asked for; safe for threads.

    A tick asks for its most important requests first, and they must not lose their places to the
    others. All windows hold at once. Deadlines are `monotonic` seconds. Where requests are counted
    for all, places are `promised` to one execution environment at a time, the last one
    `least_seconds` before a deadline.
    """

    def __init__(
        self,
        windows: Sequence[Window],
        promised: PromisedPlaces | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        least_seconds: float = LEAST_SECONDS,
    ) -> None:
        self._monotonic, self._sleep = monotonic, sleep
        self._least_seconds = least_seconds
        self._promised = promised
        # When this environment was to send its requests, and when it did.
        self._sent, self._on_the_wire = Timetable(windows), Timetable(windows)
        self._lock = threading.Lock()
        self._queue: deque[object] = deque()
        self._turn = threading.Condition()

    def reserve(self, requests: int, deadline: float) -> Granted:
        """Have places promised for a tick, as many as come in time for its deadline."""
        if self._promised is None:
            return Granted(requests)
        with self._lock:
            why = self._promised.promise(requests, self._at(deadline - self._least_seconds))
            granted = min(len(self._promised.places), requests)
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
            at, place = self._place(self._at(deadline))
        if at is None:
            return False
        if (ahead := at - self._now()) > 0:
            self._sleep(ahead / 1e3)
        if self._promised and place is not None:
            BEFORE_SENDING.set(partial(self._wait_to_send, self._promised, place, deadline))
        return True

    def _place(self, latest: int) -> tuple[int | None, int | None]:
        """Return when the next request is to be sent, None if that is not in time; and its place.

        The place is the one that was promised.
        """
        earliest = self._now()
        # A place that is free now is given even if the deadline is over. Now is one reading of the
        # clock: by the next one it has passed.
        latest = max(latest, earliest)
        self._sent = self._sent.up_to_date(earliest, earliest + AHEAD_MS)
        if self._promised:
            if not self._promised.current():
                self._promised.promise(1, latest)
            if not (places := self._promised.places):
                return None, None
            earliest = max(places[0], self._now())
        # A thread may come late to its place, and must not come too close to the one after it.
        if (at := self._sent.next(earliest).at) > latest:
            return None, None
        self._sent.take(at)
        return at, self._promised.use() if self._promised else None

    def _wait_to_send(self, promised: PromisedPlaces, place: int, deadline: float) -> None:
        """Wait until a request that is ready may go out, and count it at that very moment.

        Opening a connection may take half a second. The next request then waits as much longer,
        and so do those of others. Raises Refused if that is not in time.
        """
        # Only `monotonic` time passes evenly.
        offset, latest = self._now() - self._milliseconds(), round(deadline * 1e3)
        is_moved = False
        while True:
            with self._lock:
                now = self._milliseconds()
                self._on_the_wire = self._on_the_wire.up_to_date(now, now)
                at = self._on_the_wire.next(max(now, place - offset + _LEAD_MS)).at
                reached = at + offset - _LEAD_MS
                if reached > place + _SLIGHTLY_LATE_MS and not is_moved:
                    if (moved := promised.move(place, reached, latest + offset)) is None:
                        raise Refused("busy", _NO_REQUEST)
                    place, is_moved = moved, True
                    continue
                if at <= now:
                    self._on_the_wire.take(now)
                    promised.count_sent(place, now + offset - _LEAD_MS)
                    return
            if at > latest:
                raise Refused("busy", _NO_REQUEST)
            self._sleep((at - now) / 1e3)

    def _milliseconds(self) -> int:
        return ceil(self._monotonic() * 1e3)

    def _now(self) -> int:
        """Return milliseconds, rounded up: since 1970 where places are promised."""
        return self._promised.now() if self._promised else self._milliseconds()

    def _at(self, second: float) -> int:
        """Return a `monotonic` second in these milliseconds."""
        return self._now() + round((second - self._monotonic()) * 1e3)
