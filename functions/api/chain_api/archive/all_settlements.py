"""Whether settled chains of all days are proved, by the database and by the archive."""

from datetime import date, datetime, time

from pymongo.database import Database

from chain_api.archive.archived_records import ArchivedRecords
from chain_api.archive.cold_days import ColdDays
from optionchain.exchange_time import IST
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import SETTLEMENTS
from optionchain.mongo.settlement_register import Settlement, SettlementRegister, judged


class AllSettlements(SettlementRegister):
    """Reads settlements like SettlementRegister; those of cold days from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database)
        self._archived = ArchivedRecords(cold, SETTLEMENTS)

    def of_day(self, symbol: str, day: date) -> list[Settlement]:
        """Return what became of a symbol's settled chains of a day, by expiry."""
        archived = self._archived.at(symbol, datetime.combine(day, time.min, IST))
        if archived is None:
            return super().of_day(symbol, day)
        # The next session judges a day that may be sealed already: the database knows it first.
        stored = {each.expiry: each for each in super().of_day(symbol, day)}
        known = {each.expiry: each for each in judged(archived)} | stored
        return [known[expiry] for expiry in sorted(known)]
