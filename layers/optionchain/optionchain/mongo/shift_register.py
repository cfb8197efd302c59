"""Which invocation is on duty for each symbol: the newest one, its owner. And which ones were."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import DUTIES, SHIFTS

# The owner of a stopped symbol. No invocation has this name, so every invocation is relieved.
NOBODY = "stopped"

_HOURS = ("since", "until", "interval")


class Duty(NamedTuple):
    """When a shift began, when it leaves at the latest, and its seconds between two ticks. UTC.

    It is on duty until the next shift of the symbol begins.
    """

    since: datetime
    until: datetime
    interval: int


class ShiftRegister:
    """The collections `shifts`, a document for each symbol, and `duties`, one for each shift.

    Raises StoreUnavailable if MongoDB does not answer.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._shifts: Collection[Any] = database[SHIFTS]
        self._duties: Collection[Any] = database[DUTIES]

    def begin(self, symbols: Sequence[str], owner: str, duty: Duty) -> None:
        """Put `owner` on duty for these symbols, and keep that it was."""
        self.take_over(symbols, owner, duty.since)
        with database_errors():
            self._duties.insert_one({"symbols": list(symbols), "owner": owner, **duty._asdict()})

    def take_over(self, symbols: Sequence[str], owner: str, since: datetime) -> None:
        """Make `owner` the owner of these symbols; their owners before are relieved."""
        with database_errors():
            for symbol in symbols:
                document = {"owner": owner, "since": since}
                self._shifts.replace_one({"_id": symbol}, document, upsert=True)

    def held_by(
        self, owner: str, symbols: Sequence[str], until: datetime | None = None
    ) -> list[str]:
        """Return the symbols of which `owner` is on duty, in the given order.

        With `until`, those count as well whose next owner begins later, by that one's own clock.
        """
        query: Document = {"_id": {"$in": list(symbols)}, "owner": owner}
        if until is not None:
            later = {"since": {"$gt": until}, "owner": {"$ne": NOBODY}}
            query["$or"] = [{"owner": query.pop("owner")}, later]
        with database_errors():
            held = {document["_id"] for document in self._shifts.find(query)}
        return [symbol for symbol in symbols if symbol in held]

    def owners(self) -> dict[str, Document]:
        """Return `{owner, since}` by symbol."""
        with database_errors():
            return {document.pop("_id"): document for document in self._shifts.find()}

    def duties(self, symbol: str, start: datetime, end: datetime) -> list[Duty]:
        """Return the shifts of a symbol that began in start ≤ t < end, and the one before them."""
        within = {"symbols": symbol, "since": {"$gte": start, "$lt": end}}
        before = {"symbols": symbol, "since": {"$lt": start}}
        with database_errors():
            last = self._duties.find_one(before, _HOURS, sort=[("since", DESCENDING)])
            found = list(
                self._duties.find(within, _HOURS, sort=[("since", ASCENDING)], batch_size=10_000)
            )
        return [duty_of(document) for document in ([last] if last else []) + found]

    def first_duty(
        self,
        symbol: str,
        asked: datetime | None = None,  # noqa: ARG002  (for readers of an archive)
    ) -> Duty | None:
        """Return the oldest shift of a symbol that is kept.

        `asked` is an instant of the day that the answer is about.
        """
        return self._outermost(symbol, ASCENDING)

    def last_duty(self, symbol: str) -> Duty | None:
        """Return the newest shift of a symbol."""
        return self._outermost(symbol, DESCENDING)

    def _outermost(self, symbol: str, order: int) -> Duty | None:
        with database_errors():
            found = self._duties.find_one({"symbols": symbol}, _HOURS, sort=[("since", order)])
        return duty_of(found) if found else None


def duty_of(document: Document) -> Duty:
    """Return the shift of a document."""
    return Duty(document["since"], document["until"], document["interval"])
