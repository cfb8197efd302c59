"""A day that MongoDB is about to let go, for the archive of a rehearsed stack."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from pymongo.database import Database

from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS

# Where a document names its symbol and its instant.
_INSTANTS = {CONTRACTS: "fetched_at", SNAPSHOTS: "fetched_at", TICKS: "tick"}


class PastDay(NamedTuple):
    """One snapshot of a symbol, and its tick, as if recorded on an earlier day."""

    symbol: str
    expiry_date: str
    at: datetime
    contracts: int

    @property
    def day(self) -> date:
        """The day in India."""
        return exchange_date(self.at)


def copy_to_past(database: Database[Document], symbol: str, days: int) -> PastDay:
    """Store a recorded snapshot of a symbol once more, so many days earlier."""
    header = database[SNAPSHOTS].find_one({"symbol": symbol}, sort=[("fetched_at", 1)])
    if header is None:
        raise LookupError(f"nothing is recorded of {symbol}")
    at = header["fetched_at"]
    shift = timedelta(days=days)
    for collection in (CONTRACTS, TICKS, SNAPSHOTS):  # the header commits the snapshot
        query: dict[str, Any] = {"symbol": symbol, _INSTANTS[collection]: at}
        if collection != TICKS:
            query["expiry"] = header["expiry"]
        found = [_earlier(each, shift) for each in database[collection].find(query, {"_id": 0})]
        database[collection].insert_many(found)
    return PastDay(
        symbol,
        header["expiry_date"],
        (at - shift).astimezone(UTC),
        header["calls"] + header["puts"],
    )


def delete_past(database: Database[Document], past: PastDay) -> None:
    """Delete the day, as MongoDB does when its retention ends."""
    for collection, instant in _INSTANTS.items():
        database[collection].delete_many({"symbol": past.symbol, instant: past.at})


def _earlier(value: Any, shift: timedelta) -> Any:  # noqa: ANN401
    """Return a part of a document with every instant but the expiry that much earlier."""
    if isinstance(value, datetime):
        return value - shift
    if isinstance(value, Mapping):
        return {
            name: each if name == "expiry" else _earlier(each, shift)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_earlier(each, shift) for each in value]
    return value
