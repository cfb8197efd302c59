"""The days of a symbol of which there are snapshots, in the database or in the archive."""

from datetime import date, timedelta

from pymongo.database import Database

from chain_api.archive.cold_days import ColdDays
from chain_api.archive.storage_used import note
from chain_api.store.recorded_days import RecordedDay, RecordedDayReader
from optionchain.archive.manifest import Manifest
from optionchain.mongo.client import Document

_DAY = timedelta(days=1)


class AllRecordedDays(RecordedDayReader):
    """Reads days like RecordedDayReader; cold ones by their manifests.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database)
        self._cold = cold

    def within(self, symbol: str, first: date, last: date) -> dict[date, RecordedDay]:
        """Return the days in first ≤ day ≤ last, in order."""
        found = super().within(symbol, first, last)
        if found:
            note("database")
        whole_from = self._whole_from(symbol)
        if first >= whole_from:
            return found
        days = self._cold.days(symbol, first, min(last, whole_from - _DAY))
        if days:
            note("archive")
        # A cold day is read from the archive, whatever part of it the database still has.
        found |= {each.day: _archived(each) for each in self._cold.manifests(symbol, days)}
        return dict(sorted(found.items()))

    def before(self, symbol: str, day: date) -> date | None:
        """Return the last day before a day."""
        found = super().before(symbol, day)
        if found and found >= self._whole_from(symbol):
            return found
        archived = [each for each in self._cold.days(symbol, last=day) if each < day][-1:]
        return max((each for each in (found, *archived) if each), default=None)

    def after(self, symbol: str, day: date) -> date | None:
        """Return the first day after a day."""
        found = super().after(symbol, day)
        if day >= self._whole_from(symbol):
            return found
        archived = [each for each in self._cold.days(symbol, first=day) if each > day][:1]
        return min((each for each in (found, *archived) if each), default=None)

    def _whole_from(self, symbol: str) -> date:
        return self._cold.kept.whole_from(symbol)


def _archived(manifest: Manifest) -> RecordedDay:
    (source, *others) = manifest.sources
    return RecordedDay(
        manifest.day,
        manifest.files["headers"].rows,
        None,
        None,
        None,
        None if others else source,
        archived=True,
    )
