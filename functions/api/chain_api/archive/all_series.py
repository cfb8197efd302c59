"""Contracts and headers through time, of the database and of the archive."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo.database import Database

from chain_api.archive.all_header_series import AllHeaderSeries, part
from chain_api.archive.archived_contract_series import ArchivedContractSeries
from chain_api.archive.cold_days import ColdDays
from chain_api.archive.range_parts import RangePart
from chain_api.archive.storage_used import note
from chain_api.calculations.candles import VolumeCounter
from chain_api.calculations.series_holes import Window
from chain_api.store.header_series import Span, naive
from chain_api.store.time_series import TimeSeriesReader
from optionchain.mongo.client import Document
from optionchain.mongo.documents import ContractDocument
from optionchain.mongo.stored_snapshot import add_missing_fields
from optionchain.snapshot import Side

_MILLISECOND = timedelta(milliseconds=1)
# MongoDB knows the contracts of all days that it keeps. The archive is searched this far around a
# range for a contract that the range does not have.
_AROUND = timedelta(days=31)


class AllSeries(AllHeaderSeries, TimeSeriesReader):
    """Reads series like TimeSeriesReader; those of cold days from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database, cold)
        self._archived = ArchivedContractSeries(cold)

    def volumes_before(
        self, span: Span, contracts: Sequence[str], since: datetime, until: datetime
    ) -> dict[str, VolumeCounter]:
        """Return the last known volume counter of contracts in since ≤ t < until, by identifier.

        Both are of one day in India.
        """
        days = self._cold_in(span.symbol, since, until - _MILLISECOND)
        if not days:
            return super().volumes_before(span, contracts, since, until)
        if not self._archived_headers.count(span, days, 1):
            return {}
        return self._archived.volumes(span, contracts, days[0])

    def is_known(self, span: Span, identifier: str) -> bool:
        """Tell whether any document of a contract of a span's expiry is stored.

        The archive is searched a month around the span.
        """
        if super().is_known(span, identifier):
            return True
        days = self._cold_in(span.symbol, span.start - _AROUND, span.end + _AROUND)
        return self._archived.has(span, identifier, days)

    def identifiers(self, span: Span, sides: Sequence[Side]) -> list[str]:
        """Return every contract of a span's expiry that the database has, or a cold day of it."""
        found = super().identifiers(span, sides)
        days = self._cold_in(span.symbol, span.start, span.end)
        archived = self._archived.identifiers(span, days).difference(found)
        return found + sorted(name for name in archived if name.split("_")[1] in sides)

    def _expected(self, span: Span, most: int) -> int:
        number = 0
        for run in self.runs(span.symbol, span.start, span.end):
            if run.cold:
                number += self._archived_headers.count(span, run.cold, most + 1)
            else:
                number += super()._expected(part(span, run), most)
            if number > most:
                break
        return min(number, most + 1)

    def _batch(
        self,
        span: Span,
        contracts: Sequence[str],
        since: datetime,
        room: int,
        columns: Sequence[str] | None,
    ) -> list[ContractDocument]:
        found: list[ContractDocument] = []
        is_one = len(contracts) == 1
        for run in self.runs(span.symbol, since, span.end):
            left = room - len(found)
            if is_one and left < 0:
                break
            if run.cold:
                most = left + 1 if is_one else None
                found += self._archived.documents(span, contracts, run.cold, columns, most)
            else:
                found += _noted(
                    super()._batch(part(span, run), contracts, run.start, left, columns)
                )
        add_missing_fields(found, columns)
        if not is_one:
            ranks = {identifier: rank for rank, identifier in enumerate(contracts)}
            found.sort(key=lambda row: (ranks[row["identifier"]], row["fetched_at"]))
        return found

    def _contracts_at(
        self, span: Span, ticks: Sequence[datetime], columns: Sequence[str]
    ) -> list[ContractDocument]:
        found: list[ContractDocument] = []
        for run in self.runs(span.symbol, span.start, span.end):
            within = [tick for tick in ticks if naive(run.start) <= tick <= naive(run.end)]
            if not within:
                continue
            if run.cold:
                found += self._archived.at(span, run.cold, within, columns)
            else:
                found += _noted(super()._contracts_at(part(span, run), within, columns))
        add_missing_fields(found, columns)
        return found

    def _committed_ticks(
        self, span: Span, documents: list[ContractDocument], windows: Sequence[Window]
    ) -> set[datetime]:
        """Return the ticks that a header commits: in cold days all of them."""
        found: set[datetime] = set()
        for run in self.runs(span.symbol, span.start, span.end):
            since, until = naive(run.start), naive(run.end)
            within = [row for row in documents if since <= row["fetched_at"] <= until]
            if run.cold:
                found.update(row["fetched_at"] for row in within)
            else:
                shown = _cut(windows, since, until)
                found |= super()._committed_ticks(part(span, run), within, shown)
        return found

    def _cold_in(self, symbol: str, start: datetime, end: datetime) -> list[RangePart]:
        return [day for run in self.runs(symbol, start, end) for day in run.cold]


def _cut(windows: Sequence[Window], since: datetime, until: datetime) -> list[Window]:
    """Return what windows show of a time."""
    cut = (
        each._replace(since=max(each.since, since), until=min(each.until, until))
        for each in windows
    )
    return [each for each in cut if each.since <= each.until]


def _noted(found: list[ContractDocument]) -> list[ContractDocument]:
    if found:
        note("database")
    return found
