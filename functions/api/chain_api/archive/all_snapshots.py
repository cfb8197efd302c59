"""Snapshots of all days, of the database and of the archive."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pymongo.database import Database

from chain_api.archive.all_headers import AllHeaders
from chain_api.archive.archived_contracts import ArchivedContracts
from chain_api.archive.cold_days import ColdDays
from chain_api.archive.storage_used import note
from optionchain.archive.manifest import Manifest
from optionchain.errors import ArchiveDamaged, SnapshotIncomplete
from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import Document
from optionchain.mongo.documents import ContractDocument, HeaderDocument
from optionchain.mongo.snapshot_reader import by_strike, check_whole

_OF_STRIKES = ("strike_price", "type")


class AllSnapshots(AllHeaders):
    """Reads snapshots like SnapshotReader; those of cold days from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database, cold)
        self._archived_contracts = ArchivedContracts(cold)

    def contracts(
        self,
        header: HeaderDocument,
        where: Mapping[str, Any] | None = None,
        columns: Sequence[str] | None = None,
    ) -> list[ContractDocument]:
        """Return the documents that a header commits, by strike, the call before the put."""
        if header["fetched_at"] < self._cold.boundary():
            day = self._cold.of(header["symbol"], header["fetched_at"])
            if day:
                return self._of_archive(day, header, where, columns)
        try:
            found = super().contracts(header, where, columns)
        except SnapshotIncomplete:
            # The database has let this day go earlier than RETENTION_DAYS says now.
            day = self._cold.sealed(header["symbol"], exchange_date(header["fetched_at"]))
            if day is None:
                raise
            return self._of_archive(day, header, where, columns)
        note("database")
        return found

    def contracts_of(
        self,
        headers: Sequence[HeaderDocument],
        where: Mapping[str, Any],
        columns: Sequence[str] | None = None,
    ) -> list[ContractDocument]:
        """Return the documents of several headers, by expiry, strike and side.

        `columns` are as for `contracts`, with expiry among them.
        """
        if all(map(self._stands, headers)):
            with suppress(SnapshotIncomplete):  # then each is looked for by itself
                return super().contracts_of(headers, where, columns)
        found = [row for header in headers for row in self.contracts(header, where, columns)]
        found.sort(key=lambda row: (row["expiry"], *by_strike(row)))
        return found

    def strikes(self, header: HeaderDocument) -> list[float]:
        """Return the strike prices of a snapshot, in order."""
        if self._stands(header):
            with suppress(SnapshotIncomplete):
                return super().strikes(header)
        rows = self.contracts(header, None, _OF_STRIKES)
        return sorted({row["strike_price"] for row in rows})

    def _of_archive(
        self,
        day: Manifest,
        header: HeaderDocument,
        where: Mapping[str, Any] | None,
        columns: Sequence[str] | None,
    ) -> list[ContractDocument]:
        documents = self._archived_contracts.of(day, header, where, columns)
        stored = self._archived_contracts.count(day, header) if where else len(documents)
        try:
            check_whole([header], stored)
        except SnapshotIncomplete as error:
            raise ArchiveDamaged(f"{day.files['contracts'].key}: {error}") from error
        documents.sort(key=by_strike)
        return documents
