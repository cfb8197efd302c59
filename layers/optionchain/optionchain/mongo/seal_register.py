"""Which days are sealed in the archive, as the database knows it: one document a symbol and day.

It is written after the manifest, which is the truth. Retention and health look here, so that
neither asks the archive.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, NamedTuple

from pymongo import DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import SEALS

_NO_ID = {"_id": False}


class Seal(NamedTuple):
    """A sealed day in India of a symbol: the version of its manifest, and what that counts.

    `evidence` is a digest of what the database had of the day when it was sealed. `archive` names
    the archive, as `place_of` does; earlier releases did not keep it. At `compared_at` the archive
    had what the database had.
    """

    symbol: str
    day: date
    version: int
    sealed_at: datetime
    headers: int
    contracts: int
    ticks: int
    evidence: str | None = None
    archive: str | None = None
    compared_at: datetime | None = None

    @property
    def holds_until(self) -> datetime:
        """Return the newest instant up to which the archive is known to have everything."""
        return max(self.sealed_at, self.compared_at or self.sealed_at)


class SealRegister:
    """The collection `seals`; raises StoreUnavailable if MongoDB does not answer.

    With the name of an archive it knows the seals of that archive alone: one that the database was
    sealed into before does not have what is sealed in another one.
    """

    def __init__(self, database: Database[Document], archive: str | None = None) -> None:
        self._seals: Collection[Any] = database[SEALS]
        self._known: Document = {} if archive is None else {"archive": {"$in": [None, archive]}}

    def write(self, seal: Seal) -> None:
        """Store a seal in the place of one of another archive; one of a newer version stays."""
        document = {**seal._asdict(), "day": midnight_utc(seal.day)}
        key = {"symbol": seal.symbol, "day": document["day"]}
        of_another = {"archive": {"$nin": [None, seal.archive]}}
        older = {**key, "$or": [{"version": {"$lte": seal.version}}, of_another]}
        # The unique index refuses a second document of the day: then a newer one is there.
        with database_errors(), suppress(DuplicateKeyError):
            self._seals.replace_one(older, document, upsert=True)

    def of_days(self, first: date, last: date, symbols: Sequence[str] | None = None) -> list[Seal]:
        """Return the seals of the days first ≤ day ≤ last, of these symbols or of all."""
        days = {"$gte": midnight_utc(first), "$lte": midnight_utc(last)}
        query: Document = {**self._known, "day": days}
        if symbols is not None:
            query["symbol"] = {"$in": list(symbols)}
        with database_errors():
            rows = list(self._seals.find(query, _NO_ID, batch_size=10_000))
        return sorted(_seal(row) for row in rows)

    def days(self, symbol: str) -> list[date]:
        """Return the days of which a symbol is sealed, in order. The index alone answers."""
        query = {"day": {"$gte": midnight_utc(date.min)}, "symbol": symbol}
        with database_errors():
            rows = list(self._seals.find(query, {"_id": False, "day": True}, batch_size=10_000))
        return sorted(row["day"].date() for row in rows)

    def days_by_symbol(self) -> dict[str, list[date]]:
        """Return the sealed days of every symbol, in order. The index alone answers."""
        columns = {"_id": False, "day": True, "symbol": True}
        query = {"day": {"$gte": midnight_utc(date.min)}}
        with database_errors():
            rows = list(self._seals.find(query, columns, sort=[("day", 1)], batch_size=10_000))
        found: dict[str, list[date]] = {}
        for row in rows:
            found.setdefault(row["symbol"], []).append(row["day"].date())
        return found

    def number(self) -> int:
        """Return how many days of symbols are sealed: MongoDB's own count if all are known."""
        with database_errors():
            if self._known:
                return self._seals.count_documents(self._known)
            return self._seals.estimated_document_count()

    def newest_day(self) -> date | None:
        """Return the newest day of which any symbol is sealed."""
        with database_errors():
            found = self._seals.find_one(self._known, {"day": True}, sort=[("day", DESCENDING)])
        return found["day"].date() if found else None


def _seal(row: Document) -> Seal:
    return Seal(**{**row, "day": row["day"].date()})
