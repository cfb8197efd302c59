"""How many snapshots and contracts of each symbol are stored, without a look at every header."""

from datetime import datetime
from itertools import chain
from threading import Lock

from pymongo.database import Database

from optionchain.mongo.client import Document
from optionchain.mongo.header_counts import (
    AT_ONCE,
    QUARTER,
    HeaderCounts,
    QuarterCounts,
    SymbolCount,
    closed_until,
    quarter_of,
)


class HeaderTotals:
    """Adds up the sums of closed quarters, and the headers of the others. Safe for several threads.

    Quarters that the recorder has not written yet are added up here once, and kept in memory. The
    result is compared with MongoDB's own number of headers. If they differ, headers of a closed
    quarter were added or deleted by somebody else, and all headers are added up anew.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._counts = HeaderCounts(database)
        self._quarters: QuarterCounts = {}
        self._until: datetime | None = None
        # By how much MongoDB's number is too large: after a crash of the server it may stay wrong.
        self._drift = 0
        self._lock = Lock()

    def read(self, now: datetime) -> list[SymbolCount]:
        """Return the totals of every symbol and source, by name; raise StoreUnavailable."""
        with self._lock:
            first = self._counts.first_tick()
            if first is None:
                return []
            if self._until is None:
                self._quarters = self._counts.read()
                self._until = max(self._quarters) + QUARTER if self._quarters else quarter_of(first)
            totals, drifts = self._compared(first, now)
            if self._drift not in drifts:
                self._quarters, self._until = {}, quarter_of(first)
                totals, drifts = self._compared(first, now)
                self._drift = drifts[0] if len(drifts) == 1 else 0
            return totals

    def _compared(self, first: datetime, now: datetime) -> tuple[list[SymbolCount], range]:
        """Return the totals, and by how much MongoDB's own number may be above them.

        It is a range, because headers may be written or expire in between.
        """
        before = self._counts.number_of_headers()
        totals = self._added_up(first, now)
        after = self._counts.number_of_headers()
        found = sum(row.snapshots for row in totals)
        return totals, range(min(before, after) - found, max(before, after) - found + 1)

    def _added_up(self, first: datetime, now: datetime) -> list[SymbolCount]:
        until = self._catch_up(closed_until(now))
        # The oldest headers are expiring, so the sums of their quarter do not hold any more.
        edge = min(quarter_of(first) + QUARTER, until)
        self._quarters = {start: rows for start, rows in self._quarters.items() if start >= edge}
        rows = chain(self._counts.count_outside(edge, until), *self._quarters.values())
        totals: dict[tuple[str, str], SymbolCount] = {}
        for row in rows:
            key = row.symbol, row.source
            totals[key] = totals[key].plus(row) if key in totals else row
        return [totals[key] for key in sorted(totals)]

    def _catch_up(self, closed: datetime) -> datetime:
        """Add up the closed quarters that are not known yet; return the end of those known."""
        assert self._until is not None  # noqa: S101  (set by read)
        while self._until < closed:
            end = min(self._until + AT_ONCE, closed)
            self._quarters |= self._counts.count(self._until, end)
            self._until = end
        return self._until
