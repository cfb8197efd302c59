"""The tick ledger: one recorded outcome for each symbol and tick.

A tick is claimed by a unique insert before its requests, and completed after them. After a crash
a claim has no outcome.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any, Literal, NamedTuple

from pymongo import DESCENDING, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.bulk_writes import duplicates_of
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import TICKS

type Outcome = Literal["stored", "unchanged", "failed", "skipped"]
type Reason = Literal[
    "rate_limited",
    "blocked",
    "unauthorised",
    "empty",
    "not_json",
    "truncated",
    "invalid_payload",
    "unknown_symbol",
    "stale",
    "timeout",
    "server_error",
    "busy",
    "relieved",
    "database",
]


# Small clusters of Atlas take 50 stages in a pipeline, and each branch is one.
_BRANCHES = 40

OF_A_DAY = ("tick", "outcome", "reason", "unsettled", "source", "switched_from")
"""What is read of the ticks of a day."""


class TickOutcome(NamedTuple):
    """What became of one symbol's tick, and the invocation that says so, if it is known.

    `entry` has an `outcome`, a `reason` if that is `failed` or `skipped`, and details.
    """

    symbol: str
    tick: datetime
    entry: Mapping[str, Any]
    owner: str | None = None

    @property
    def query(self) -> Document:
        """Return the query for the tick if it has no outcome and is not another one's."""
        query: Document = {"symbol": self.symbol, "tick": self.tick, "outcome": {"$exists": False}}
        if self.owner is not None:
            query["owner"] = {"$in": [self.owner, None]}
        return query


class TickLedger:
    """The collection `ticks`; raises StoreUnavailable if MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        self._ticks: Collection[Any] = database[TICKS]

    def claim(self, symbol: str, tick: datetime, owner: str, claimed_at: datetime) -> bool:
        """Claim a tick of one symbol for `owner`; return False if it was claimed before."""
        return bool(self.claim_all([symbol], tick, owner, claimed_at))

    def claim_all(
        self, symbols: Sequence[str], tick: datetime, owner: str, claimed_at: datetime
    ) -> list[str]:
        """Claim a tick of these symbols by one operation; return those nobody had claimed."""
        if not symbols:
            return []
        claims = [
            {"symbol": symbol, "tick": tick, "owner": owner, "claimed_at": claimed_at}
            for symbol in symbols
        ]
        with database_errors():
            taken = duplicates_of(lambda: self._ticks.insert_many(claims, ordered=False))
        return [symbol for place, symbol in enumerate(symbols) if place not in taken]

    def record(
        self, symbol: str, tick: datetime, entry: Mapping[str, Any], owner: str | None = None
    ) -> None:
        """Write the outcome of a tick of one symbol, as `write` does."""
        self.record_all(tick, {symbol: entry}, owner)

    def record_all(
        self, tick: datetime, entries: Mapping[str, Mapping[str, Any]], owner: str | None = None
    ) -> None:
        """Write the outcomes of a tick, by symbol, as `write` does."""
        self.write([TickOutcome(symbol, tick, entry, owner) for symbol, entry in entries.items()])

    def write(self, outcomes: Sequence[TickOutcome]) -> None:
        """Write outcomes by one operation; the first outcome of a symbol's tick is kept.

        A tick need not be claimed. If another invocation than the `owner` of an outcome has claimed
        it, its outcome is for that one to write. Raises StoreUnavailable also if only a part could
        be written: all of them may be written again.
        """
        if not outcomes:
            return
        updates = [UpdateOne(each.query, {"$set": each.entry}, upsert=True) for each in outcomes]
        with database_errors():
            duplicates_of(lambda: self._ticks.bulk_write(updates, ordered=False))

    def last_sources(self, symbols: Sequence[str], before: datetime) -> dict[str, str]:
        """Return the source of each symbol's newest tick before an instant, where one is known.

        It is one operation for forty symbols.
        """
        found: dict[str, str] = {}
        with database_errors():
            for some in batched(symbols, _BRANCHES, strict=False):
                first, *others = (_newest_source(symbol, before) for symbol in some)
                united = [{"$unionWith": {"coll": TICKS, "pipeline": each}} for each in others]
                rows = self._ticks.aggregate([*first, *united])
                found |= {row["symbol"]: row["source"] for row in rows}
        return found

    def first_tick(
        self,
        symbol: str,
        asked: datetime | None = None,  # noqa: ARG002  (for readers of an archive)
    ) -> datetime | None:
        """Return the oldest tick of a symbol that is kept.

        `asked` is an instant of the day that the answer is about.
        """
        with database_errors():
            entry = self._ticks.find_one({"symbol": symbol}, {"tick": True}, sort=[("tick", 1)])
        return entry["tick"] if entry else None

    def last_good(self, symbols: Sequence[str]) -> datetime | None:
        """Return the newest tick that was stored or unchanged."""
        query = {"symbol": {"$in": list(symbols)}, "outcome": {"$in": ["stored", "unchanged"]}}
        with database_errors():
            entry = self._ticks.find_one(query, {"tick": True}, sort=[("tick", DESCENDING)])
        return entry["tick"] if entry else None

    def last_claim(self, symbols: Sequence[str]) -> datetime | None:
        """Return the newest tick that was claimed."""
        query = {"symbol": {"$in": list(symbols)}, "claimed_at": {"$exists": True}}
        with database_errors():
            entry = self._ticks.find_one(query, {"tick": True}, sort=[("tick", DESCENDING)])
        return entry["tick"] if entry else None

    def between(self, symbol: str, start: datetime, end: datetime) -> list[Document]:
        """Return `{tick, outcome, reason, unsettled, …}` of a symbol's ticks in start ≤ t < end.

        A claimed tick without an outcome has `tick` alone. Ticks of the evening have `unsettled`:
        how many listed expiries have no final chain after it. A tick that was asked for has its
        `source`, and `switched_from` where that is another one than before.
        """
        query = {"symbol": symbol, "tick": {"$gte": start, "$lt": end}}
        columns = {"_id": False, **dict.fromkeys(OF_A_DAY, True)}
        with database_errors():
            return list(self._ticks.find(query, columns, batch_size=10_000))

    def count(self, symbols: Sequence[str], start: datetime, end: datetime) -> int:
        """Return how many ticks in start ≤ t < end were claimed or have an outcome."""
        query = {"symbol": {"$in": list(symbols)}, "tick": {"$gte": start, "$lt": end}}
        with database_errors():
            return self._ticks.count_documents(query)

    def last_busy(self, symbols: Sequence[str], since: datetime) -> dict[str, datetime]:
        """Return the newest tick of each symbol since an instant that had no place."""
        busy = {"symbol": {"$in": list(symbols)}, "tick": {"$gte": since}, "reason": "busy"}
        newest = {"_id": "$symbol", "tick": {"$max": "$tick"}}
        with database_errors():
            rows = self._ticks.aggregate([{"$match": busy}, {"$group": newest}])
            return {row["_id"]: row["tick"] for row in rows}

    def confirmed_at(
        self, symbol: str, expiry_date: str, after: datetime, until: datetime
    ) -> datetime | None:
        """Return the newest tick in after < t ≤ until at which an expiry was unchanged."""
        confirmed = {"expiry_date": expiry_date, "outcome": "unchanged", "verdict": "unchanged"}
        query = {
            "symbol": symbol,
            "tick": {"$gt": after, "$lte": until},
            "expiries": {"$elemMatch": confirmed},
        }
        with database_errors():
            entry = self._ticks.find_one(query, {"tick": True}, sort=[("tick", DESCENDING)])
        return entry["tick"] if entry else None

    def verdicts_since(self, symbol: str, expiry_date: str, verdict: str, since: datetime) -> int:
        """Return at how many ticks after an instant a body of an expiry got a verdict."""
        query = {
            "symbol": symbol,
            "tick": {"$gt": since},
            "expiries": {"$elemMatch": {"expiry_date": expiry_date, "verdict": verdict}},
        }
        with database_errors():
            return self._ticks.count_documents(query)

    def completed(self, symbol: str, start: datetime, end: datetime) -> list[Document]:
        """Return `{tick, outcome, expiries}` of completed ticks in start ≤ t ≤ end, newest first.

        Each of the `expiries` that were asked for has its `expiry_date` and its `outcome`.
        """
        query = {
            "symbol": symbol,
            "tick": {"$gte": start, "$lte": end},
            "outcome": {"$exists": True},
        }
        names = ("tick", "outcome", "expiries.expiry_date", "expiries.outcome")
        columns = {"_id": False, **dict.fromkeys(names, True)}
        with database_errors():
            found = self._ticks.find(query, columns, sort=[("tick", DESCENDING)], batch_size=1_000)
            return list(found)

    def is_complete(self, symbol: str, tick: datetime) -> bool:
        """Tell whether a tick is complete and good, and none of its expiries failed.

        Then all that is ever stored of the symbol for this tick has been written. A stale body
        was answered in time, so nothing more comes of it.
        """
        late = {"outcome": "failed", "reason": {"$ne": "stale"}}
        query = {
            "symbol": symbol,
            "tick": tick,
            "outcome": {"$in": ["stored", "unchanged"]},
            "expiries": {"$not": {"$elemMatch": late}},
        }
        with database_errors():
            return self._ticks.find_one(query, {"_id": True}) is not None


def _newest_source(symbol: str, before: datetime) -> list[dict[str, Any]]:
    """Return the stages that find the source of a symbol's newest tick before an instant."""
    query = {"symbol": symbol, "tick": {"$lt": before}, "source": {"$exists": True}}
    columns = {"_id": False, "symbol": True, "source": True}
    return [
        {"$match": query},
        {"$sort": {"tick": DESCENDING}},
        {"$limit": 1},
        {"$project": columns},
    ]
