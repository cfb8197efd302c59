"""What the record knows of the contracts of a snapshot that is about to be stored."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from pymongo.database import Database

from chain_fetch.recording.bodies.known_legs import (
    CHANGE_IN_OI,
    KNOWN_FROM,
    KnownLeg,
    KnownLegs,
    known_in,
)
from chain_fetch.recording.bodies.leg_facts import is_plainly_new, known_of
from optionchain.errors import SnapshotIncomplete
from optionchain.exchange_time import exchange_date, expiry_text
from optionchain.market import Market, Session
from optionchain.mongo.client import Document
from optionchain.mongo.documents import (
    EXCHANGE_S_OWN,
    HeaderDocument,
    identifier,
    source_of,
    stamp_of,
)
from optionchain.mongo.listing_register import ListingRegister
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.snapshot import Leg, Snapshot

# A chain that was seen in the last minute of a day, or later, has all that was listed on it.
_LAST_MINUTE = timedelta(minutes=1)
_MOMENT = timedelta(milliseconds=1)


class _Remembered(NamedTuple):
    fetched_at: datetime
    legs: KnownLegs


class RecordedLegs:
    """Returns what is known of the legs of snapshots; safe for several threads.

    The legs of the newest snapshot of each expiry are kept in memory. They are read from the
    database where another execution environment has stored a newer one: at a tick that brings
    nothing new if there is one, else when they are needed. Raises StoreUnavailable.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._store = SnapshotReader(database, naive=True)
        self._listings = ListingRegister(database)
        self._remembered: dict[tuple[str, date], _Remembered] = {}

    def of(self, snapshot: Snapshot, before: HeaderDocument | None, market: Market) -> KnownLegs:
        """Return what is known of the legs of a snapshot; `before` is the header before it."""
        known = self.known(before) if before else {}
        new = known is not None and self._complete(known, snapshot, before, market)
        legs = known_of(snapshot, known or {}, unknown_are_new=new)
        self._remember(snapshot.symbol, snapshot.expiry, snapshot.fetched_at, legs)
        return legs

    def prepare(self, header: HeaderDocument) -> None:
        """Have the legs of a snapshot in memory before the next one comes."""
        if not self.is_prepared(header) and (legs := self.known(header)):
            self._remember(header["symbol"], header["expiry"].date(), header["fetched_at"], legs)

    def is_prepared(self, header: HeaderDocument) -> bool:
        """Tell whether the legs of a snapshot are in memory."""
        return self._in_memory(header) is not None

    def _in_memory(self, header: HeaderDocument) -> KnownLegs | None:
        remembered = self._remembered.get((header["symbol"], header["expiry"].date()))
        same = remembered and remembered.fetched_at == header["fetched_at"]
        return remembered.legs if remembered and same else None

    def known(self, header: HeaderDocument) -> dict[Leg, KnownLeg] | None:
        """Return the legs of a stored snapshot, None if its contracts are damaged."""
        if (known := self._in_memory(header)) is not None:
            return dict(known)
        try:
            documents = self._store.contracts(header, columns=KNOWN_FROM)
        except SnapshotIncomplete:
            return None
        return known_in(documents, exchange_date(stamp_of(header)), header.get("derived", ()))

    def _complete(
        self,
        known: dict[Leg, KnownLeg],
        snapshot: Snapshot,
        before: HeaderDocument | None,
        market: Market,
    ) -> bool:
        """Add the legs that the snapshot before lacks; tell whether the others are listed today.

        Legs vanish for a moment and come back, so an earlier snapshot may have them.
        """
        unknown = snapshot.legs - known.keys()
        if unknown and before:
            known.update(self._last_seen(snapshot, unknown))
            unknown -= known.keys()
            if not known.keys() & snapshot.legs:  # strikes were adjusted: the same contracts go on
                return False
        if before and source_of(before) != snapshot.source:
            return False  # another source may send contracts that nobody quotes
        derived = CHANGE_IN_OI in snapshot.derived
        news = (quote for quote in snapshot.quotes if quote.leg in unknown)
        if not any(is_plainly_new(quote, derived=derived) for quote in news):
            return False
        return self._has_day_before(snapshot, before, market)

    def _last_seen(self, snapshot: Snapshot, legs: Iterable[Leg]) -> dict[Leg, KnownLeg]:
        name, expiry = snapshot.symbol, expiry_text(snapshot.expiry)
        identifiers = [identifier(name, side, strike, expiry) for strike, side in legs]
        found: dict[Leg, KnownLeg] = {}
        columns = (*KNOWN_FROM, "exchange_timestamp", "fetched_at")
        for row in self._store.newest_documents(identifiers, columns):
            stamp = (row["exchange_timestamp"] or row["fetched_at"]).replace(tzinfo=UTC)
            derived = () if source_of(row) in EXCHANGE_S_OWN else (CHANGE_IN_OI,)
            found |= known_in([row], exchange_date(stamp), derived)
        return found

    def _has_day_before(
        self, snapshot: Snapshot, before: HeaderDocument | None, market: Market
    ) -> bool:
        """Tell whether the record shows what was listed at the end of the trading day before."""
        today = market.sessions(exchange_date(snapshot.stamp))
        session = market.last_session(today[0].opens - _MOMENT) if today else None
        if session is None:
            return False
        symbol, expiry, opens = snapshot.symbol, snapshot.expiry, today[0].opens
        if before and before["fetched_at"] >= opens:
            before = self._store.latest_header(symbol, expiry, opens - _MOMENT)
            if before and self.known(before) is None:
                return False
        if before:
            return source_of(before) == snapshot.source and _was_seen_to_the_end(before, session)
        return self._was_not_listed(symbol, expiry, session)

    def _was_not_listed(self, symbol: str, expiry: date, session: Session) -> bool:
        listing = self._listings.at(symbol, session.closes)
        return (
            listing is not None
            and listing.read_at >= session.opens
            and expiry not in (*listing.expiries, *listing.unlisted)
        )

    def _remember(self, symbol: str, expiry: date, fetched_at: datetime, legs: KnownLegs) -> None:
        key = symbol, expiry
        if key not in self._remembered:
            today = exchange_date(fetched_at)
            for other in list(self._remembered):
                if other[1] < today:
                    self._remembered.pop(other, None)
        self._remembered[key] = _Remembered(fetched_at, legs)


def _was_seen_to_the_end(header: HeaderDocument, session: Session) -> bool:
    return (
        exchange_date(stamp_of(header)) == exchange_date(session.opens)
        and header["last_seen_at"] >= session.closes - _LAST_MINUTE
    )
