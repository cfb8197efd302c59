"""What sealed days keep of other collections: shifts, settlements and the like."""

from datetime import date, datetime

from chain_api.archive.cold_days import ColdDays
from chain_api.archive.storage_used import note
from optionchain.archive.columns import DOCUMENT
from optionchain.archive.document_rows import decoded
from optionchain.archive.manifest import Manifest
from optionchain.mongo.client import Document


class ArchivedRecords:
    """Reads the documents of one collection. Raises ArchiveUnavailable and ArchiveDamaged.

    Those of a day are all that answers about it need, in no order.
    """

    def __init__(self, cold: ColdDays, collection: str) -> None:
        self._cold = cold
        self._collection = collection

    def at(self, symbol: str, instant: datetime) -> list[Document] | None:
        """Return the documents of the day of an instant, None if that day is not cold."""
        day = self._cold.of(symbol, instant)
        return None if day is None else self.of(day)

    def of(self, day: Manifest) -> list[Document]:
        """Return the documents of a sealed day."""
        note("archive")
        where = "WHERE collection = ?"
        rows = self._cold.reader.rows([day], "records", DOCUMENT, where, [self._collection])
        return [decoded(document) for (document,) in rows]

    def of_first_day(self, symbol: str) -> list[Document]:
        """Return the documents of the first sealed day of a symbol."""
        days = self._cold.days(symbol)
        return self._of_days(symbol, days[:1])

    def of_last_day(self, symbol: str, before: date = date.max) -> list[Document]:
        """Return the documents of the last sealed day of a symbol before a day."""
        days = [day for day in self._cold.days(symbol) if day < before]
        return self._of_days(symbol, days[-1:])

    def _of_days(self, symbol: str, days: list[date]) -> list[Document]:
        manifests = self._cold.manifests(symbol, days)
        return [document for day in manifests for document in self.of(day)]
