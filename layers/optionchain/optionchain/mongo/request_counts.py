"""How many requests each source got lately, and what its budget carries.

A source that counts by account has one document; one that counts by address has one for its plan,
and one for each address.
"""

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


def address_key(source: str, address: int) -> str:
    """Return the key of the requests from one address; the first is 1."""
    return f"{source}@{address}"


class RequestCounts:
    """The collection `request_counts`; raises StoreUnavailable if MongoDB does not answer.

    `plan` of a document is what the recorder says of the budget of the source.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._counts: Collection[Any] = database[REQUEST_COUNTS]

    def read(self, key: str) -> RequestCount:
        """Return the requests of a source, or of one of its addresses."""
        with database_errors():
            found = self._counts.find_one({"_id": key}, ["counted", "version"]) or {}
        counted = tuple(Counted(each["at"], each["requests"]) for each in found.get("counted", ()))
        return RequestCount(counted, found.get("version", 0))

    def write(
        self, key: str, counted: Sequence[Counted], replaces: RequestCount, now: datetime
    ) -> bool:
        """Store the requests in the place of those that were read; False if others wrote since."""
        found = {"_id": key, "version": replaces.version or {"$exists": False}}
        rows = [each._asdict() for each in counted]
        change = {"counted": rows, "version": replaces.version + 1, "updated_at": now}
        with database_errors():
            try:
                done = self._counts.update_one(found, {"$set": change}, upsert=not replaces.version)
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

        `used` is of the address that was asked from most, where each has a budget of its own. It is
        None if nothing is counted.
        """
        with database_errors():
            found = list(self._counts.find({}, ["plan", "counted"]))
        plans = {row["_id"]: row["plan"] for row in found if "plan" in row}
        for source, plan in plans.items():
            counts = [
                row["counted"]
                for row in found
                if row["_id"].partition("@")[0] == source and "counted" in row
            ]
            for window in plan["windows"]:
                window["seconds"] = float(window["seconds"])
                since = now - timedelta(seconds=window["seconds"])
                used = (_used(each, since, now) for each in counts)
                window["used"] = max(used, default=None)
        return plans


def _used(counted: Sequence[Document], since: datetime, now: datetime) -> int:
    return sum(int(each["requests"]) for each in counted if since < each["at"] <= now)
