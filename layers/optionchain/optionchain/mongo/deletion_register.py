"""How far MongoDB has ever deleted by age: a day that begins before that may be there in part only.

The time to live of now does not tell it: it was shorter before, or it was made longer while half of
the oldest day was gone.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.housekeeping_register import CONTROL
from optionchain.mongo.index_changes import existing_indexes

_ARCHIVE = {"_id": "archive"}
_MEMBER = "deleted_before"
# MongoDB deletes by its own clock, and goes on until its time to live is changed.
_CLOCKS_DIFFER_BY = timedelta(minutes=1)


class DeletionRegister:
    """A member of a document in the collection `control`; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._control: Collection[Any] = database[CONTROL]

    def note(self, collections: Iterable[str], now: datetime) -> date:
        """Store the newest instant before which MongoDB deletes documents of these collections.

        To be called before each change of a time to live, with the time of the wall clock, by which
        MongoDB deletes. Returns the first whole day, as `whole_from` does.
        """
        with database_errors():
            seconds = [
                index.ttl_seconds
                for name in collections
                for index in existing_indexes(self._database, name)
                if index.ttl_seconds is not None
            ]
            if seconds:
                reached = now - timedelta(seconds=min(seconds)) + _CLOCKS_DIFFER_BY
                self._control.update_one(_ARCHIVE, {"$max": {_MEMBER: reached}}, upsert=True)
        return self.whole_from()

    def whole_from(self) -> date:
        """Return the first day in India of which MongoDB has never deleted anything by age."""
        with database_errors():
            document = self._control.find_one(_ARCHIVE, {_MEMBER: True}) or {}
        reached: datetime | None = document.get(_MEMBER)
        if reached is None:
            return date.min
        return exchange_date(reached - timedelta(milliseconds=1)) + timedelta(days=1)
