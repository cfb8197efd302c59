"""The contracts of several snapshots of an expiry, each whole or not at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo.database import Database

from chain_api.store.header_series import HeaderSeriesReader, Span, aware
from optionchain.errors import SnapshotIncomplete
from optionchain.exchange_time import expiry_text, ist_text, midnight_utc
from optionchain.mongo.client import Document, database_errors, find_documents, naive_collection
from optionchain.mongo.documents import ContractDocument
from optionchain.mongo.indexes import CONTRACTS
from optionchain.mongo.stored_snapshot import add_missing_fields

_BATCH = 10_000


class SnapshotSeriesReader(HeaderSeriesReader):
    """Reads headers and whole snapshots; raises StoreUnavailable if MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        super().__init__(database)
        self._contracts = naive_collection(database, CONTRACTS)

    def contracts_at(
        self, span: Span, committed: Mapping[datetime, int], columns: Sequence[str]
    ) -> list[ContractDocument]:
        """Return the contracts of the snapshots of these ticks, in no order: one read.

        `committed` says of each tick, naive in UTC, how many contracts its header commits.
        `columns` are the fields wanted, `fetched_at` among them. Raises SnapshotIncomplete if
        another number of contracts is stored.
        """
        found = self._contracts_at(span, sorted(committed), columns)
        stored = Counter(row["fetched_at"] for row in found)
        for tick, contracts in committed.items():
            if stored[tick] != contracts:
                raise SnapshotIncomplete(
                    f"The snapshot {span.symbol} {expiry_text(span.expiry)} of "
                    f"{ist_text(aware(tick))} has {stored[tick]} of {contracts} contracts"
                )
        return found

    def _contracts_at(
        self, span: Span, ticks: Sequence[datetime], columns: Sequence[str]
    ) -> list[ContractDocument]:
        query = {
            "symbol": span.symbol,
            "expiry": midnight_utc(span.expiry),
            "fetched_at": {"$in": [aware(tick) for tick in ticks]},
        }
        with database_errors():
            found = find_documents(self._contracts, query, columns, batch_size=_BATCH)
        add_missing_fields(found, columns)
        return found
