"""How many requests each source got lately, and what its budget carries: a document a source."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import REQUEST_COUNTS


class Counted(NamedTuple):
    """So many requests at an instant; one of the future is promised to somebody."""

    at: datetime
    requests: int


class RequestCount(NamedTuple):
    """The requests of a source as they are stored. `version` grows with each write; 0: nothing."""

    counted: tuple[Counted, ...] = ()
    version: int = 0


class RequestCounts:
    """The collection `request_counts`; raises StoreUnavailable if MongoDB does not answer.

    `plan` of a document is what the recorder says of the budget of the source.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._counts: Collection[Any] = database[REQUEST_COUNTS]

    def read(self, source: str) -> RequestCount:
        """Return the requests of a source."""
        with database_errors():
            found = self._counts.find_one({"_id": source}, ["counted", "version"]) or {}
        counted = tuple(Counted(each["at"], each["requests"]) for each in found.get("counted", ()))
        return RequestCount(counted, found.get("version", 0))

    def write(
        self, source: str, counted: Sequence[Counted], replaces: RequestCount, now: datetime
    ) -> bool:
        """Store the requests in the place of those that were read; False if others wrote since."""
        key = {"_id": source, "version": replaces.version or {"$exists": False}}
        rows = [each._asdict() for each in counted]
        change = {"counted": rows, "version": replaces.version + 1, "updated_at": now}
        with database_errors():
            try:
                done = self._counts.update_one(key, {"$set": change}, upsert=not replaces.version)
            except DuplicateKeyError:
                return False
        return bool(done.matched_count or done.upserted_id is not None)

    def write_plan(self, source: str, plan: Mapping[str, Any], now: datetime) -> None:
        """Store what the budget of a source carries."""
        with database_errors():
            self._counts.update_one(
                {"_id": source}, {"$set": {"plan": dict(plan), "updated_at": now}}, upsert=True
            )

    def plans(self, now: datetime) -> dict[str, Document]:
        """Return the plans by source; each window with `used`, its requests until now.

        `used` is None of a source that counts by address: its requests are not stored.
        """
        with database_errors():
            found = list(self._counts.find({"plan": {"$exists": True}}, ["plan", "counted"]))
        for row in found:
            for window in row["plan"]["windows"]:
                since = now - timedelta(seconds=window["seconds"])
                window["used"] = _used(row.get("counted"), since, now)
        return {row["_id"]: row["plan"] for row in found}


def _used(counted: Sequence[Document] | None, since: datetime, now: datetime) -> int | None:
    if counted is None:
        return None
    return sum(int(each["requests"]) for each in counted if since < each["at"] <= now)
