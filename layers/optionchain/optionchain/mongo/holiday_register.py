"""The exchange's own list of holidays, as it was last believed, and what speaks against it."""

from collections.abc import Collection as Days
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors

CALENDAR = "calendar"
_FO = {"_id": "FO"}


class Rejected(NamedTuple):
    """The last list that was not believed, as a whole or in part: when it was read, and why."""

    read_at: datetime
    detail: str


class Holidays(NamedTuple):
    """The days on which options do not trade, and when the list was read from the exchange.

    `read_at` is None before the first list that was believed. `tried_at` is when the list was last
    asked for, in vain or not. `contradicted` are listed days on which the exchange traded, and
    `probed_at` is when it was last asked whether it does.
    """

    days: frozenset[date]
    read_at: datetime | None
    tried_at: datetime | None = None
    rejected: Rejected | None = None
    contradicted: frozenset[date] = frozenset()
    probed_at: datetime | None = None


class HolidayRegister:
    """The collection `calendar`, a document for each market segment; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._calendar: Collection[Any] = database[CALENDAR]

    def read(self) -> Holidays | None:
        """Return what is stored, None if nothing is."""
        with database_errors():
            document = self._calendar.find_one(_FO)
        if document is None:
            return None
        rejected = document.get("rejected")
        return Holidays(
            days=_dates(document.get("days", [])),
            read_at=document.get("read_at"),
            tried_at=document.get("tried_at"),
            rejected=rejected and Rejected(rejected["read_at"], rejected["detail"]),
            contradicted=_dates(document.get("contradicted", [])),
            probed_at=document.get("probed_at"),
        )

    def write(self, days: Days[date], read_at: datetime) -> None:
        """Store a list that was read at an instant and is believed."""
        listed = [midnight_utc(day) for day in sorted(days)]
        self._set(days=listed, read_at=read_at)

    def reject(self, rejected: Rejected | None) -> None:
        """Store why the newest list is not believed; None: it is."""
        self._set(rejected=rejected and rejected._asdict())

    def note_try(self, tried_at: datetime) -> None:
        """Store when the list was asked for, so that no other environment asks at once again."""
        self._set(tried_at=tried_at)

    def note_probe(self, probed_at: datetime) -> None:
        """Store when the exchange was asked whether it trades on a day that is listed as closed."""
        self._set(probed_at=probed_at)

    def contradict(self, day: date) -> None:
        """Store that the exchange traded on a day that is listed as closed."""
        with database_errors():
            self._calendar.update_one(
                _FO, {"$addToSet": {"contradicted": midnight_utc(day)}}, upsert=True
            )

    def _set(self, **members: object) -> None:
        with database_errors():
            self._calendar.update_one(_FO, {"$set": members}, upsert=True)


def _dates(midnights: list[datetime]) -> frozenset[date]:
    return frozenset(midnight.astimezone(UTC).date() for midnight in midnights)
