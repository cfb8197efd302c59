"""Which invocation is on duty for each symbol: the newest one, its owner. And which ones were."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING, ReplaceOne
from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import DUTIES, SHIFTS
from optionchain.rhythm import Rhythm

# The owner of a stopped symbol. No invocation has this name, so every invocation is relieved.
NOBODY = "stopped"

HANDOVER = timedelta(seconds=1.5)
"""So long before its start a shift takes the ticks from the one before it.

Clocks of two execution environments may differ by about a second.
"""

_HOURS = ("since", "until", "interval", "offset")


class Duty(NamedTuple):
    """When a shift began, when it leaves at the latest, and the rhythm of its ticks. UTC.

    It is on duty until the next shift of the symbol begins. A tick is due each `interval` seconds,
    `offset` seconds after the wall-clock grid.
    """

    since: datetime
    until: datetime
    interval: int
    offset: int = 0

    @property
    def rhythm(self) -> Rhythm:
        """Return when ticks are due."""
        return Rhythm(self.interval, self.offset)


class ShiftRegister:
    """The collections `shifts`, a document a symbol, and `duties`, one a shift and rhythm.

    Raises StoreUnavailable if MongoDB does not answer.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._shifts: Collection[Any] = database[SHIFTS]
        self._duties: Collection[Any] = database[DUTIES]

    def begin(self, symbols: Sequence[str], owner: str, duty: Duty) -> None:
        """Put `owner` on duty for these symbols, and keep that it was."""
        self.begin_all({duty: symbols}, owner)

    def begin_all(self, duties: Mapping[Duty, Sequence[str]], owner: str) -> None:
        """Put `owner` on duty for the symbols of several rhythms; the duties begin at one time."""
        since = min(duty.since for duty in duties)
        self.take_over([each for symbols in duties.values() for each in symbols], owner, since)
        documents = [
            {"symbols": list(symbols), "owner": owner, **duty._asdict()}
            for duty, symbols in duties.items()
        ]
        with database_errors():
            self._duties.insert_many(documents)

    def take_over(self, symbols: Sequence[str], owner: str, since: datetime) -> None:
        """Make `owner` the owner of these symbols; their owners before are relieved."""
        owned = {"owner": owner, "since": since}
        writes = [ReplaceOne({"_id": symbol}, owned, upsert=True) for symbol in symbols]
        with database_errors():
            if writes:
                self._shifts.bulk_write(writes, ordered=False)

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

    def rhythms(self, symbols: Sequence[str], since: datetime) -> dict[str, Rhythm]:
        """Return the rhythm of the newest shift since an instant of each symbol that had one."""
        query = {"symbols": {"$in": list(symbols)}, "since": {"$gte": since}}
        columns = ("symbols", *_HOURS)
        with database_errors():
            found = self._duties.find(query, columns, sort=[("since", ASCENDING)], batch_size=1_000)
            return {symbol: duty_of(each).rhythm for each in found for symbol in each["symbols"]}

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
    offset = document.get("offset", 0)  # older shifts had none
    return Duty(document["since"], document["until"], document["interval"], offset)
