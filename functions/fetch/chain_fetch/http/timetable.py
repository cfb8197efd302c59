"""When the next requests may be sent, given those that were. Pure.

Instants are whole milliseconds since 1970, so that sums are exact. All windows hold at once: in any
stretch of a window's length, its end not included, there are at most its requests.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from chain_fetch.http.window import Window

# The times of the last half a minute are kept exactly, older ones are joined. A time is moved to a
# later one by 1/32 of its age at most, so a window counts it for 3 % longer and never too short.
_EXACT_MS = 32_000
_JOINED_OF_AGE = 32
# By so much clocks may differ. A clock that is ahead must not forget what others still count.
_CLOCKS_DIFFER_MS = 2_000


class Taken(NamedTuple):
    """So many requests at an instant (milliseconds since 1970), sent or promised to somebody."""

    at: int
    requests: int


class NextPlace(NamedTuple):
    """The first instant at which a request may be sent; `full` is the window that it waits for."""

    at: int
    full: Window | None


class Timetable:
    """The requests of a source within its windows: those that are taken, and free instants."""

    def __init__(self, windows: Sequence[Window], taken: Iterable[Taken] = ()) -> None:
        self._windows = [(each, round(each.seconds * 1e3)) for each in windows]
        counts: dict[int, int] = {}
        for at, requests in taken:
            counts[at] = counts.get(at, 0) + requests
        self._times = sorted(counts)
        self._counts = counts

    @property
    def taken(self) -> list[Taken]:
        """Return what is taken, oldest first."""
        return [Taken(at, self._counts[at]) for at in self._times]

    def next(self, start: int) -> NextPlace:
        """Return the first free instant from `start` on; nothing is taken by that."""
        sums = list(accumulate((self._counts[at] for at in self._times), initial=0))
        place = NextPlace(start, None)
        while later := self._blocked(place.at, sums):
            place = later
        return place

    def take(self, at: int) -> None:
        """Count a request at an instant."""
        if at not in self._counts:
            insort(self._times, at)
        self._counts[at] = self._counts.get(at, 0) + 1

    def give_back(self, at: int) -> None:
        """Count a request less at an instant; without one there, nothing changes."""
        if (requests := self._counts.get(at, 0)) > 1:
            self._counts[at] = requests - 1
        elif requests:
            del self._counts[at]
            self._times.remove(at)

    def without(self, instants: Iterable[int]) -> "Timetable":
        """Return the timetable without one request at each of these instants."""
        others = Timetable([window for window, _ in self._windows], self.taken)
        for each in instants:
            others.give_back(each)
        return others

    def up_to_date(self, now: int, latest: int) -> "Timetable":
        """Return the timetable without what no window counts any more, and with old times joined.

        What lies after `latest` is of a clock that is ahead, and counts as taken at `latest`.
        """
        oldest = now - max(length for _, length in self._windows) - _CLOCKS_DIFFER_MS
        kept = (Taken(min(_joined(each.at, now), latest), each.requests) for each in self.taken)
        windows = [window for window, _ in self._windows]
        return Timetable(windows, [each for each in kept if each.at > oldest])

    def _blocked(self, at: int, sums: Sequence[int]) -> NextPlace | None:
        """Return a later instant if a window is full at this one, else None."""
        for window, length in self._windows:
            first, last = bisect_right(self._times, at - length), bisect_right(self._times, at)
            # Any stretch that is full begins at one of these, or at the instant itself.
            for begins in reversed(self._times[first:last]):
                if self._within(begins, length, sums) >= window.requests:
                    return NextPlace(begins + length, window)
            if self._within(at, length, sums) >= window.requests:
                return NextPlace(self._times[bisect_left(self._times, at)], window)
        return None

    def _within(self, begins: int, length: int, sums: Sequence[int]) -> int:
        ends = bisect_left(self._times, begins + length)
        return sums[ends] - sums[bisect_left(self._times, begins)]


def _joined(at: int, now: int) -> int:
    """Return an instant rounded up to whole seconds, the coarser the longer ago it is."""
    if now - at < _EXACT_MS:
        return at
    step = 1_000
    while 2 * step * _JOINED_OF_AGE <= now - at:
        step *= 2
    return -(-at // step) * step
