"""Which recorded days are not sealed in the archive, looked up by index from day to day."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from pymongo import ASCENDING
from pymongo.database import Database

from optionchain.exchange_time import IST, exchange_date
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.deletion_register import DeletionRegister
from optionchain.mongo.indexes import SNAPSHOTS, TICKS
from optionchain.mongo.seal_register import Seal, SealRegister

_DAY = timedelta(days=1)
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
        if since > until:
            return []
        sealed: defaultdict[str, set[date]] = defaultdict(set)
        for seal in self._seals.of_days(since, until, symbols):
            if self.holds_all(seal):
                sealed[seal.symbol].add(seal.day)
        found = [
            each
            for symbol in (self.symbols() if symbols is None else symbols)
            for each in self._of_symbol(symbol, since, until, sealed[symbol])
        ]
        return sorted(found, key=lambda each: (each.day, each.symbol))

    def recorded_days(
        self, since: date, until: date, symbols: Sequence[str] | None = None
    ) -> list[UnsealedDay]:
        """Return all recorded days in since ≤ day ≤ until, sealed or not, the oldest first."""
        names = self.symbols() if symbols is None else symbols
        found = [each for name in names for each in self._of_symbol(name, since, until, set())]
        return sorted(found, key=lambda each: (each.day, each.symbol))

    def recorded(self, day: date) -> list[str]:
        """Return the symbols with a header of a day, in order."""
        ends = start_of(day + _DAY)
        instants = {name: self._first(SNAPSHOTS, name, start_of(day)) for name in self.symbols()}
        return [name for name, first in instants.items() if first and first < ends]

    def holds_all(self, seal: Seal) -> bool:
        """Tell whether no header of the day came after the seal."""
        last_read = datetime.combine(seal.day, _LAST_READ, IST)
        if seal.holds_until >= last_read + timedelta(minutes=1):
            return True
        newer = self._first(SNAPSHOTS, seal.symbol, seal.holds_until + timedelta(milliseconds=1))
        return newer is None or newer >= start_of(seal.day + _DAY)

    def _of_symbol(
        self, symbol: str, since: date, until: date, sealed: set[date]
    ) -> Iterator[UnsealedDay]:
        day = since
        while True:
            while day in sealed:
                day += _DAY
            first = self._first_of_both(symbol, start_of(day))
            if first is None or (day := exchange_date(first)) > until:
                return
            if day not in sealed:
                yield UnsealedDay(symbol, day, first)
                day += _DAY

    def _first_of_both(self, symbol: str, at: datetime) -> datetime | None:
        found = [self._first(name, symbol, at) for name in _INSTANTS]
        return min((each for each in found if each), default=None)

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
