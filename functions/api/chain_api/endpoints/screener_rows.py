"""The rows of the table of all symbols; one is made anew only where something has changed."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from threading import Lock

from cachetools import LRUCache
from orjson import Fragment

from chain_api.caching.http_cache import Content
from chain_api.calculations.screener_row import screener_numbers
from chain_api.dependencies import Dependencies
from chain_api.endpoints.screener_json import TableRow, WrittenRows, ages
from chain_api.json_types import Answer
from chain_api.parameters.screening import COLUMNS, STATE, Spark
from chain_api.queries.symbol_table import SymbolTable, Table
from chain_api.queries.table_symbol import TableSymbol
from optionchain.symbol_plan import PlannedSymbol

# Clients that poll with the same few questions share an answer for a second; one takes 0.3 MB.
_MOST_CONTENTS = 16
_NOTHING_RECORDED = {"gap": True, "reasons": {"timestamp": "nothing_recorded"}}


class ScreenerRows:
    """Makes the rows of the newest table, and keeps the parts that ages do not change."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._table = SymbolTable(deps)
        self._made: dict[str, tuple[object, Answer]] = {}
        self._written = WrittenRows()
        self._contents: LRUCache[object, Content] = LRUCache(_MOST_CONTENTS)
        self._lock = Lock()

    def table(self) -> Table:
        """Return the newest headers of all symbols; raise StoreUnavailable."""
        return self._table.read()

    def content(self, key: object, make: Callable[[], Content]) -> Content:
        """Return the content that is kept under a key, else the one that is made."""
        with self._lock:
            content = self._contents.get(key)
        if content is None:
            content = make()
            with self._lock:
                self._contents[key] = content
        return content

    def json(
        self, rows: Sequence[TableRow], columns: Sequence[str], spark: Spark | None
    ) -> list[Fragment]:
        """Return these columns of rows as JSON objects, with their points if any are wanted."""
        return self._written.of(rows, (tuple(columns), spark))

    def of(self, table: Table, now: datetime) -> list[TableRow]:
        """Return a row for each symbol, in the order of the table."""
        planned = self._deps.symbols.plan().by_symbol
        before = cache(self._deps.calendar.market().trading_day_before)
        moved = cache(lambda confirmed: ages(confirmed, now))
        rows = []
        for each in table.symbols:
            symbol = each.symbol
            key = (each, planned.get(symbol), before(each.day) if each.day else None)
            made = self._made.get(symbol)
            if made is None or made[0] != key:
                made = self._made[symbol] = (key, _row(*key))
            moving = moved(table.confirmed.get(symbol))
            rows.append(TableRow(each, made[1], made[1] | moving))
        return rows


def _row(found: TableSymbol, planned: PlannedSymbol | None, day_before: date | None) -> Answer:
    row: Answer = dict.fromkeys(COLUMNS) | {
        "symbol": found.symbol,
        "kind": planned and planned.kind,
        "tier": planned and planned.tier,
    }
    if found.chain is None:
        return row | _NOTHING_RECORDED
    header, told = found.chain.header, found.chain.members()
    previous = found.record.of(day_before) if day_before else None
    row |= {name: told[name] for name in STATE}
    row |= screener_numbers(header, found.around, found.record, previous)
    if reason := told["lot_size_reason"]:
        row["reasons"]["lot_size"] = reason
    return row | {
        "expiry_date": header["expiry_date"],
        "previous_day": previous and previous["day"].date(),
    }
