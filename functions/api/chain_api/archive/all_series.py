"""Contracts and headers through time, of the database and of the archive."""

from pymongo.database import Database

from chain_api.archive.cold_days import ColdDays
from chain_api.store.time_series import TimeSeriesReader
from optionchain.mongo.client import Document


class AllSeries(TimeSeriesReader):
    """Reads series like TimeSeriesReader; those of cold days from the archive."""

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database)
        self._cold = cold
