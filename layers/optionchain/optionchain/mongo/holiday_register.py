"""The exchange's own list of holidays, as it was last read."""

from collections.abc import Collection as Days
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors

CALENDAR = "calendar"
_FO = {"_id": "FO"}


class Holidays(NamedTuple):
    """The days on which options do not trade, and when the list was read from the exchange."""

    days: frozenset[date]
    read_at: datetime


class HolidayRegister:
    """The collection `calendar`, a document for each market segment; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._calendar: Collection[Any] = database[CALENDAR]

    def read(self) -> Holidays | None:
        """Return the stored list, None if there is none."""
        with database_errors():
            document = self._calendar.find_one(_FO)
        if document is None:
            return None
        days = frozenset(day.astimezone(UTC).date() for day in document["days"])
        return Holidays(days, document["read_at"])

    def write(self, days: Days[date], read_at: datetime) -> None:
        """Store a list that was read at an instant."""
        document = {"days": [midnight_utc(day) for day in sorted(days)], "read_at": read_at}
        with database_errors():
            self._calendar.replace_one(_FO, document, upsert=True)
