"""For which days the retention waits, and which days were lost, as evaluations tell each other."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.housekeeping_register import CONTROL
from optionchain.mongo.unsealed_days import UnsealedDay

_ARCHIVE = {"_id": "archive"}
# So many lost days are kept, the newest ones.
_MOST_LOST = 100


class WaitState(NamedTuple):
    """What the last evaluation of a recorder with an archive found; `evaluated_at` is its time.

    Documents are kept `extra_days` longer than the retention. `unsealed` are the unsealed days that
    it knew of, `lost` those that were deleted unsealed, `cut` those of which a part was deleted
    before any recorder with an archive knew of them. `archive` is the name of its archive.
    """

    evaluated_at: datetime | None = None
    extra_days: int = 0
    unsealed: tuple[UnsealedDay, ...] = ()
    lost: tuple[UnsealedDay, ...] = ()
    cut: tuple[UnsealedDay, ...] = ()
    archive: str | None = None


class WaitRegister:
    """A document in the collection `control`; raises StoreUnavailable."""

    def __init__(self, database: Database[Document]) -> None:
        self._control: Collection[Any] = database[CONTROL]

    def read(self) -> WaitState:
        """Return what the last evaluation found."""
        with database_errors():
            document = self._control.find_one(_ARCHIVE) or {}
        return WaitState(
            document.get("evaluated_at"),
            document.get("extra_days", 0),
            _days(document.get("unsealed", ())),
            _days(document.get("lost", ())),
            _days(document.get("cut", ())),
            document.get("archive"),
        )

    def write(
        self,
        evaluated_at: datetime,
        extra_days: int,
        days: Iterable[UnsealedDay],
        archive: str | None = None,
    ) -> None:
        """Store what an evaluation found; what was lost before stays."""
        members = {
            "archive": archive,
            "evaluated_at": evaluated_at,
            "extra_days": extra_days,
            "unsealed": [_document(each) for each in days],
        }
        with database_errors():
            self._control.update_one(_ARCHIVE, {"$set": members}, upsert=True)

    def lose(self, day: UnsealedDay) -> bool:
        """Note that a day was deleted unsealed; return False if somebody has noted it already."""
        return self._note("lost", day)

    def cut(self, day: UnsealedDay) -> bool:
        """Note that only a part of a day was left; return False if somebody has noted it."""
        return self._note("cut", day)

    def _note(self, member: str, day: UnsealedDay) -> bool:
        key = {name: _document(day)[name] for name in ("symbol", "day")}
        unknown = {**_ARCHIVE, member: {"$not": {"$elemMatch": key}}}
        push = {"$push": {member: {"$each": [_document(day)], "$slice": -_MOST_LOST}}}
        with database_errors():
            return self._control.update_one(unknown, push).modified_count == 1

    def reported_at(self) -> datetime | None:
        """Return when the unsealed sessions of an evening were reported last."""
        with database_errors():
            document = self._control.find_one(_ARCHIVE, {"reported_at": True}) or {}
        found: datetime | None = document.get("reported_at")
        return found

    def note_report(self, reported_at: datetime) -> None:
        """Store that the unsealed sessions of an evening were reported."""
        with database_errors():
            self._control.update_one(_ARCHIVE, {"$set": {"reported_at": reported_at}}, upsert=True)


def _document(day: UnsealedDay) -> Document:
    return {**day._asdict(), "day": midnight_utc(day.day)}


def _days(documents: Sequence[Document]) -> tuple[UnsealedDay, ...]:
    return tuple(UnsealedDay(**{**each, "day": each["day"].date()}) for each in documents)
