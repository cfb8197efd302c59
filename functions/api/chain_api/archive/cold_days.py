"""Which days of a symbol are read from the archive: sealed ones that MongoDB has let go.

A day is read from one place as a whole. MongoDB has the days that are younger than its retention;
the day on which the retention falls is partly deleted, and so is read from the archive. A day that
is not sealed is read from MongoDB, as far as it has it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from chain_api.archive.storage_used import note
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.manifest import Manifest
from optionchain.exchange_time import IST, exchange_date

_DAY = timedelta(days=1)
# What is looked for is mostly found on the first day. Else ever more manifests are read together.
_FIRST_READ, _MORE = 2, 4


class ColdDays:
    """The cold days of an archive. Raises ArchiveUnavailable."""

    def __init__(
        self, reader: ArchiveReader, retention_days: int, now: Callable[[], datetime]
    ) -> None:
        self.reader = reader
        self.retention = timedelta(days=retention_days)
        self._now = now

    def first_whole_day(self) -> date:
        """Return the first day in India of which MongoDB has deleted nothing."""
        return exchange_date(self._now() - self.retention) + _DAY

    def boundary(self) -> datetime:
        """Return the midnight in India at which that day begins."""
        return start_of(self.first_whole_day())

    def of(self, symbol: str, instant: datetime) -> Manifest | None:
        """Return the manifest of the day of an instant if that day is cold, else None."""
        return self.of_day(symbol, exchange_date(instant))

    def of_day(self, symbol: str, day: date) -> Manifest | None:
        """Return the manifest of a day in India if that day is cold, else None."""
        return self.sealed(symbol, day) if day < self.first_whole_day() else None

    def sealed(self, symbol: str, day: date) -> Manifest | None:
        """Return the manifest of a day, None if it is not sealed."""
        found = self.reader.catalogue.manifest(symbol, day)
        if found:
            note("archive")
        return found

    def within(self, symbol: str, start: datetime, end: datetime) -> list[Manifest]:
        """Return the manifests of the cold days from the day of `start` to that of `end`."""
        if start >= self.boundary():
            return []
        last = min(exchange_date(end), self.first_whole_day() - _DAY)
        found = self.reader.sealed(symbol, exchange_date(start), last)
        if found:
            note("archive")
        return found

    def newest_first(
        self, symbol: str, until: date = date.max, since: date = date.min
    ) -> Iterator[Manifest]:
        """Yield the sealed days in since ≤ day ≤ until, backwards, cold or not."""
        days = self.reader.catalogue.days(symbol)
        days = days[bisect_left(days, since) : bisect_right(days, until)]
        together = _FIRST_READ
        while days:
            part = days[-together:]
            days = days[: -len(part)]
            yield from reversed(self.reader.sealed(symbol, part[0], part[-1]))
            together *= _MORE


def start_of(day: date) -> datetime:
    """Return the midnight in India at which a day begins."""
    return datetime.combine(day, time.min, IST)
