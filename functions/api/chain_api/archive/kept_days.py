"""Which days of a symbol the database has as a whole, by what is in it."""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from threading import Lock
from typing import NamedTuple

from cachetools import TTLCache
from pymongo.database import Database

from optionchain.exchange_time import IST, exchange_date
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.seal_register import SealRegister

_DAY = timedelta(days=1)
_SECONDS_KEPT = 60
_MOST_SYMBOLS = 512


class _Kept(NamedTuple):
    """The tick of the oldest header, and the first day of which nothing is deleted."""

    oldest: datetime | None
    whole_from: date


class KeptDays:
    """Knows for a minute what the database has; safe for several threads. Raises StoreUnavailable.

    Where RETENTION_DAYS was raised, or a database is new, it has less than RETENTION_DAYS says:
    that it has the days from `first_whole_day` on.
    """

    def __init__(
        self,
        database: Database[Document],
        first_whole_day: Callable[[], date],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._headers = database[SNAPSHOTS]
        self._seals = SealRegister(database)
        self._first_whole_day = first_whole_day
        self._known: TTLCache[str, _Kept] = TTLCache(_MOST_SYMBOLS, _SECONDS_KEPT, monotonic)
        self._lock = Lock()

    def oldest(self, symbol: str) -> datetime | None:
        """Return the tick of the oldest header of a symbol."""
        return self._kept(symbol).oldest

    def whole_from(self, symbol: str) -> date:
        """Return the first day in India from which on the database has all that was recorded."""
        return max(self._kept(symbol).whole_from, self._first_whole_day())

    def has(self, symbol: str, day: date) -> bool:
        """Tell whether the database has a sealed day as a whole, whatever its retention is."""
        if day >= self.whole_from(symbol):
            return True
        oldest = self.oldest(symbol)
        if oldest is None or day < exchange_date(oldest):
            return False
        return not self._lacks_headers(symbol, day)

    def _kept(self, symbol: str) -> _Kept:
        with self._lock:
            known = self._known.get(symbol)
        if known is None:
            known = self._read(symbol)
            with self._lock:
                self._known[symbol] = known
        return known

    def _read(self, symbol: str) -> _Kept:
        columns, order = {"_id": False, "fetched_at": True}, [("fetched_at", 1)]
        with database_errors():
            header = self._headers.find_one({"symbol": symbol}, columns, sort=order)
        if header is None:
            return _Kept(None, date.max)
        day = exchange_date(header["fetched_at"])
        return _Kept(header["fetched_at"], day + _DAY if self._is_cut(symbol, day) else day)

    def _is_cut(self, symbol: str, day: date) -> bool:
        if day < self._first_whole_day():
            return False  # it is read from the archive in any case
        return self._lacks_headers(symbol, day)

    def _lacks_headers(self, symbol: str, day: date) -> bool:
        """Tell whether a day has fewer headers than when it was sealed."""
        seals = self._seals.of_days(day, day, [symbol])
        if not seals:
            return False
        midnight = datetime.combine(day, clock_time.min, IST)
        of_day = {"symbol": symbol, "fetched_at": {"$gte": midnight, "$lt": midnight + _DAY}}
        with database_errors():
            return self._headers.count_documents(of_day) < seals[0].headers
