"""The newest header of many expiries by one operation, for a recorder that asks at every tick."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.header_reader import HeaderReader

_COLUMNS = [name for name in HeaderDocument.__annotations__ if name != "analytics"]

type Chain = tuple[str, date]
"""A symbol and an expiry."""


class NewestHeaders:
    """Finds headers from the ticks on at which it found them last; raises StoreUnavailable.

    The newest header is of the newest known tick or of a later one. If that is not there any more,
    it is looked for without that knowledge. Analytics are left out.
    """

    def __init__(self, reader: HeaderReader) -> None:
        self._reader = reader
        self._ticks: dict[Chain, datetime] = {}

    def of(self, chains: Iterable[Chain]) -> Mapping[Chain, HeaderDocument]:
        """Return the newest header of each of these expiries that has one."""
        wanted = list(dict.fromkeys(chains))
        known = {chain: self._ticks[chain] for chain in wanted if chain in self._ticks}
        found = self._reader.newest_since(known)
        unknown: dict[str, list[date]] = {}
        for symbol, expiry in wanted:
            if (symbol, expiry) not in found:
                unknown.setdefault(symbol, []).append(expiry)
        for symbol, headers in self._reader.newest_of_symbols(unknown, _COLUMNS).items():
            found |= {(symbol, expiry): header for expiry, header in headers.items()}
        self._ticks |= {chain: header["fetched_at"] for chain, header in found.items()}
        return found
