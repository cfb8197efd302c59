"""Places for requests that the database promises to one execution environment at a time.

A place is an instant, in milliseconds since 1970, in a timetable that all recorders share.
"""

from chain_fetch.http.shared_timetable import Change, FreePlace, SharedTimetable, instant
from chain_fetch.http.timetable import NextPlace, Timetable
from optionchain.exchange_time import ist_clock

# A place that is not used by then counts as unused. To all others it is used at its instant.
_USED_WITHIN_MS = 500
# No place is promised further ahead. What lies beyond was written by a clock that is ahead.
AHEAD_MS = 90_000


class PromisedPlaces:
    """The places of this environment, earliest first."""

    def __init__(self, shared: SharedTimetable) -> None:
        self._shared = shared
        self._places: list[int] = []
        self._unsent: list[int] = []

    def now(self) -> int:
        """Return the time, rounded up."""
        return self._shared.now()

    @property
    def places(self) -> list[int]:
        """The places that are promised, earliest first, also those that have passed since.

        To have them written may take longer than they last. Who uses one late moves it.
        """
        return self._places

    def current(self) -> list[int]:
        """Return the places that may still be used, earliest first; forget the others."""
        self._drop_before(self.now() - _USED_WITHIN_MS)
        return self._places

    def _drop_before(self, since: int) -> None:
        self._shared.give_back(*(each for each in self._places if each < since))
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
            self._shared.give_back(place)
            self._shared.count_sent(at)

    def move(self, place: int, start: int, latest: int) -> int | None:
        """Return a place from `start` on instead of one that was missed; None if none is in time.

        The own requests that are not sent yet do not count: they wait for this one.
        """
        self._forget_unsent(place)
        self._shared.give_back(place)
        change = self._shared.change(lambda known, free: self._moved(known, free, start, latest))
        if change is None or not change.added:
            return None
        self._unsent += change.added
        return change.added[0]

    def promise(self, requests: int, latest: int) -> str | None:
        """Add so many places, none later than `latest`; return why there are fewer, else None."""
        self._drop_before(self.now())
        if (wanted := requests - len(self._places)) <= 0:
            return None
        change = self._shared.change(lambda known, free: self._added(known, free, wanted, latest))
        if change is None:
            return "too many recorders ask for places at this moment"
        self._places = sorted(self._places + change.added)
        return None if change.too_late is None else _text(change.too_late)

    def _forget_unsent(self, place: int) -> None:
        if place in self._unsent:
            self._unsent.remove(place)

    def _added(self, timetable: Timetable, free: FreePlace, wanted: int, latest: int) -> Change:
        now = self.now()
        timetable = timetable.up_to_date(now, now + AHEAD_MS)
        added: list[int] = []
        for _ in range(wanted):
            place = free(timetable, now)
            if place.at > latest:
                return Change(timetable, added, place)
            timetable.take(place.at)
            added.append(place.at)
        return Change(timetable, added, None)

    def _moved(self, timetable: Timetable, free: FreePlace, start: int, latest: int) -> Change:
        now = self.now()
        timetable = timetable.up_to_date(now, now + AHEAD_MS)
        others = timetable.without([*self._unsent, *self._places])
        if (place := free(others, max(start, now))).at > latest:
            return Change(timetable, [], place)
        timetable.take(place.at)
        return Change(timetable, [place.at], None)


def _text(place: NextPlace) -> str:
    opens = ist_clock(instant(place.at))
    if place.full is None:
        return f"there is no time for a request before {opens}"
    requests, seconds = place.full
    length = f"{seconds / 60:g} min" if seconds > 60 else f"{seconds:g} s"  # noqa: PLR2004
    used = "1 request" if requests == 1 else f"{requests} requests"
    return f"the budget of {used} in {length} is used up until {opens}"
