"""What the exchange listed at moments of all days, of the database and of the archive."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from operator import attrgetter

from chain_api.archive.cold_days import ColdDays
from chain_api.store.listing_history import ListingHistory
from optionchain.archive.document_rows import decoded
from optionchain.archive.manifest import Manifest
from optionchain.exchange_time import exchange_date
from optionchain.mongo.indexes import LISTINGS
from optionchain.mongo.listing_register import Listing, ListingRegister, listing_of


class AllListings(ListingHistory):
    """Reads listings like ListingHistory; those that the database has let go from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(
        self, register: ListingRegister, now: Callable[[], datetime], cold: ColdDays
    ) -> None:
        super().__init__(register, now)
        self._cold = cold

    def at(self, symbol: str, moment: datetime | None) -> Listing | None:
        """Return what was listed at a moment, or is listed now (None), if that is known."""
        found = super().at(symbol, moment)
        if found or moment is None or moment >= self._cold.whole_since(symbol):
            return found
        known = (
            listing
            for day in self._days(symbol, exchange_date(moment))
            for listing in self._listings(day)
            if listing.since <= moment
        )
        return max(known, key=attrgetter("since"), default=None)

    def _days(self, symbol: str, wanted: date) -> Iterator[Manifest]:
        """Yield the sealed day that knows what was listed on a day.

        If that is not sealed itself, they are the days before and after it: the records of a day
        have the listing that held at its beginning.
        """
        before = next(self._cold.newest_first(symbol, wanted), None)
        if before:
            yield before
        if before is None or before.day < wanted:
            later = [day for day in self._cold.days(symbol) if day > wanted]
            if later and (after := self._cold.sealed(symbol, later[0])):
                yield after

    def _listings(self, day: Manifest) -> list[Listing]:
        rows = self._cold.reader.rows(
            [day], "records", "document", "WHERE collection = ?", [LISTINGS]
        )
        return [listing_of(decoded(document)) for (document,) in rows]
