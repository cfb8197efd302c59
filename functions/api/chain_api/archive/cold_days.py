"""Which days of a symbol are read from the archive: sealed ones that MongoDB has let go.

A day is read from one place as a whole. MongoDB has the days that are younger than its retention;
the day on which the retention falls is partly deleted, and so is read from the archive. A day that
is not sealed is read from MongoDB, as far as it has it.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from chain_api.archive.storage_used import note
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.manifest import Manifest
from optionchain.exchange_time import IST, exchange_date


class ColdDays:
    """The cold days of an archive. Raises ArchiveUnavailable."""

    def __init__(
        self, reader: ArchiveReader, retention_days: int, now: Callable[[], datetime]
    ) -> None:
        self.reader = reader
        self._retention = timedelta(days=retention_days)
        self._now = now

    def first_whole_day(self) -> date:
        """Return the first day in India of which MongoDB has deleted nothing."""
        return exchange_date(self._now() - self._retention) + timedelta(days=1)

    def boundary(self) -> datetime:
        """Return the midnight in India at which that day begins."""
        return datetime.combine(self.first_whole_day(), time.min, IST)

    def of(self, symbol: str, instant: datetime) -> Manifest | None:
        """Return the manifest of the day of an instant if that day is cold, else None."""
        if instant >= self.boundary():
            return None
        found = self.reader.catalogue.manifest(symbol, exchange_date(instant))
        if found:
            note("archive")
        return found

    def within(self, symbol: str, start: datetime, end: datetime) -> list[Manifest]:
        """Return the manifests of the cold days from the day of `start` to that of `end`."""
        if start >= self.boundary():
            return []
        last = min(exchange_date(end), self.first_whole_day() - timedelta(days=1))
        found = self.reader.sealed(symbol, exchange_date(start), last)
        if found:
            note("archive")
        return found
