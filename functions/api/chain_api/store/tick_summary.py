"""What the ledger says of many symbols together: by a few queries, however many there are."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import TICKS
from optionchain.mongo.newest_of_each import newest_having

_BATCH = 5_000
_OF_OUTCOME = ("outcome", "tick", "reason", "detail")
_PERCENTILES = (50, 99)


class TickCounts(NamedTuple):
    """How many ticks of a symbol had each outcome; `open` are those without one."""

    today: Counter[str]
    last_hour: Counter[str]


class TickSummary:
    """The collection `ticks`, of many symbols; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._ticks: Collection[Any] = database[TICKS]

    def last(self, symbols: Sequence[str]) -> dict[str, Document]:
        """Return `{outcome, tick, reason, detail}` of each symbol's newest tick with an outcome."""
        return newest_having(self._ticks, "tick", symbols, _OF_OUTCOME)

    def sources(self, symbols: Sequence[str]) -> dict[str, str]:
        """Return the source of each symbol's newest tick that names one."""
        found = newest_having(self._ticks, "tick", symbols, ["source"])
        return {symbol: row["source"] for symbol, row in found.items()}

    def counts(
        self, symbols: Sequence[str], midnight: datetime, hour_ago: datetime
    ) -> dict[str, TickCounts]:
        """Return the ticks since these instants by symbol and outcome; the hour may be older."""
        lately: Document = {"$cond": [{"$gte": ["$tick", hour_ago]}, 1, 0]}
        today: Document = {"$cond": [{"$gte": ["$tick", midnight]}, 1, 0]}
        since = {"$gte": min(midnight, hour_ago)}
        key = {"symbol": "$symbol", "outcome": {"$ifNull": ["$outcome", "open"]}}
        stages: list[Document] = [
            {"$match": {"symbol": {"$in": list(symbols)}, "tick": since}},
            {"$group": {"_id": key, "today": {"$sum": today}, "last_hour": {"$sum": lately}}},
            {"$sort": {"_id": ASCENDING}},
        ]
        found = {symbol: TickCounts(Counter(), Counter()) for symbol in symbols}
        for row in self._rows(stages):
            counts, outcome = found[row["_id"]["symbol"]], row["_id"]["outcome"]
            for name, counter in zip(TickCounts._fields, counts, strict=True):
                if row[name]:
                    counter[outcome] = row[name]
        return found

    def lateness(self, symbols: Sequence[str], since: datetime) -> dict[str, float | None]:
        """Return percentiles of the lateness since an instant, in milliseconds: p50 and p99.

        MongoDB sorts the numbers and returns those on both sides of each percentile.
        """
        begun = {
            "symbol": {"$in": list(symbols)},
            "tick": {"$gte": since},
            "lateness_ms": {"$exists": True},
        }
        last = {"$subtract": [{"$size": "$all"}, 1]}
        sides = {}
        for percent in _PERCENTILES:
            place = {"$divide": [{"$multiply": [last, percent]}, 100]}
            for name in ("$floor", "$ceil"):
                sides[f"{name[1:]}_{percent}"] = {"$arrayElemAt": ["$all", {name: place}]}
        stages: list[Document] = [
            {"$match": begun},
            {"$sort": {"lateness_ms": ASCENDING}},
            {"$group": {"_id": None, "all": {"$push": "$lateness_ms"}}},
            {"$project": {"count": {"$size": "$all"}, **sides}},
        ]
        row = next((each for each in self._rows(stages) if each["count"]), None)
        return {
            f"p{percent}": None if row is None else _percentile(row, percent)
            for percent in _PERCENTILES
        }

    def _rows(self, stages: Sequence[Document]) -> Iterator[Document]:
        with database_errors():
            yield from self._ticks.aggregate(list(stages), batchSize=_BATCH)


def _percentile(row: Document, percent: int) -> float:
    below, above = row[f"floor_{percent}"], row[f"ceil_{percent}"]
    part = (row["count"] - 1) * percent / 100 % 1
    return float(round(below + (above - below) * part, 1))
