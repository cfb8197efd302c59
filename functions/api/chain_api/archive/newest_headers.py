"""The newest headers by a moment, of the database and of the archive.

The database is asked first. What it has of days that are whole in it stands; the archive is read
where the newest header may be of a day that the database has let go.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pymongo.database import Database

from chain_api.archive.archived_headers import ArchivedHeaders
from chain_api.archive.cold_days import ColdDays, start_of
from chain_api.archive.conditions import satisfies
from chain_api.archive.storage_used import note
from optionchain.exchange_time import exchange_date, midnight_utc
from optionchain.mongo.client import Document
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_reader import SnapshotReader

type Found = Mapping[date, HeaderDocument | None]

# Longer than any break of the market. So long after its first whole day, the database has a header
# of every expiry that is recorded.
_LONGEST_BREAK = timedelta(days=7)
_MILLISECOND = timedelta(milliseconds=1)


class NewestHeaders(SnapshotReader):
    """Finds the newest headers like HeaderReader; those of cold days in the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database, naive=True)
        self._cold = cold
        self._archived = ArchivedHeaders(cold)

    def latest_header(
        self, symbol: str, expiry: date | None = None, as_of: datetime | None = None
    ) -> HeaderDocument | None:
        """Return the newest header of a symbol or of one expiry, at or before `as_of` if given."""
        found = super().latest_header(symbol, expiry, as_of)
        if self._stands(found):
            return found
        if expiry is not None:
            return self._newest(symbol, [expiry], as_of, {expiry: found}).get(expiry)
        archived = self._archived.newest(symbol, as_of, _day_of(found))
        return self._newer(symbol, None, archived, found)

    def newest_headers(self, symbol: str, expiries: Sequence[date]) -> dict[date, HeaderDocument]:
        """Return the newest header of each of these expiries, if it has one.

        If any is of a day that is whole in the database, the symbol is recorded, and the database
        alone answers.
        """
        found = super().newest_headers(symbol, expiries)
        if any(map(self._stands, found.values())):
            return found
        return self._newest(symbol, expiries, None, found)

    def newest_of_symbols(
        self, expiries: Mapping[str, Sequence[date]], columns: Sequence[str] | None = None
    ) -> dict[str, dict[date, HeaderDocument]]:
        """Do the same for several symbols; those that are not in the database one after another."""
        fields = None if columns is None else (*columns, "fetched_at")
        found = super().newest_of_symbols(expiries, fields)
        for symbol, days in expiries.items():
            stored = found.get(symbol, {})
            if not any(map(self._stands, stored.values())):
                found[symbol] = self._newest(symbol, days, None, stored)
        return {symbol: headers for symbol, headers in found.items() if headers}

    def newest_of(
        self, symbol: str, expiries: Sequence[date], as_of: datetime | None = None
    ) -> list[HeaderDocument]:
        """Return the newest header of each of these expiries that has one, by expiry date."""
        if as_of is None:
            return super().newest_of(symbol, expiries)
        stored = super().latest_header
        known = {expiry: stored(symbol, expiry, as_of) for expiry in expiries}
        found = {expiry: header for expiry, header in known.items() if header}
        if self._is_near_edge(symbol, as_of) or not any(map(self._stands, found.values())):
            found = self._newest(symbol, expiries, as_of, known)
        return [found[expiry] for expiry in sorted(found)]

    def _first(
        self, symbol: str, expiries: dict[str, Any], as_of: datetime | None
    ) -> HeaderDocument | None:
        found = super()._first(symbol, expiries, as_of)
        known: Collection[date] = ()
        if found is None and self._is_recorded(symbol, as_of, ()):
            return None
        if not self._stands(found):
            known = {*super().expiries(symbol, date.min)}
            known |= self._archived.current_expiries(symbol, as_of)
        elif self._is_near_edge(symbol, as_of):
            known = super().expiries(symbol, date.min)
        for expiry in sorted(known):
            is_wanted = satisfies({"expiry": midnight_utc(expiry)}, {"expiry": expiries})
            if found and self._stands(found) and expiry >= found["expiry"].date():
                break
            if is_wanted and (header := self.latest_header(symbol, expiry, as_of)):
                return header
        return found

    def _newest_since(
        self, symbol: str, since: date, as_of: datetime | None
    ) -> list[HeaderDocument]:
        found = self.newest_of(symbol, super().expiries(symbol, since), as_of)
        if self._is_recorded(symbol, as_of, found):
            return found
        known = {*super().expiries(symbol, since)}
        current = self._archived.current_expiries(symbol, as_of)
        known |= {expiry for expiry in current if expiry >= since}
        return self.newest_of(symbol, sorted(known), as_of)

    def _newest(
        self, symbol: str, expiries: Sequence[date], until: datetime | None, known: Found
    ) -> dict[date, HeaderDocument]:
        """Return the newest header of each expiry, of the archive and of those that are known."""
        left = [expiry for expiry in expiries if not self._stands(known.get(expiry))]
        since = min((_day_of(known.get(expiry)) for expiry in left), default=date.max)
        archived = self._archived.newest_of(symbol, left, until, since)
        newest = {
            each: self._newer(symbol, each, archived.get(each), known.get(each))
            for each in expiries
        }
        return {expiry: header for expiry, header in newest.items() if header}

    def _newer(
        self,
        symbol: str,
        expiry: date | None,
        archived: HeaderDocument | None,
        stored: HeaderDocument | None,
    ) -> HeaderDocument | None:
        """Return the newer one. A cold day is that of the archive, whatever the database has."""
        if stored is None or (archived and archived["fetched_at"] >= stored["fetched_at"]):
            return archived
        if self._cold.of(symbol, stored["fetched_at"]) is None:
            note("database")
            return stored
        before = start_of(_day_of(stored)) - _MILLISECOND
        if archived and archived["fetched_at"] > before:
            return archived
        return self.latest_header(symbol, expiry, before)

    def _is_recorded(
        self, symbol: str, as_of: datetime | None, found: Iterable[HeaderDocument]
    ) -> bool:
        """Tell whether the database alone knows what was recorded of a symbol at a moment.

        `found` are headers by that moment which it has.
        """
        if self._is_near_edge(symbol, as_of):
            return False
        if any(map(self._stands, found)):
            return True
        return self._stands(super().latest_header(symbol, None, as_of))

    def _stands(self, header: HeaderDocument | None) -> bool:
        """Tell whether a header of the database is of a day that is whole there."""
        if header is None or header["fetched_at"] < self._cold.boundary():
            return False
        note("database")
        return True

    def _is_near_edge(self, symbol: str, as_of: datetime | None) -> bool:
        """Tell whether the newest header of a recorded expiry may be older than the database."""
        if as_of is None:
            return False
        return exchange_date(as_of) - _LONGEST_BREAK < self._cold.kept.whole_from(symbol)


def _day_of(header: HeaderDocument | None) -> date:
    return exchange_date(header["fetched_at"]) if header else date.min
