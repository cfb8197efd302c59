"""The newest headers of all recorded symbols, by a number of reads that does not grow with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from typing import NamedTuple

from chain_api.calculations.symbol_record import NO_RECORD, SymbolRecord
from chain_api.dependencies import Dependencies
from chain_api.parameters.screening import FIGURES
from chain_api.queries.known_headers import Headers, KnownHeaders
from chain_api.queries.newest_marks import MarkReader
from chain_api.queries.symbol_gaps import SymbolGaps
from chain_api.queries.symbol_headers import Listed
from chain_api.queries.table_symbol import Facts, TableSymbol, TableSymbols

# Many clients of one environment share what is read; ages are in whole seconds.
_KEPT = timedelta(seconds=1)
COLUMNS = (
    *("expiry_date", "fetched_at", "last_seen_at", "exchange_timestamp", "content_hash"),
    *("source", "derived", "settled", "settled_at", "frozen_since", "unlisted_since"),
    *("lot_size", "lot_size_reason"),
    *("underlying_value", "call_open_interest", "put_open_interest", "call_volume", "put_volume"),
    *(f"analytics.{name}" for name in (*FIGURES, "days_to_expiry", "iv_source", "reasons")),
)
"""What is read of each header: what a row and its freshness are made of."""


@dataclass(frozen=True)
class Table:
    """The planned symbols in their order, then the others that are recorded, by name.

    `confirmed` has the `last_seen_at` of each that has a header. `days_version` names what is
    known of the recorded days.
    """

    symbols: Sequence[TableSymbol]
    confirmed: Mapping[str, datetime]
    days_version: tuple[datetime | None, int]
    read_at: datetime


class _Parts(NamedTuple):
    """What the symbols of a table are made of; equal ones make the same symbols."""

    names: Sequence[str]
    nearest: Mapping[str, date]
    around: Listed
    headers: Mapping[str, Headers]
    gaps: frozenset[str]
    records: Mapping[str, SymbolRecord]

    def facts(self) -> Iterator[Facts]:
        """Yield the facts of each symbol."""
        for name in self.names:
            headers, around = self.headers.get(name, {}), self.around.get(name, ())
            record = self.records.get(name, NO_RECORD)
            yield Facts(name, self.nearest.get(name), around, headers, name in self.gaps, record)


class SymbolTable:
    """Reads the table, and keeps it for a second; raises StoreUnavailable. For several threads."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._marks = MarkReader(deps)
        self._known = KnownHeaders(deps, COLUMNS)
        self._symbols = TableSymbols()
        self._parts: _Parts | None = None
        self._table: Table | None = None
        self._lock = Lock()

    def read(self) -> Table:
        """Return the table: by no read; by one; with news by two.

        Now and then those of listings and days are added. What is kept ends with the next tick.
        """
        now = self._deps.now()
        with self._lock:
            kept = self._table
            tick = self._deps.symbols.plan().base.newest(now)
            if kept is None or not max(tick, now - _KEPT) <= kept.read_at <= now:
                kept = self._table = self._read(now)
            return kept

    def _read(self, now: datetime) -> Table:
        days = self._deps.symbol_days.read(now)
        found = self._marks.read(days.records, now)
        known = self._known.read(found.marks)
        # A header with news may be newer than its mark.
        confirmed = {
            symbol: max(header["last_seen_at"], found.confirmed[symbol])
            for symbol, nearest in found.nearest.items()
            if (header := known.get(symbol, {}).get(nearest))
        }
        gaps = SymbolGaps(self._deps, now).among(confirmed)
        names = tuple(dict.fromkeys((*self._deps.symbols.plan().symbols, *found.around)))
        parts = _Parts(names, found.nearest, found.around, known, gaps, days.records)
        if self._table is None or parts != self._parts:
            symbols: Sequence[TableSymbol] = [self._symbols.of(each, now) for each in parts.facts()]
        else:
            symbols = self._table.symbols
        self._parts = parts
        return Table(symbols, confirmed, days.version, now)
