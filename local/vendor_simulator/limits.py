"""How many requests a simulated vendor answers, in several windows at once."""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from time import monotonic

type Window = tuple[int, float]
"""So many requests in any stretch of so many seconds."""


class Limits:
    """Counts the requests of each key; a request beyond a window is refused and not counted."""

    def __init__(self, windows: Sequence[Window], clock: Callable[[], float] = monotonic) -> None:
        self._windows = windows
        self._clock = clock
        self._lock = Lock()
        self._taken: dict[Hashable, deque[float]] = {}

    def refuse(self, key: Hashable = "") -> bool:
        """Count a request; tell whether it is refused."""
        now = self._clock()
        with self._lock:
            taken = self._taken.setdefault(key, deque())
            longest = max((seconds for _, seconds in self._windows), default=0)
            while taken and now - taken[0] >= longest:
                taken.popleft()
            for requests, seconds in self._windows:
                if sum(now - at < seconds for at in taken) >= requests:
                    return True
            taken.append(now)
            return False
