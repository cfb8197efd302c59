"""When the recorder was switched off on all days, of the database and of the archive."""

from datetime import date

from pymongo.database import Database

from chain_api.archive.cold_days import ColdDays
from optionchain.mongo.client import Document
from optionchain.mongo.day_stops import DayStops
from optionchain.recorder_stops import DayOrigin, Stop


class AllStops(DayStops):
    """Knows stops like DayStops; those of cold days from the archive too.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database)
        self._cold = cold

    def of_day(self, symbol: str, day: date, sealed: DayOrigin | None = None) -> list[Stop]:
        """Return the stops that a symbol's day in India met, as DayStops does."""
        manifest = self._cold.of_day(symbol, day)
        return super().of_day(symbol, day, manifest.origin if manifest else sealed)
