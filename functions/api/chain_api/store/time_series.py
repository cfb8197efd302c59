"""The documents of contracts in a range of time, as far as headers commit them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from chain_api.calculations.candles import VolumeCounter
from chain_api.calculations.series_holes import Window, holes
from chain_api.store.header_series import Span, aware, headers_query, naive
from chain_api.store.snapshot_series import SnapshotSeriesReader
from chain_api.store.whole_snapshots import WholeSnapshots
from optionchain.exchange_time import expiry_text, midnight_utc
from optionchain.mongo.client import Document, database_errors, find_documents
from optionchain.mongo.documents import ContractDocument, source_of
from optionchain.mongo.stored_snapshot import add_missing_fields
from optionchain.snapshot import Side

_BATCH = 10_000
_MILLISECOND = timedelta(milliseconds=1)
# What follows the underscore in the order of characters: the end of a range of prefixes.
_AFTER_UNDERSCORE = "`"


class SeriesPosition(NamedTuple):
    """Where a series continues: at this contract and this instant, inclusive."""

    identifier: str
    since: datetime


class TimeSeriesReader(SnapshotSeriesReader):
    """Reads headers and contracts; raises StoreUnavailable if MongoDB does not answer.

    Datetimes in contract documents are naive and mean UTC, because most of them are only written.
    """

    def __init__(self, database: Database[Document]) -> None:
        super().__init__(database)
        self._snapshots = WholeSnapshots(database)

    def documents(
        self,
        span: Span,
        contracts: Sequence[str],
        position: SeriesPosition | None,
        most: int,
        columns: Sequence[str] | None = None,
    ) -> tuple[list[ContractDocument], SeriesPosition | None]:
        """Return at most `most` documents, contract after contract and by tick, and the position
        of the next document, None if there is no further one.

        `contracts` are identifiers of the span's expiry in the order wanted; reading begins at
        `position`. Documents that no header commits are left out. `columns` are the fields wanted,
        `identifier` and `fetched_at` among them; None means all. Raises SnapshotIncomplete if a
        document is missing because its snapshot is not whole.
        """
        wanted = left = list(contracts[_rank(contracts, position) :])
        expected = self._expected(span, most) if len(left) > 1 else most
        found: list[ContractDocument] = []
        since, rest = position.since if position else span.start, None
        with database_errors():
            while left and rest is None and len(found) < most:
                room = most - len(found)
                several = 1 if since > span.start else max(room // max(expected, 1), 1)
                batch, left = left[:several], left[several:]
                found += self._batch(span, batch, since, room, columns)
                since = span.start
                if len(found) > most:
                    rest = _position(found[most])
            if rest is None:
                rest = self._first(span, left)
        first = position.since if position else span.start
        windows = _windows(span, wanted, first, rest)
        return self._committed(span, found[:most], windows), rest

    def volumes_before(
        self, span: Span, contracts: Sequence[str], since: datetime, until: datetime
    ) -> dict[str, VolumeCounter]:
        """Return the last known volume counter of contracts in since ≤ t < until, by identifier.

        The last snapshot of the range tells most of them; the others are looked up one by one, and
        are None where no snapshot tells them. Without a snapshot in the range nothing is returned.
        """
        earlier = _chain(span) | {"fetched_at": {"$gte": since, "$lt": until}}
        fields = {"_id": False, "identifier": True, "total_traded_volume": True, "source": True}
        with database_errors():
            header = self._headers.find_one(
                earlier, {"fetched_at": True}, sort=[("fetched_at", DESCENDING)]
            )
            if header is None:
                return {}
            wanted = {"identifier": {"$in": list(contracts)}, "fetched_at": header["fetched_at"]}
            rows = list(self._contracts.find(_chain(span) | wanted, fields, batch_size=_BATCH))
        known = {row["identifier"]: _counter(row) for row in rows}
        if len(rows) < len(contracts):
            self._snapshots.check(span, [naive(header["fetched_at"])])
        for name in contracts:
            if name not in known or known[name].volume is None:
                known[name] = self._last_volume(span, name, since, header["fetched_at"])
        return known

    def _last_volume(
        self, span: Span, contract: str, since: datetime, until: datetime
    ) -> VolumeCounter:
        """Return the last volume that was sent for a contract in since ≤ t < until."""
        query = _chain(span) | {
            "identifier": contract,
            "fetched_at": {"$gte": since, "$lt": until},
            "total_traded_volume": {"$ne": None},
        }
        names = ("fetched_at", "total_traded_volume", "source")
        fields = {"_id": False, **dict.fromkeys(names, True)}
        with database_errors():
            for row in self._contracts.find(query, fields, sort=[("fetched_at", DESCENDING)]):
                if self._committed(span, [row], []):
                    return _counter(row)
        return VolumeCounter(None, None)

    def is_known(self, span: Span, identifier: str) -> bool:  # noqa: ARG002  (for subclasses)
        """Tell whether any document of a contract of a span's expiry is stored."""
        with database_errors():
            return self._contracts.find_one({"identifier": identifier}, {"_id": True}) is not None

    def identifiers(self, span: Span, sides: Sequence[Side]) -> list[str]:
        """Return every contract of a span's expiry that is stored, whatever its time.

        A leg may vanish for a moment, so no snapshot is sure to have them all. The index has: in it
        MongoDB skips from one identifier to the next.
        """
        expiry = f"_{expiry_text(span.expiry)}"
        found: list[str] = []
        with database_errors():
            for side in sides:
                prefix = f"{span.symbol}_{side}"
                within = {"$gt": f"{prefix}_", "$lt": f"{prefix}{_AFTER_UNDERSCORE}"}
                found += self._contracts.distinct("identifier", {"identifier": within})
        return [name for name in found if name.endswith(expiry)]

    def _first(self, span: Span, contracts: Sequence[str]) -> SeriesPosition | None:
        """Return the position of the first of these contracts that has a document in a span."""
        for name in contracts:
            if self._batch(span, [name], span.start, 0, ("fetched_at",)):
                return SeriesPosition(name, span.start)
        return None

    def _expected(self, span: Span, most: int) -> int:
        """Return how many documents a contract can have in a span, counted up to `most` + 1."""
        with database_errors():
            return self._headers.count_documents(headers_query(span), limit=most + 1)

    def _batch(
        self,
        span: Span,
        contracts: Sequence[str],
        since: datetime,
        room: int,
        columns: Sequence[str] | None,
    ) -> list[ContractDocument]:
        """Return all documents of several contracts from `since` to the end of a span.

        Of a single one, return the first `room` + 1.
        """
        query = _chain(span) | {"fetched_at": {"$gte": since, "$lte": span.end}}
        if len(contracts) == 1:
            query["identifier"] = contracts[0]
            options = {"sort": [("fetched_at", ASCENDING)], "limit": room + 1}
            return self._found(query, columns, **options)
        query["identifier"] = {"$in": list(contracts)}
        ranks = {identifier: rank for rank, identifier in enumerate(contracts)}
        found = self._found(query, columns)
        found.sort(key=lambda row: (ranks[row["identifier"]], row["fetched_at"]))
        return found

    def _found(
        self,
        query: dict[str, Any],
        columns: Sequence[str] | None,
        **options: Any,  # noqa: ANN401  (those of find)
    ) -> list[ContractDocument]:
        found = find_documents(self._contracts, query, columns, batch_size=_BATCH, **options)
        add_missing_fields(found, columns)
        return found

    def _committed(
        self, span: Span, documents: list[ContractDocument], windows: Sequence[Window]
    ) -> list[ContractDocument]:
        """Return the documents that a header commits, so that nobody sees half a snapshot."""
        whole = self._committed_ticks(span, documents, windows)
        return [document for document in documents if document["fetched_at"] in whole]

    def _committed_ticks(
        self, span: Span, documents: list[ContractDocument], windows: Sequence[Window]
    ) -> set[datetime]:
        """Return the ticks of these documents and windows that a header commits, naive.

        Raises SnapshotIncomplete if a window lacks a document because its snapshot is not whole.
        """
        times = [document["fetched_at"] for document in documents]
        times += [instant for window in windows for instant in (window.since, window.until)]
        if not times:
            return set()
        within = Span(span.symbol, span.expiry, min(times), max(times))
        with database_errors():
            committed = self._naive_headers.distinct("fetched_at", headers_query(within))
        points: dict[str, set[datetime]] = {}
        for document in documents:
            if windows:
                points.setdefault(document["identifier"], set()).add(document["fetched_at"])
        self._snapshots.check(span, holes(windows, sorted(committed), points))
        return set(committed)


def _chain(span: Span) -> dict[str, Any]:
    """Return what a contract's name says as well: with it, one shard is asked."""
    return {"symbol": span.symbol, "expiry": midnight_utc(span.expiry)}


def _counter(row: Document) -> VolumeCounter:
    return VolumeCounter(row["total_traded_volume"], source_of(row))


def _windows(
    span: Span, contracts: Sequence[str], first: datetime, rest: SeriesPosition | None
) -> list[Window]:
    """Return what a page shows of each contract, naive as documents; the first from `first` on."""
    found, since = [], first
    for identifier in contracts:
        until = span.end
        if rest and rest.identifier == identifier:
            until = rest.since - _MILLISECOND
        if since <= until:
            found.append(Window(identifier, naive(since), naive(until)))
        if rest and rest.identifier == identifier:
            break
        since = span.start
    return found


def _rank(contracts: Sequence[str], position: SeriesPosition | None) -> int:
    return contracts.index(position.identifier) if position else 0


def _position(document: ContractDocument) -> SeriesPosition:
    return SeriesPosition(document["identifier"], aware(document["fetched_at"]))
