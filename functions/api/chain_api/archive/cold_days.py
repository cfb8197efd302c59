"""Which days of a symbol are read from the archive: sealed ones that MongoDB has let go.

A day is read from one place as a whole. MongoDB has the days that are younger than its retention,
if its oldest header is not younger still. The day on which the retention falls is partly deleted,
and so is read from the archive. A day that is not sealed is read from MongoDB, as far as it has
it. A day that was sealed and that neither place has any more is an error, never left out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from pymongo.database import Database

from chain_api.archive.kept_days import KeptDays
from chain_api.archive.missing_days import MissingDays
from chain_api.archive.pinned_days import pinned
from chain_api.archive.storage_used import note
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.layout import manifest_key
from optionchain.archive.manifest import Manifest
from optionchain.errors import ArchiveDamaged
from optionchain.exchange_time import IST, exchange_date
from optionchain.mongo.client import Document

_DAY = timedelta(days=1)
# What is looked for is mostly found on the first day. Else ever more manifests are read together.
_FIRST_READ, _MORE = 2, 4


class ColdDays:
    """The cold days of an archive. Raises ArchiveUnavailable, ArchiveDamaged, StoreUnavailable."""

    def __init__(
        self,
        reader: ArchiveReader,
        database: Database[Document],
        retention_days: int,
        now: Callable[[], datetime],
    ) -> None:
        self.reader = reader
        self.kept = KeptDays(database, self.first_whole_day)
        self.missing = MissingDays(database, reader.catalogue, self.kept)
        self.retention = timedelta(days=retention_days)
        self._now = now

    def first_whole_day(self) -> date:
        """Return the first day in India of which the retention of now has deleted nothing."""
        return exchange_date(self._now() - self.retention) + _DAY

    def today(self) -> date:
        """Return the day in India."""
        return exchange_date(self._now())

    def boundary(self) -> datetime:
        """Return the midnight in India at which that day begins."""
        return start_of(self.first_whole_day())

    def whole_since(self, symbol: str) -> datetime:
        """Return the midnight in India from which on MongoDB has all of a symbol."""
        return start_of(self.kept.whole_from(symbol))

    def of(self, symbol: str, instant: datetime) -> Manifest | None:
        """Return the manifest of the day of an instant if that day is cold, else None."""
        return self.of_day(symbol, exchange_date(instant))

    def of_day(self, symbol: str, day: date) -> Manifest | None:
        """Return the manifest of a day in India if that day is cold, else None."""
        is_cold = day < self.first_whole_day() or day < self.kept.whole_from(symbol)
        return self.sealed(symbol, day) if is_cold else None

    def sealed(self, symbol: str, day: date) -> Manifest | None:
        """Return the manifest of a day, None if it is not sealed."""
        found = self.reader.catalogue.manifest(symbol, day)
        if found:
            note("archive")
            return pinned(found)
        if day in self.missing.of(symbol):
            raise _missing(symbol, day)
        return None

    def days(self, symbol: str, first: date = date.min, last: date = date.max) -> list[date]:
        """Return the sealed days in first ≤ day ≤ last, in order, cold or not.

        The missing ones are among them: to read their manifests raises ArchiveDamaged.
        """
        days = sorted({*self.reader.catalogue.days(symbol), *self.missing.of(symbol)})
        return days[bisect_left(days, first) : bisect_right(days, last)]

    def manifests(self, symbol: str, days: Sequence[date]) -> list[Manifest]:
        """Return the manifests of sealed days that are in order; raise if one is missing."""
        found = list(self._backwards(symbol, days))
        return found[::-1]

    def within(self, symbol: str, start: datetime, end: datetime) -> list[Manifest]:
        """Return the manifests of the cold days from the day of `start` to that of `end`."""
        if start >= self.whole_since(symbol):
            return []
        last = min(exchange_date(end), self.kept.whole_from(symbol) - _DAY)
        found = self.manifests(symbol, self.days(symbol, exchange_date(start), last))
        if found:
            note("archive")
        return found

    def newest_first(
        self, symbol: str, until: date = date.max, since: date = date.min
    ) -> Iterator[Manifest]:
        """Yield the sealed days in since ≤ day ≤ until, backwards, cold or not.

        Raises ArchiveDamaged at a day that is missing.
        """
        days = self.days(symbol, since, until)
        together = _FIRST_READ
        while days:
            part = days[-together:]
            days = days[: -len(part)]
            yield from self._backwards(symbol, part)
            together *= _MORE

    def _backwards(self, symbol: str, days: Sequence[date]) -> Iterator[Manifest]:
        if not days:
            return
        found = {each.day: each for each in self.reader.sealed(symbol, days[0], days[-1])}
        for day in reversed(days):
            if day not in found:
                raise _missing(symbol, day)
            yield pinned(found[day])


def _missing(symbol: str, day: date) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"{symbol} {day} was sealed, and the archive does not show it: {manifest_key(symbol, day)} "
        "is missing. Either ARCHIVE_URL names another archive, or the manifest was deleted"
    )


def start_of(day: date) -> datetime:
    """Return the midnight in India at which a day begins."""
    return datetime.combine(day, time.min, IST)
