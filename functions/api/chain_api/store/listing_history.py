"""What the exchange listed at moments of the past, kept in memory: the past does not change."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from optionchain.mongo.listing_register import Listing, ListingRegister

# Nothing is added to what was listed so long ago: a recorder that could not reach the database
# writes what it has read as soon as it can.
_COMPLETE_AFTER = timedelta(hours=1)


class _Past(NamedTuple):
    """The listings of a symbol by `since`, complete for moments before `until`."""

    listings: Sequence[Listing]
    until: datetime


class ListingHistory:
    """The listings by symbol and moment. Safe for several threads.

    Raises StoreUnavailable if they must be read and MongoDB does not answer.
    """

    def __init__(self, register: ListingRegister, now: Callable[[], datetime]) -> None:
        self._register = register
        self._now = now
        self._past: dict[str, _Past] = {}

    def at(self, symbol: str, moment: datetime | None) -> Listing | None:
        """Return what was listed at a moment, or is listed now (None), if that is known."""
        complete = self._now() - _COMPLETE_AFTER
        if moment is None or moment > complete:
            return self._register.at(symbol, moment)
        past = self._past.get(symbol)
        if past is None or moment > past.until:
            past = self._past[symbol] = _Past(self._register.history(symbol), complete)
        place = bisect_right(past.listings, moment, key=attrgetter("since"))
        return past.listings[place - 1] if place else None
