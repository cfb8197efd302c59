"""One timetable of a source's requests for all recorders, in the database.

What is taken is written before it is sent, so nothing that was sent is ever uncounted, whatever
crashes. What is not used is given back with the next write. Instants are milliseconds since 1970.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from chain_fetch.http.timetable import NextPlace, Taken, Timetable
from chain_fetch.http.window import Window
from optionchain.errors import StoreUnavailable
from optionchain.mongo.request_counts import Counted, RequestCount

# Each attempt that fails means that another recorder has got its places: at most eight groups, two
# invocations of each while one relieves the other, and their late requests.
_ATTEMPTS = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class CountStore(Protocol):
    """Where requests are counted for all environments: RequestCounts, or a fake in tests."""

    def read(self, key: str, /) -> RequestCount:
        """Return the requests of a key; raise StoreUnavailable."""

    def write(
        self, key: str, counted: Sequence[Counted], replaces: RequestCount, now: datetime, /
    ) -> bool:
        """Store them; return False if others wrote since; raise StoreUnavailable."""


class Turn(NamedTuple):
    """A recorder among those that share a timetable: `number` 0 is the first of `of`."""

    number: int = 0
    of: int = 1


class Change(NamedTuple):
    """A timetable with the places that were added to it, and the one that was too late."""

    timetable: Timetable
    added: list[int]
    too_late: NextPlace | None


type FreePlace = Callable[[Timetable, int], NextPlace]
"""How the first free place from an instant on is found."""
type MakeChange = Callable[[Timetable, FreePlace], Change]


class SharedTimetable:
    """The requests that are counted by one key: a source, or a source and an address.

    While the database is away, what this recorder knows itself counts. One of several then sends in
    its own turn only: as much as the windows allow, at one instant of so many of the longest. So
    all together send no more than the windows allow.
    """

    def __init__(
        self,
        key: str,
        windows: Sequence[Window],
        store: CountStore,
        now: Callable[[], datetime],
        turn: Callable[[], Turn] = Turn,
    ) -> None:
        self._key, self._windows, self._store = key, tuple(windows), store
        self._clock, self._turn = now, turn
        self._known = Timetable(windows)
        self._unused: list[int] = []
        self._unwritten: list[int] = []
        self._written: RequestCount | None = None
        # The same, while nobody else writes: then it is not read again.
        self._kept: RequestCount | None = None

    def now(self) -> int:
        """Return the time, rounded up."""
        return -((_EPOCH - self._clock()) // _MILLISECOND)

    def count_sent(self, at: int) -> None:
        """Count a request that was sent without a place: the next write tells the others."""
        self._known.take(at)
        self._unwritten.append(at)

    def give_back(self, *places: int) -> None:
        """Count places as unused with the next write."""
        self._unused += places

    def change(self, make: MakeChange) -> Change | None:
        """Write a change of what is stored, and return it; None if others always come first."""
        for _ in range(_ATTEMPTS):
            kept, self._kept = self._kept, None
            try:
                stored = kept or self._store.read(self._key)
            except StoreUnavailable:
                return self._changed_unwritten(make)
            change = make(self._merged(stored), Timetable.next)
            if kept and not change.added:
                continue  # others may have given something back
            try:
                if not self._is_written(change, stored):
                    continue
            except StoreUnavailable:
                self._unwritten += change.added
            else:
                self._unused, self._unwritten = [], []
            self._known = change.timetable
            return change
        return None

    def _changed_unwritten(self, make: MakeChange) -> Change:
        for place in self._unused:
            self._known.give_back(place)
            if place in self._unwritten:
                self._unwritten.remove(place)
        self._unused = []
        change = make(self._known, self._next_in_turn)
        self._unwritten += change.added
        self._known = change.timetable
        return change

    def _next_in_turn(self, timetable: Timetable, start: int) -> NextPlace:
        """Return the first free instant at which the turn of this recorder begins."""
        turn = self._turn()
        longest = round(max(each.seconds for each in self._windows) * 1e3)
        place = timetable.next(start)
        while turn.of > 1 and (wait := (turn.number * longest - place.at) % (turn.of * longest)):
            place = timetable.next(place.at + wait)
        return place

    def _merged(self, stored: RequestCount) -> Timetable:
        """Return what is stored, with what the database lacks and without what was not used."""
        taken = [
            Taken((each.at - _EPOCH) // _MILLISECOND, each.requests) for each in stored.counted
        ]
        taken += [Taken(place, 1) for place in self._unwritten]
        merged = Timetable(self._windows, taken)
        for place in self._unused:
            merged.give_back(place)
        return merged

    def _is_written(self, change: Change, stored: RequestCount) -> bool:
        if not (change.added or self._unused or self._unwritten):
            return True
        counted = tuple(Counted(instant(each.at), each.requests) for each in change.timetable.taken)
        if not self._store.write(self._key, counted, stored, self._clock()):
            return False
        before, self._written = self._written, RequestCount(counted, stored.version + 1)
        if before and before.version == stored.version:
            self._kept = self._written
        return True


def instant(milliseconds: int) -> datetime:
    """Return a time of the timetable, UTC."""
    return _EPOCH + milliseconds * _MILLISECOND
