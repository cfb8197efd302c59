"""The lists of symbols that were believed, a document for each day on which one was read."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from pymongo import DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import SYMBOL_LISTS
from optionchain.symbol_list import ListedSymbol, SymbolList

_DATES = ("since", "lost_since")
# What came of the last reading, beside the documents of the days.
_READING = {"_id": "reading"}


class RejectedList(NamedTuple):
    """The newest list, if it was not believed: when it was read, whose it is, and why."""

    read_at: datetime
    source: str
    detail: str


class SymbolListRegister:
    """The collection `symbol_lists`, by day; raises StoreUnavailable if MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        self._lists: Collection[Any] = database[SYMBOL_LISTS]

    def in_force(self, day: date) -> SymbolList | None:
        """Return the list that holds on a day: that of the day, else the newest before it."""
        query = {"_id": {"$lte": midnight_utc(day)}}
        with database_errors():
            found = self._lists.find_one(query, sort=[("_id", DESCENDING)])
        return _list_of(found) if found else None

    def write(self, symbol_list: SymbolList) -> bool:
        """Store the list of a day; return False if the day has one already."""
        rows = [each._asdict() for each in symbol_list.symbols.values()]
        for row in rows:
            row |= {name: row[name] and midnight_utc(row[name]) for name in _DATES}
        document = {
            "_id": midnight_utc(symbol_list.day),
            "read_at": symbol_list.read_at,
            "source": symbol_list.source,
            "symbols": rows,
            "added": list(symbol_list.added),
            "removed": list(symbol_list.removed),
        }
        with database_errors():
            try:
                self._lists.insert_one(document)
            except DuplicateKeyError:
                return False
            self._lists.update_one(_READING, {"$unset": {"rejected": True}})
        return True

    def claim_reading(self, now: datetime, pause: timedelta) -> bool:
        """Take the turn to ask for a list; return False if somebody did within the pause."""
        lately = {"$gt": now - pause, "$lte": now}  # a clock that was set back stops nobody
        query = {**_READING, "tried_at": {"$not": lately}}
        with database_errors(), suppress(DuplicateKeyError):
            self._lists.update_one(query, {"$set": {"tried_at": now}}, upsert=True)
            return True
        return False

    def reject(self, rejected: RejectedList) -> None:
        """Store why the newest list is not believed."""
        with database_errors():
            self._lists.update_one(
                _READING, {"$set": {"rejected": rejected._asdict()}}, upsert=True
            )

    def rejected(self) -> RejectedList | None:
        """Return the newest list if it is not believed; None if it is."""
        with database_errors():
            found = (self._lists.find_one(_READING) or {}).get("rejected")
        return found and RejectedList(**found)


def _list_of(document: Document) -> SymbolList:
    symbols = {}
    for row in document["symbols"]:
        row |= {name: row[name] and row[name].date() for name in _DATES}
        symbols[row["symbol"]] = ListedSymbol(**row)
    return SymbolList(
        day=document["_id"].date(),
        read_at=document["read_at"],
        source=document["source"],
        symbols=symbols,
        added=tuple(document["added"]),
        removed=tuple(document["removed"]),
    )
