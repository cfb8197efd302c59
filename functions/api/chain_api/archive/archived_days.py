"""The files of cold days, a few days at a time."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from chain_api.archive.cold_days import ColdDays
from chain_api.archive.range_parts import RangePart
from chain_api.archive.storage_used import note
from optionchain.archive.layout import FileKind
from optionchain.archive.manifest import Manifest

# So many files of a kind are open at once at most.
MOST_FILES = 8
_MILLISECOND = timedelta(milliseconds=1)

type Rows = list[tuple[Any, ...]]


class SomeDays(NamedTuple):
    """Some cold days that follow one another, and which part of them is wanted, ends included."""

    manifests: Sequence[Manifest]
    start: datetime
    end: datetime


class ArchivedDays:
    """Reads the rows of cold days. Raises ArchiveUnavailable and ArchiveDamaged."""

    def __init__(self, cold: ColdDays) -> None:
        self._cold = cold

    def days(
        self, symbol: str, cold: Sequence[RangePart], expiry: date | None, *, growing: bool = True
    ) -> Iterator[SomeDays]:
        """Yield cold days in the given order: those that have an expiry, or (None) all of them.

        With `growing`, the first comes alone, because a page may need no more than that.
        """
        size = 1 if growing else MOST_FILES
        while cold:
            some, cold = cold[:size], cold[size:]
            size = min(2 * size, MOST_FILES)
            found = self._manifests(symbol, some)
            if wanted := [each for each in found if expiry is None or expiry in each.expiries]:
                start = min(each.start for each in some)
                yield SomeDays(wanted, start, max(each.end for each in some))

    def rows(
        self,
        days: SomeDays,
        kind: FileKind,
        select: str,
        where: Sequence[str],
        values: Sequence[Any],
        order: str = "",
    ) -> Rows:
        """Return rows of one kind whose ticks are in the wanted part of these days.

        `where` are conditions, `order` is what follows them; `values` are for their `?` in order.
        """
        note("archive")
        ticks = "tick" if kind == "ticks" else "fetched_at"
        # Instants are stored in milliseconds, and MongoDB cuts those of a query off likewise.
        bounds = [_milliseconds(days.start), _milliseconds(days.end)]
        conditions = " AND ".join([f"{ticks} BETWEEN ? AND ?", *where])
        return self._cold.reader.rows(
            days.manifests, kind, select, f"WHERE {conditions} {order}", [*bounds, *values]
        )

    def _manifests(self, symbol: str, cold: Sequence[RangePart]) -> list[Manifest]:
        days = [each.day for each in cold if each.day]
        by_day = {each.day: each for each in self._cold.manifests(symbol, sorted(days))}
        return [by_day[day] for day in days]


def _milliseconds(instant: datetime) -> datetime:
    return instant - timedelta(microseconds=instant.microsecond % 1_000)
