"""The ledger of sealed days, as MongoDB returned it."""

from collections.abc import Iterator
from datetime import datetime

from chain_api.archive.cold_days import ColdDays
from optionchain.archive.document_rows import decoded
from optionchain.archive.manifest import Manifest
from optionchain.mongo.client import Document


class ArchivedTicks:
    """Reads ticks of the archive. Raises ArchiveUnavailable and ArchiveDamaged."""

    def __init__(self, cold: ColdDays) -> None:
        self._cold = cold

    def backwards(self, day: Manifest, start: datetime, end: datetime) -> Iterator[Document]:
        """Yield the ticks of a sealed day in start ≤ t ≤ end, the newest first.

        They are read at once and decoded one by one: who looks for one finds it soon.
        """
        rows = self._cold.reader.rows(
            [day],
            "ticks",
            "document",
            "WHERE tick >= ? AND tick <= ? ORDER BY tick DESC",
            [start, end],
        )
        return (decoded(document) for (document,) in rows)
