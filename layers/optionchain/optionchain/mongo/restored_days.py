"""Where restored days come from: the database that recorded them may have been another one."""

from dataclasses import asdict
from datetime import date
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.recorder_stops import DayOrigin, Stop

RESTORED_DAYS = "restored_days"


class RestoredDays:
    """The collection `restored_days`, a document a symbol and day in India.

    Raises StoreUnavailable if MongoDB does not answer.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._days: Collection[Any] = database[RESTORED_DAYS]

    def origin(self, symbol: str, day: date) -> DayOrigin | None:
        """Return where a day comes from, None if it was not restored."""
        with database_errors():
            found = self._days.find_one(_key(symbol, day))
        if found is None:
            return None
        return DayOrigin(found["database"], tuple(Stop(**each) for each in found["stops"]))

    def write(self, symbol: str, day: date, origin: DayOrigin) -> None:
        """Store where a day comes from, in the place of what was known before."""
        stops = [asdict(each) for each in origin.stops]
        document = {"database": origin.database, "stops": stops}
        with database_errors():
            self._days.replace_one(_key(symbol, day), document, upsert=True)


def _key(symbol: str, day: date) -> Document:
    return {"_id": {"symbol": symbol, "day": midnight_utc(day)}}
