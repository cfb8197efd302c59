"""The lists of one of several sources, which share what is listed of a symbol.

Two sources may list other expiries. What is listed is what any of them lists, so that no list
takes an expiry from the other one; each source is asked for those of its own list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import NSE
from optionchain.mongo.listing_register import Listing, ListingRegister, SourceList

# The list of a source that has not been read for so long says nothing any more. It is longer than
# any break of the market.
_KEPT_FOR = timedelta(days=15)
_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class SourceListings:
    """Where the lists of one source are kept; raises StoreUnavailable.

    `among` are all sources of the recorder. A source whose list was never read begins with what is
    listed, and reads its own list soon.
    """

    register: ListingRegister
    source: str
    among: Sequence[str]

    def newest(self, symbols: Sequence[str]) -> dict[str, Listing]:
        """Return what this source lists now of these symbols."""
        found = self.register.newest(symbols)
        return {symbol: self._own(listing) for symbol, listing in found.items()}

    def write(self, listing: Listing) -> None:
        """Store what this source lists, together with what the other sources list."""
        stored = self.register.at(listing.symbol, None)
        own = SourceList(listing.expiries, listing.read_at, listing.unlisted)
        lists = self._others(stored, listing) | {self.source: own}
        if lists.keys() == {NSE}:
            self.register.write(listing)
            return
        today = exchange_date(listing.read_at)
        expiries = sorted({day for each in lists.values() for day in each.expiries if day >= today})
        sent = {day for each in lists.values() for day in each.expiries if day not in each.unlisted}
        since = listing.since
        if stored and stored.current(today) == expiries:
            since = stored.since
        elif stored:
            # Later than the listing before it, even if two sources are read for one tick.
            since = max(since, stored.since + _MILLISECOND)
        self.register.write(
            Listing(
                symbol=listing.symbol,
                expiries=tuple(expiries),
                since=since,
                read_at=max(listing.read_at, since),
                unlisted=tuple(day for day in expiries if day not in sent),
                by_source=lists,
            )
        )

    def _own(self, listing: Listing) -> Listing:
        lists = _lists_in(listing)
        if own := lists.get(self.source):
            return Listing(listing.symbol, own.expiries, listing.since, own.read_at, own.unlisted)
        # Old, so that the list of this source is read with the next tick.
        return listing._replace(read_at=listing.read_at - _DAY, by_source={})

    def _others(self, stored: Listing | None, listing: Listing) -> dict[str, SourceList]:
        """Return the lists of the other sources that still say something."""
        return {
            name: each
            for name, each in (_lists_in(stored) if stored else {}).items()
            if name in self.among
            and name != self.source
            and listing.read_at - each.read_at < _KEPT_FOR
        }


def _lists_in(listing: Listing) -> Mapping[str, SourceList]:
    """Return the lists by source; a listing that names none is NSE's."""
    if listing.by_source:
        return listing.by_source
    return {NSE: SourceList(listing.expiries, listing.read_at, listing.unlisted)}
