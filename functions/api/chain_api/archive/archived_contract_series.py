"""Contracts through time, from the files of cold days. What is sealed is committed and whole."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from typing import Any, cast

from cachetools import LRUCache

from chain_api.archive.archived_days import ArchivedDays, SomeDays
from chain_api.archive.cold_days import ColdDays
from chain_api.archive.contract_rows import ContractRows
from chain_api.archive.range_parts import RangePart
from chain_api.calculations.candles import VolumeCounter
from chain_api.store.header_series import Span
from optionchain.archive.manifest import Manifest
from optionchain.exchange_time import IST, midnight_utc
from optionchain.mongo.documents import ContractDocument, source_of

_VOLUME = "total_traded_volume"
_COUNTER = ("identifier", _VOLUME, "source")
# A value that its column cannot hold is in the column `extra`.
_SENT = f"({_VOLUME} IS NOT NULL OR extra IS NOT NULL)"
_NEWEST = "QUALIFY row_number() OVER (PARTITION BY identifier ORDER BY fetched_at DESC) = 1"
_NOT_KNOWN = VolumeCounter(None, None)
# Each has the names of an expiry's contracts on a day: some 200, or 20 KB.
_MOST_LISTS = 256


class ArchivedContractSeries:
    """Reads the contracts of cold days, as TimeSeriesReader does. Raises ArchiveUnavailable."""

    def __init__(self, cold: ColdDays) -> None:
        self._archived = ArchivedDays(cold)
        self._names: LRUCache[tuple[str, date], frozenset[str]] = LRUCache(_MOST_LISTS)
        self._lock = Lock()

    def documents(
        self,
        span: Span,
        contracts: Sequence[str],
        cold: Sequence[RangePart],
        columns: Sequence[str] | None,
        most: int | None = None,
    ) -> list[ContractDocument]:
        """Return the documents of contracts in these days, or the first `most`, by tick."""
        rows = ContractRows(columns)
        where, values = _of_contracts(span, contracts)
        found: list[Any] = []
        for days in self._archived.days(span.symbol, cold, span.expiry, growing=most is not None):
            order, room = "ORDER BY fetched_at", list[int]()
            if most is not None:
                order, room = f"{order} LIMIT ?", [most - len(found)]
            select = rows.select
            read = self._archived.rows(days, "contracts", select, where, [*values, *room], order)
            found += rows.documents(read)
            if most is not None and len(found) >= most:
                break
        return found

    def at(
        self,
        span: Span,
        cold: Sequence[RangePart],
        ticks: Sequence[datetime],
        columns: Sequence[str],
    ) -> list[ContractDocument]:
        """Return the documents of these ticks, naive in UTC, of a span's expiry, in no order."""
        rows = ContractRows(columns)
        where = ["expiry = ?", f"fetched_at IN ({', '.join('?' for _ in ticks)})"]
        values = [midnight_utc(span.expiry), *(tick.replace(tzinfo=UTC) for tick in ticks)]
        found: list[Any] = []
        for days in self._archived.days(span.symbol, cold, span.expiry, growing=False):
            read = self._archived.rows(days, "contracts", rows.select, where, values)
            found += rows.documents(read)
        return found

    def volumes(
        self, span: Span, contracts: Sequence[str], day: RangePart
    ) -> dict[str, VolumeCounter]:
        """Return the last volume counter of contracts that was sent in a day, by identifier."""
        rows = ContractRows(_COUNTER)
        where, values = _of_contracts(span, contracts)
        known = dict.fromkeys(contracts, _NOT_KNOWN)
        for days in self._archived.days(span.symbol, [day], span.expiry):
            sent = [*where, _SENT]
            read = self._archived.rows(days, "contracts", rows.select, sent, values, _NEWEST)
            for row in rows.documents(read):
                known[row["identifier"]] = self._counter(span, row, day)
        return known

    def has(self, span: Span, identifier: str, cold: Sequence[RangePart]) -> bool:
        """Tell whether any of these days has a document of a contract."""
        return any(identifier in names for names in self._names_of(span, cold))

    def identifiers(self, span: Span, cold: Sequence[RangePart]) -> set[str]:
        """Return every contract of a span's expiry that these days have."""
        return set[str]().union(*self._names_of(span, cold))

    def _names_of(self, span: Span, cold: Sequence[RangePart]) -> Iterator[frozenset[str]]:
        """Yield the contracts of an expiry, day by day: all of a day, for later pages too."""
        for days in self._archived.days(span.symbol, cold, span.expiry, growing=False):
            for manifest in days.manifests:
                key = manifest.files["contracts"].sha256, span.expiry
                with self._lock:
                    known = self._names.get(key)
                if known is None:
                    known = self._read_names(manifest, span.expiry)
                    with self._lock:
                        self._names[key] = known
                yield known

    def _read_names(self, manifest: Manifest, expiry: date) -> frozenset[str]:
        midnight = datetime.combine(manifest.day, time.min, IST)
        day = SomeDays([manifest], midnight, midnight + timedelta(days=1))
        where, values = ["expiry = ?"], [midnight_utc(expiry)]
        rows = self._archived.rows(day, "contracts", "DISTINCT identifier", where, values)
        return frozenset(name for (name,) in rows)

    def _counter(self, span: Span, row: dict[str, Any], day: RangePart) -> VolumeCounter:
        """Return the counter that a contract's newest document of a day tells."""
        documents = [cast("ContractDocument", row)]
        if row.get(_VOLUME) is None:  # `extra` has something else
            documents = self.documents(span, [row["identifier"]], [day], _COUNTER)
        told = [each for each in documents if each.get(_VOLUME) is not None]
        return (
            VolumeCounter(told[-1]["total_traded_volume"], source_of(told[-1]))
            if told
            else _NOT_KNOWN
        )


def _of_contracts(span: Span, contracts: Sequence[str]) -> tuple[list[str], list[Any]]:
    """Return the conditions on some contracts, the values first by which files are sorted."""
    strikes = [float(name.split("_")[2]) for name in contracts]
    names = ", ".join("?" * len(contracts))
    where = ["expiry = ?", "strike_price BETWEEN ? AND ?", f"identifier IN ({names})"]
    return where, [midnight_utc(span.expiry), min(strikes), max(strikes), *contracts]
