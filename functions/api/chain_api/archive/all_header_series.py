"""The headers of a range of time, of the database and of the archive."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from pymongo.database import Database

from chain_api.archive.archived_header_series import ArchivedHeaderSeries
from chain_api.archive.cold_days import ColdDays
from chain_api.archive.range_parts import RangePart, range_parts
from chain_api.archive.storage_used import note
from chain_api.store.header_series import HeaderSeriesReader, Span
from optionchain.mongo.client import Document
from optionchain.mongo.documents import HeaderDocument


class Run(NamedTuple):
    """A part of a range that is read from one place: cold days, or (none) from MongoDB."""

    start: datetime
    end: datetime
    cold: Sequence[RangePart]


class AllHeaderSeries(HeaderSeriesReader):
    """Reads headers like HeaderSeriesReader; those of cold days from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database)
        self._cold = cold
        self._archived_headers = ArchivedHeaderSeries(cold)

    def headers(
        self, symbol: str, expiry: date | None, start: datetime, end: datetime, most: int
    ) -> list[HeaderDocument]:
        """Return the first headers of a range, of one expiry or of all, by tick and expiry."""
        found: list[HeaderDocument] = []
        for run in self.runs(symbol, start, end):
            room = most - len(found)
            if run.cold:
                found += self._archived_headers.first(symbol, expiry, run.cold, room)
            else:
                found += noted(super().headers(symbol, expiry, run.start, run.end, room))
            if len(found) >= most:
                break
        return found

    def header_fields(self, span: Span, paths: Sequence[str], most: int) -> list[Document]:
        """Return `fetched_at` and these fields of the first headers of a span, by tick."""
        found: list[Document] = []
        for run in self.runs(span.symbol, span.start, span.end):
            room = most - len(found)
            if run.cold:
                found += self._archived_headers.fields(span, run.cold, paths, room)
            else:
                found += noted(super().header_fields(part(span, run), paths, room))
            if len(found) >= most:
                break
        return found

    def headers_at(
        self, span: Span, ticks: Iterable[datetime], *, terms: bool = False
    ) -> list[HeaderDocument]:
        """Return the headers of these ticks, of a span's expiry, in no order."""
        wanted = sorted(ticks)
        found: list[HeaderDocument] = []
        for run in self.runs(span.symbol, wanted[0], wanted[-1]) if wanted else ():
            within = [tick for tick in wanted if run.start <= tick <= run.end]
            if run.cold:
                days = [day for day in run.cold if _any_within(day, within)]
                found += self._archived_headers.at(span, days, within, terms=terms)
            elif within:
                found += noted(super().headers_at(span, within, terms=terms))
        return found

    def runs(self, symbol: str, start: datetime, end: datetime) -> Iterator[Run]:
        """Yield the parts of a range in order of time."""
        parts = range_parts(self._cold, symbol, start, end)
        if len(parts) > 1 and any(part.day is None for part in parts[:-1]):
            # Most days without a seal had no session, and MongoDB has nothing of them.
            oldest = self._cold.kept.oldest(symbol)
            parts = [each for each in parts if each.day or (oldest and oldest <= each.end)]
        for is_cold, group in groupby(parts, key=lambda each: each.day is not None):
            run = list(group)
            yield Run(run[0].start, run[-1].end, run if is_cold else ())


def part(span: Span, run: Run) -> Span:
    """Return the part of a span that a run covers."""
    return replace(span, start=run.start, end=run.end)


def noted[Found: list[Document] | list[HeaderDocument]](found: Found) -> Found:
    """Note that these were read in the database, if there are any, and return them."""
    if found:
        note("database")
    return found


def _any_within(day: RangePart, ticks: Sequence[datetime]) -> bool:
    return any(day.start <= tick <= day.end for tick in ticks)
