"""How many ticks of today and of the last hour had each outcome, without reading all of them again.

An entry of the ledger that has an outcome never changes. So what was read of ticks that are some
minutes old is kept in memory, and each request asks only this of them:

* Is their number the same? A recorder that could not reach the database writes its entries later,
  even hours later. The index alone tells the number; if it is another one, all are read again.
* Have those without an outcome got one? After a crash they stay without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from chain_api.calculations.tick_tally import OPEN, PENDING, TallyRow, TickSums, TickTally
from chain_api.store.header_series import naive
from optionchain.exchange_time import IST
from optionchain.mongo.client import Document, database_errors, naive_collection
from optionchain.mongo.indexes import TICKS

_HOUR = timedelta(hours=1)
# A tick is claimed and completed within two minutes, unless the database is away. Were it longer,
# more would be read: nothing here is believed for its age.
_SETTLED_AFTER = timedelta(minutes=3)
# Requests that wait for each other, and clocks that are set a little, ask for an older hour.
_SLACK = timedelta(minutes=5)
_BATCH = 50_000
_COLUMNS = dict.fromkeys(("symbol", "tick", "outcome", "lateness_ms"), True)


@dataclass
class _Kept:
    """The entries of since ≤ t < until as they were read: their number, of all symbols, and sums.

    `open` are the `_id` of those without an outcome.
    """

    tally: TickTally
    since: datetime
    until: datetime
    number: int = 0
    open: set[Any] = field(default_factory=set)

    def serves(self, symbols: Sequence[str], midnight: datetime, hour_ago: datetime) -> bool:
        """Tell whether the sums are of these, and few entries have come since."""
        return (
            self.tally.symbols == tuple(symbols)
            and self.tally.midnight == midnight
            and self.tally.lately <= hour_ago <= self.until
        )


class TicksToday:
    """The collection `ticks`, of many symbols; for several threads. Raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        # Naive datetimes, in UTC: they are read and compared in a fraction of the time.
        self._ticks: Collection[Any] = naive_collection(database, TICKS)
        self._kept: _Kept | None = None
        self._lock = Lock()

    def read(self, patience: Mapping[str, timedelta], now: datetime) -> TickSums:
        """Return the sums of the ticks since midnight in India, and since an hour ago.

        `patience` has the symbols, and how old an open tick of each is at most while it is pending.
        """
        symbols = tuple(patience)
        midnight = now.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0)
        midnight, now = naive(midnight), _in_milliseconds(naive(now))
        hour_ago = now - _HOUR
        with self._lock:
            kept = self._kept
            if kept is None or not kept.serves(symbols, midnight, hour_ago) or self._differs(kept):
                kept = self._read_before(symbols, midnight, hour_ago - _SLACK)
            completed, newer = self._completed(kept), self._since(kept.until)
            self._kept = kept
            kept.open.difference_update(completed)
            kept.tally.complete(completed.values())
            return kept.tally.sums(hour_ago, _moved_on(kept, newer, now, patience))

    def _differs(self, kept: _Kept) -> bool:
        within = {"tick": {"$gte": kept.since, "$lt": kept.until}}
        with database_errors():
            return bool(self._ticks.count_documents(within) != kept.number)

    def _read_before(self, symbols: Sequence[str], midnight: datetime, lately: datetime) -> _Kept:
        """Return the entries from midnight until an instant: those after it are read one by one."""
        kept = _Kept(TickTally(tuple(symbols), midnight, lately), min(midnight, lately), lately)
        # An open entry is a group of its own, which its `_id` names.
        key = {"symbol": "$symbol", "outcome": {"$ifNull": ["$outcome", "$_id"]}}
        stages: list[Document] = [
            {"$match": {"tick": {"$gte": midnight, "$lt": lately}}},
            {"$group": {"_id": key, "number": {"$sum": 1}}},
        ]
        with database_errors():
            rows = (
                list(self._ticks.aggregate(stages, batchSize=_BATCH)) if midnight < lately else []
            )
        for row in rows:
            outcome, number = row["_id"]["outcome"], row["number"]
            if not isinstance(outcome, str):
                kept.open.add(outcome)
                outcome = OPEN
            kept.number += number
            kept.tally.add_before(row["_id"]["symbol"], outcome, number)
        return kept

    def _completed(self, kept: _Kept) -> dict[Any, TallyRow]:
        """Return the entries that have got an outcome since they were read."""
        if not kept.open:
            return {}
        return self._find({"_id": {"$in": list(kept.open)}, "outcome": {"$ne": None}})

    def _since(self, instant: datetime) -> dict[Any, TallyRow]:
        return self._find({"tick": {"$gte": instant}})

    def _find(self, query: Document) -> dict[Any, TallyRow]:
        with database_errors():
            rows = list(self._ticks.find(query, _COLUMNS, batch_size=_BATCH))
        return {row["_id"]: _row(row) for row in rows}


def _in_milliseconds(instant: datetime) -> datetime:
    """Return an instant as MongoDB keeps it."""
    return instant.replace(microsecond=instant.microsecond // 1_000 * 1_000)


def _row(entry: Document) -> TallyRow:
    outcome = entry.get("outcome") or OPEN
    return TallyRow(entry["symbol"], entry["tick"], outcome, entry.get("lateness_ms"))


def _moved_on(
    kept: _Kept, rows: Mapping[Any, TallyRow], now: datetime, patience: Mapping[str, timedelta]
) -> TickTally:
    """Keep what has settled of the newer entries, and return a tally of the others."""
    kept.until = max(now - _SETTLED_AFTER, kept.until)
    kept.tally.forget(now - _HOUR - _SLACK)
    settled = {key: row for key, row in rows.items() if row.tick < kept.until}
    kept.number += len(settled)
    kept.open.update(key for key, row in settled.items() if row.outcome == OPEN)
    kept.tally.add(settled.values())
    others = TickTally(kept.tally.symbols, kept.tally.midnight, kept.tally.lately)
    left = (row for key, row in rows.items() if key not in settled)
    others.add(_with_pending(row, now, patience) for row in left)
    return others


def _with_pending(row: TallyRow, now: datetime, patience: Mapping[str, timedelta]) -> TallyRow:
    is_young = now - row.tick < patience.get(row.symbol, timedelta())
    return row._replace(outcome=PENDING) if row.outcome == OPEN and is_young else row
