"""Whether the snapshots of a series have all the contracts that their headers commit."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pymongo.database import Database

from chain_api.store.header_series import Span, aware
from optionchain.errors import SnapshotIncomplete
from optionchain.exchange_time import expiry_text, ist_text, midnight_utc
from optionchain.mongo.client import Document, database_errors, naive_collection
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS

# How many snapshots a page checks at most; each is one scan of its 200 or so index entries.
_MOST_CHECKED = 1_000
# How many checked snapshots are remembered: more than a week of ticks that changed.
_MOST_REMEMBERED = 20_000


class WholeSnapshots:
    """Checks snapshots, each of them once; raises StoreUnavailable if MongoDB does not answer.

    A snapshot is checked where a contract has no document in it. Most series have no such place.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._headers = naive_collection(database, SNAPSHOTS)
        self._contracts = naive_collection(database, CONTRACTS)
        self._whole: set[tuple[str, date, datetime]] = set()

    def check(self, span: Span, ticks: Sequence[datetime]) -> None:
        """Raise SnapshotIncomplete if any of the first snapshots of these ticks is not whole.

        They are of the span's expiry; `ticks` are naive, in UTC.
        """
        name = span.symbol, span.expiry
        unknown = [tick for tick in ticks if (*name, tick) not in self._whole][:_MOST_CHECKED]
        if not unknown:
            return
        committed, stored = self._committed(span, unknown), self._stored(span, unknown)
        for tick, contracts in committed.items():
            if stored.get(tick, 0) != contracts:
                raise SnapshotIncomplete(
                    f"The snapshot {span.symbol} {expiry_text(span.expiry)} of "
                    f"{ist_text(aware(tick))} has {stored.get(tick, 0)} of {contracts} "
                    "contracts"
                )
        if len(self._whole) > _MOST_REMEMBERED:
            self._whole.clear()
        self._whole.update((*name, tick) for tick in committed)

    def _committed(self, span: Span, ticks: Sequence[datetime]) -> dict[datetime, int]:
        wanted = {"_id": False, "fetched_at": True, "calls": True, "puts": True}
        with database_errors():
            rows = list(self._headers.find(_query(span, ticks), wanted))
        return {row["fetched_at"]: row["calls"] + row["puts"] for row in rows}

    def _stored(self, span: Span, ticks: Sequence[datetime]) -> dict[datetime, int]:
        stages: list[dict[str, Any]] = [
            {"$match": _query(span, ticks)},
            {"$group": {"_id": "$fetched_at", "contracts": {"$sum": 1}}},
        ]
        with database_errors():
            return {row["_id"]: row["contracts"] for row in self._contracts.aggregate(stages)}


def _query(span: Span, ticks: Sequence[datetime]) -> dict[str, Any]:
    instants = [aware(tick) for tick in ticks]
    expiry = midnight_utc(span.expiry)
    return {"symbol": span.symbol, "expiry": expiry, "fetched_at": {"$in": instants}}
