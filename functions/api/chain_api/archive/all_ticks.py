"""The ticks of all days, of the ledger in the database and of the archive."""

from pymongo.database import Database

from chain_api.archive.cold_days import ColdDays
from optionchain.mongo.client import Document
from optionchain.mongo.tick_ledger import TickLedger


class AllTicks(TickLedger):
    """Reads ticks like TickLedger; those of cold days from the archive."""

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database)
        self._cold = cold
