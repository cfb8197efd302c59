"""The ledger of a day, of the database or of the archive."""

from datetime import datetime, timedelta

from pymongo.database import Database

from chain_api.archive.archived_ticks import ArchivedTicks
from chain_api.archive.cold_days import ColdDays
from optionchain.mongo.client import Document
from optionchain.mongo.tick_ledger import OF_A_DAY, TickLedger

_MILLISECOND = timedelta(milliseconds=1)


class AllDaysOfTicks(TickLedger):
    """Reads the ticks of a day like TickLedger; those of cold days from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database)
        self._cold = cold
        self._archived = ArchivedTicks(cold)

    def between(self, symbol: str, start: datetime, end: datetime) -> list[Document]:
        """Return `{tick, outcome, reason, …}` of a symbol's ticks in start ≤ t < end.

        These are the ends of a day in India.
        """
        day = self._cold.of(symbol, start)
        if day is None:
            return super().between(symbol, start, end)
        found = self._archived.backwards(day, start, end - _MILLISECOND)
        return [{name: row[name] for name in OF_A_DAY if name in row} for row in found]

    def first_tick(self, symbol: str, asked: datetime | None = None) -> datetime | None:
        """Return the oldest tick of a symbol; of the first sealed day if it is about a cold one."""
        found = super().first_tick(symbol)
        if asked is None or self._cold.of(symbol, asked) is None:
            return found
        days = self._cold.manifests(symbol, self._cold.days(symbol)[:1])
        rows = self._cold.reader.rows(days, "ticks", "min(tick)")
        return min((tick for tick in (found, *(row[0] for row in rows)) if tick), default=None)
