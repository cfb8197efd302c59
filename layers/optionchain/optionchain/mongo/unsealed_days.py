"""Which recorded days are not sealed in the archive, looked up by index from day to day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from optionchain.exchange_time import IST, exchange_date
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.deletion_register import DeletionRegister
from optionchain.mongo.indexes import SNAPSHOTS, TICKS
from optionchain.mongo.seal_register import Seal, SealRegister
from optionchain.mongo.united_pipelines import Stages, united

_DAY, _MILLISECOND = timedelta(days=1), timedelta(milliseconds=1)
# In the evening a day is read for the last time before this time in India.
_LAST_READ = time(21, 15)
# Where the instant of a document is.
_INSTANTS = {SNAPSHOTS: "fetched_at", TICKS: "tick"}


class UnsealedDay(NamedTuple):
    """A day in India of a symbol that the archive lacks; `first` is its oldest header or tick."""

    symbol: str
    day: date
    first: datetime


class UnsealedDays:
    """Looks in the database alone; raises StoreUnavailable.

    A seal that is older than a header of its day does not count: the day was sealed before its
    evening. With the name of an archive, only its seals count. A day of which MongoDB has deleted a
    part is never sealed any more: it is cut.
    """

    def __init__(self, database: Database[Document], archive: str | None = None) -> None:
        self._database = database
        self._seals = SealRegister(database, archive)
        self._deletions = DeletionRegister(database)

    def symbols(self) -> list[str]:
        """Return every symbol with a header or a tick, in order."""
        with database_errors():
            found = [self._database[name].distinct("symbol") for name in _INSTANTS]
        return sorted(set().union(*found))

    def find(
        self, since: date, until: date, symbols: Sequence[str] | None = None
    ) -> list[UnsealedDay]:
        """Return the unsealed days in since ≤ day ≤ until that are whole, the oldest first."""
        return self._find(max(since, self._deletions.whole_from()), until, symbols)

    def find_cut(self, since: date, until: date) -> list[UnsealedDay]:
        """Return the unsealed days in since ≤ day ≤ until of which only a part may be left."""
        whole_from = self._deletions.whole_from()
        return [] if whole_from <= since else self._find(since, min(until, whole_from - _DAY))

    def _find(
        self, since: date, until: date, symbols: Sequence[str] | None = None
    ) -> list[UnsealedDay]:
        seals = self._seals.of_days(since, until, symbols) if since <= until else []
        sealed = {(seal.symbol, seal.day) for seal in self._holding(seals)}
        return self._recorded(since, until, symbols, sealed)

    def recorded_days(
        self, since: date, until: date, symbols: Sequence[str] | None = None
    ) -> list[UnsealedDay]:
        """Return all recorded days in since ≤ day ≤ until, sealed or not, the oldest first."""
        return self._recorded(since, until, symbols, set())

    def _recorded(
        self, since: date, until: date, symbols: Sequence[str] | None, sealed: set[tuple[str, date]]
    ) -> list[UnsealedDay]:
        """Return the recorded days without those that are sealed, by a few queries."""
        names = self.symbols() if symbols is None else list(dict.fromkeys(symbols))
        begin = self._oldest_day()
        if begin is None or not names:
            return []
        wanted: dict[date, list[str]] = {}
        for number in range((until - max(since, begin)).days + 1):
            day = max(since, begin) + number * _DAY
            if lacking := [name for name in names if (name, day) not in sealed]:
                wanted[day] = lacking
        firsts: dict[tuple[str, date], datetime] = {}
        for name in _INSTANTS:
            for symbol, first in self._outermost(name, wanted, ASCENDING):
                key = symbol, exchange_date(first)
                firsts[key] = min(first, firsts.get(key, first))
        found = [UnsealedDay(symbol, day, first) for (symbol, day), first in firsts.items()]
        return sorted(found, key=lambda each: (each.day, each.symbol))

    def recorded(self, day: date) -> list[str]:
        """Return the symbols with a header of a day, in order."""
        ends = start_of(day + _DAY)
        instants = {name: self._first(SNAPSHOTS, name, start_of(day)) for name in self.symbols()}
        return [name for name, first in instants.items() if first and first < ends]

    def holds_all(self, seal: Seal) -> bool:
        """Tell whether no header of the day came after the seal."""
        return bool(self._holding([seal]))

    def _holding(self, seals: Sequence[Seal]) -> list[Seal]:
        """Return the seals that hold all of their days, by a few queries."""
        doubted: dict[date, list[str]] = {}
        for seal in seals:
            if not _is_final(seal):
                doubted.setdefault(seal.day, []).append(seal.symbol)
        newest = {
            (symbol, exchange_date(at)): at
            for symbol, at in self._outermost(SNAPSHOTS, doubted, DESCENDING)
        }
        return [
            seal
            for seal in seals
            if _is_final(seal)
            or (at := newest.get((seal.symbol, seal.day))) is None
            or at < seal.holds_until + _MILLISECOND
        ]

    def _oldest_day(self) -> date | None:
        """Return the day of the oldest header or tick of all symbols."""
        with database_errors():
            found = [
                row[instant]
                for name, instant in _INSTANTS.items()
                if (row := self._database[name].find_one({}, [instant], sort=[(instant, 1)]))
            ]
        return exchange_date(min(found)) if found else None

    def _outermost(
        self, name: str, days: Mapping[date, Sequence[str]], order: int
    ) -> Iterator[tuple[str, datetime]]:
        """Yield symbol and instant of the first (or last) document of each symbol on its days.

        Days on which nothing at all is recorded, such as those of a weekend, are found first.
        """
        instant, documents = _INSTANTS[name], self._database[name]
        any_of: Iterable[Stages] = (
            [{"$match": {instant: _within(day)}}, {"$limit": 1}, {"$project": {instant: True}}]
            for day in days
        )
        recorded = {exchange_date(row[instant]) for row in united(documents, any_of)}
        # Sorted like the index or against it, so that MongoDB skips from symbol to symbol.
        by_symbol = {"symbol": -order, instant: order}
        branches: Iterable[Stages] = (
            [
                {"$match": {"symbol": {"$in": list(symbols)}, instant: _within(day)}},
                {"$sort": by_symbol},
                {"$group": {"_id": "$symbol", "at": {"$first": f"${instant}"}}},
            ]
            for day, symbols in days.items()
            if day in recorded
        )
        for row in united(documents, branches):
            yield row["_id"], row["at"]

    def _first(self, collection: str, symbol: str, at: datetime) -> datetime | None:
        """Return the instant of the first document of a symbol at or after another one."""
        name = _INSTANTS[collection]
        query: Document = {"symbol": symbol, name: {"$gte": at}}
        columns: dict[str, Any] = {name: True, "_id": False}
        with database_errors():
            found = self._database[collection].find_one(query, columns, sort=[(name, ASCENDING)])
        return found[name] if found else None


def start_of(day: date) -> datetime:
    """Return the instant at which a day begins in India, UTC."""
    return datetime.combine(day, time.min, IST).astimezone(UTC)


def _within(day: date) -> Document:
    """Return the condition on instants of a day in India."""
    return {"$gte": start_of(day), "$lt": start_of(day + _DAY)}


def _is_final(seal: Seal) -> bool:
    """Tell whether nothing more is read of a day after its seal."""
    last_read = datetime.combine(seal.day, _LAST_READ, IST)
    return seal.holds_until >= last_read + timedelta(minutes=1)
