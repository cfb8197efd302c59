"""Days that were sealed, and that neither the archive nor the database has any more."""

import time
from collections.abc import Callable, Iterable
from datetime import date
from threading import Lock

from cachetools import TTLCache
from pymongo.database import Database

from chain_api.archive.kept_days import KeptDays
from optionchain.archive.catalogue import Catalogue
from optionchain.mongo.client import Document
from optionchain.mongo.seal_register import SealRegister

_SECONDS_KEPT = 60
_MOST_SYMBOLS = 512


class MissingDays:
    """Compares the seals of the database with the archive, once a minute.

    A day is missing after a manifest was deleted, or where ARCHIVE_URL names another archive. Safe
    for several threads. Raises ArchiveUnavailable and StoreUnavailable.
    """

    def __init__(
        self,
        database: Database[Document],
        catalogue: Catalogue,
        kept: KeptDays,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seals = SealRegister(database)
        self._catalogue = catalogue
        self._kept = kept
        self._known: TTLCache[str, frozenset[date]] = TTLCache(
            _MOST_SYMBOLS, _SECONDS_KEPT, monotonic
        )
        self._lock = Lock()

    def of(self, symbol: str) -> frozenset[date]:
        """Return the missing days of a symbol."""
        with self._lock:
            known = self._known.get(symbol)
        if known is None:
            known = frozenset(self._among(symbol, self._seals.days(symbol)))
            with self._lock:
                self._known[symbol] = known
        return known

    def of_all(self) -> dict[str, list[date]]:
        """Return the missing days of each symbol that has any, in order."""
        found = {
            symbol: sorted(self._among(symbol, days))
            for symbol, days in sorted(self._seals.days_by_symbol().items())
        }
        return {symbol: days for symbol, days in found.items() if days}

    def _among(self, symbol: str, sealed: Iterable[date]) -> set[date]:
        hidden = set(sealed).difference(self._catalogue.days(symbol))
        if hidden:
            # A day that was sealed a moment ago is not in a listing that is kept since before.
            hidden.difference_update(self._catalogue.days(symbol, fresh=True))
        return {day for day in hidden if not self._kept.has(symbol, day)}
