"""Places for requests that the database promises to one execution environment at a time.

A place is an instant, in milliseconds since 1970. It is written before its request is sent, so
nothing that was sent is ever uncounted, whatever crashes. What is not used is given back with the
next write.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from chain_fetch.http.timetable import NextPlace, Taken, Timetable
from chain_fetch.http.window import Window
from optionchain.errors import StoreUnavailable
from optionchain.mongo.request_counts import Counted, RequestCount

# A place that is not used by then counts as unused. To all others it is used at its instant.
_USED_WITHIN_MS = 500
# No place is promised further ahead. What lies beyond was written by a clock that is ahead.
AHEAD_MS = 90_000
# Each attempt that fails means that another recorder of the account has got its places.
_ATTEMPTS = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class CountStore(Protocol):
    """Where requests are counted for all environments: RequestCounts, or a fake in tests."""

    def read(self, source: str, /) -> RequestCount:
        """Return the requests of a source; raise StoreUnavailable."""

    def write(
        self, source: str, counted: Sequence[Counted], replaces: RequestCount, now: datetime, /
    ) -> bool:
        """Store them; return False if others wrote since; raise StoreUnavailable."""


class _Change(NamedTuple):
    """A timetable with the places that were added to it, and the one that was too late."""

    timetable: Timetable
    added: list[int]
    too_late: NextPlace | None


class PromisedPlaces:
    """The places of this environment. While the database is away, what it knows itself counts."""

    def __init__(
        self,
        source: str,
        windows: Sequence[Window],
        store: CountStore,
        now: Callable[[], datetime],
    ) -> None:
        self._source = source
        self._store = store
        self._clock = now
        self._places: list[int] = []
        self._unsent: list[int] = []
        self._unused: list[int] = []
        self._unwritten: list[int] = []
        self._known = Timetable(windows)
        self._windows = tuple(windows)

    def now(self) -> int:
        """Return the time, rounded up."""
        return -((_EPOCH - self._clock()) // _MILLISECOND)

    def current(self) -> list[int]:
        """Return the places that may still be used, earliest first."""
        self._drop_before(self.now() - _USED_WITHIN_MS)
        return self._places

    def _drop_before(self, since: int) -> None:
        self._unused += [each for each in self._places if each < since]
        self._places = [each for each in self._places if each >= since]

    def use(self) -> int:
        """Use the earliest of the current places, and return it; it is still to be sent."""
        place = self._places.pop(0)
        self._unsent = [each for each in self._unsent if each > place - AHEAD_MS] + [place]
        return place

    def count_sent(self, place: int, at: int) -> None:
        """Count the request of a place at another instant: the next write tells the others."""
        self._forget_unsent(place)
        if at > place:
            self._known.take(at)
            self._unused.append(place)
            self._unwritten.append(at)

    def move(self, place: int, start: int, latest: int) -> int | None:
        """Return a place from `start` on instead of one that was missed; None if none is in time.

        The own requests that are not sent yet do not count: they wait for this one.
        """
        self._forget_unsent(place)
        self._unused.append(place)
        change = self._counted(lambda timetable: self._moved(timetable, start, latest))
        if change is None or not change.added:
            return None
        self._known = change.timetable
        self._unsent += change.added
        return change.added[0]

    def promise(self, requests: int, latest: int) -> str | None:
        """Add so many places, none later than `latest`; return why there are fewer, else None."""
        self._drop_before(self.now())
        if (wanted := requests - len(self._places)) <= 0:
            return None
        change = self._counted(lambda timetable: self._change(timetable, wanted, latest))
        if change is None:
            return "too many recorders ask for places at this moment"
        return self._adopt(change)

    def _forget_unsent(self, place: int) -> None:
        if place in self._unsent:
            self._unsent.remove(place)

    def _counted(self, changed: Callable[[Timetable], _Change]) -> _Change | None:
        """Write a change of what is stored, and return it; None if others always come first."""
        for _ in range(_ATTEMPTS):
            try:
                stored = self._store.read(self._source)
            except StoreUnavailable:
                return self._counted_unwritten(changed)
            change = changed(self._merged(stored))
            try:
                if self._is_written(change, stored):
                    self._unused, self._unwritten = [], []
                    return change
            except StoreUnavailable:
                self._unwritten += change.added
                return change
        return None

    def _counted_unwritten(self, changed: Callable[[Timetable], _Change]) -> _Change:
        for place in self._unused:
            self._known.give_back(place)
            if place in self._unwritten:
                self._unwritten.remove(place)
        self._unused = []
        change = changed(self._known)
        self._unwritten += change.added
        return change

    def _merged(self, stored: RequestCount) -> Timetable:
        """Return what is stored, with what the database lacks and without what was not used."""
        taken = [Taken(_milliseconds(each.at), each.requests) for each in stored.counted]
        taken += [Taken(place, 1) for place in self._unwritten]
        merged = Timetable(self._windows, taken)
        for place in self._unused:
            merged.give_back(place)
        return merged

    def _change(self, timetable: Timetable, wanted: int, latest: int) -> _Change:
        now = self.now()
        timetable = timetable.up_to_date(now, now + AHEAD_MS)
        added: list[int] = []
        for _ in range(wanted):
            place = timetable.next(now)
            if place.at > latest:
                return _Change(timetable, added, place)
            timetable.take(place.at)
            added.append(place.at)
        return _Change(timetable, added, None)

    def _moved(self, timetable: Timetable, start: int, latest: int) -> _Change:
        now = self.now()
        timetable = timetable.up_to_date(now, now + AHEAD_MS)
        others = Timetable(self._windows, timetable.taken)
        for each in self._unsent + self._places:
            others.give_back(each)
        if (place := others.next(max(start, now))).at > latest:
            return _Change(timetable, [], place)
        timetable.take(place.at)
        return _Change(timetable, [place.at], None)

    def _is_written(self, change: _Change, stored: RequestCount) -> bool:
        if not (change.added or self._unused or self._unwritten):
            return True
        counted = [
            Counted(_EPOCH + each.at * _MILLISECOND, each.requests)
            for each in change.timetable.taken
        ]
        return self._store.write(self._source, counted, stored, self._clock())

    def _adopt(self, change: _Change) -> str | None:
        self._known = change.timetable
        self._places = sorted(self._places + change.added)
        return None if change.too_late is None else _text(change.too_late)


def _milliseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MILLISECOND


def _text(place: NextPlace) -> str:
    opens = (_EPOCH + place.at * _MILLISECOND).strftime("%H:%M:%S UTC")
    if place.full is None:
        return f"there is no time for a request before {opens}"
    requests, seconds = place.full
    length = f"{seconds / 60:g} min" if seconds > 60 else f"{seconds:g} s"  # noqa: PLR2004
    used = "1 request" if requests == 1 else f"{requests} requests"
    return f"the budget of {used} in {length} is used up until {opens}"
