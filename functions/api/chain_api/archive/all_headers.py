"""Headers of all days, of the database and of the archive."""

from datetime import date, datetime

from chain_api.archive.newest_headers import NewestHeaders
from optionchain.mongo.documents import BHAVCOPY, HeaderDocument


class AllHeaders(NewestHeaders):
    """Reads headers like HeaderReader; those of cold days from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def settled_header(self, symbol: str, expiry: date, day: date) -> HeaderDocument | None:
        """Return the header of the final chain of a day in India, None if it is not known."""
        if sealed := self._cold.of_day(symbol, day):
            return self._archived.settled(sealed, expiry)
        return super().settled_header(symbol, expiry, day)

    def is_backfilled(self, symbol: str, day: date) -> bool:
        """Tell whether chains of a day in India come from the exchange's daily file."""
        if sealed := self._cold.of_day(symbol, day):
            return BHAVCOPY in sealed.sources
        return super().is_backfilled(symbol, day)

    def first_header(self, symbol: str, expiry: date | None = None) -> HeaderDocument | None:
        """Return the oldest header of a symbol or of one expiry."""
        known = super().first_header(symbol, expiry), self._archived.first(symbol, expiry)
        found = [header for header in known if header]
        return min(found, key=lambda header: header["fetched_at"], default=None)

    def expiries(self, symbol: str, since: date) -> list[date]:
        """Return the recorded expiry dates of a symbol since a date, in order."""
        known = super().expiries(symbol, since)
        return sorted({*known, *self._archived.expiries(symbol, since)})

    def expiries_by(self, symbol: str, as_of: datetime) -> list[date]:
        """Return the expiry dates of a symbol that were recorded by a moment, in order."""
        stored = super().latest_header
        known = {day for day in super().expiries(symbol, date.min) if stored(symbol, day, as_of)}
        return sorted(known | self._archived.expiries_by(symbol, as_of))

    def recorded_symbols(self) -> list[str]:
        """Return every symbol with a snapshot in the database or in the archive, in order."""
        return sorted({*self.symbols(), *self._cold.reader.catalogue.symbols()})
