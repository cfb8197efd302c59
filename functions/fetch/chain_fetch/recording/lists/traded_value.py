"""What was listed and traded of each symbol by the end of a session, out of the record.

A constant number of reads, however many symbols there are.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from chain_fetch.recording.lists.symbol_list_rules import SymbolFacts
from optionchain.exchange_time import IST, exchange_date, midnight_utc
from optionchain.market import Session
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.mongo.listing_register import Listing, ListingRegister

# Nearly every chain changes once in so long before the close, or in the evening.
_LAST_PART = timedelta(minutes=15)
_PARTS = ("call_volume", "put_volume", "lot_size", "underlying_value")
_COLUMNS = {"_id": False} | dict.fromkeys(("symbol", "expiry", "fetched_at", *_PARTS), True)
_MOST_ROWS = 100_000

type _Key = tuple[str, date]


class TradedValue:
    """Reads listings and headers; raises StoreUnavailable if MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        self._headers: Collection[Any] = database[SNAPSHOTS]
        self._listings = ListingRegister(database)

    def of(self, session: Session | None) -> dict[str, SymbolFacts]:
        """Return what is known of each symbol of which a list of expiries was ever read.

        `session` is the last one that has ended, None if there is none.
        """
        listings = self._listings.newest()
        traded = self._traded(listings, session) if session else {}
        return {
            symbol: SymbolFacts(each.expiries, traded.get(symbol))
            for symbol, each in listings.items()
        }

    def _traded(self, listings: Mapping[str, Listing], session: Session) -> dict[str, float | None]:
        day = exchange_date(session.opens)
        midnight = datetime.combine(day + timedelta(days=1), time.min, IST).astimezone(UTC)
        part = {"$gte": session.closes - _LAST_PART, "$lt": midnight}
        found = self._newest({"fetched_at": part})
        wanted = {
            symbol: [expiry for expiry in each.expiries if expiry >= day]
            for symbol, each in listings.items()
        }
        # What has not changed since is looked up by itself.
        missing = [
            {"symbol": symbol, "expiry": {"$in": [midnight_utc(each) for each in lacking]}}
            for symbol, expiries in wanted.items()
            if (lacking := [each for each in expiries if (symbol, each) not in found])
        ]
        if missing:
            earlier = {"$gte": session.opens, "$lt": session.closes - _LAST_PART}
            found |= self._newest({"$or": [each | {"fetched_at": earlier} for each in missing]})
        return {
            symbol: _sum(_rupees(found.get((symbol, each))) for each in expiries)
            for symbol, expiries in wanted.items()
        }

    def _newest(self, query: Document) -> dict[_Key, Document]:
        newest: dict[_Key, Document] = {}
        with database_errors():
            for row in self._headers.find(query, _COLUMNS, batch_size=_MOST_ROWS):
                key = row["symbol"], row["expiry"].date()
                if key not in newest or newest[key]["fetched_at"] < row["fetched_at"]:
                    newest[key] = row
        return newest


def _rupees(header: Document | None) -> float | None:
    """Return the notional value of a day's trades; None if a part of it is not known."""
    parts = [(header or {}).get(name) for name in _PARTS]
    if None in parts:
        return None
    calls, puts, lot, underlying = (float(part) for part in parts if part is not None)
    return (calls + puts) * lot * underlying


def _sum(values: Iterable[float | None]) -> float | None:
    """Return the sum of known values; None of unknown ones, or of none."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) if found and len(known) == len(found) else None
