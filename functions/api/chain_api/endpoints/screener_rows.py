"""The rows of the table of all symbols; one is made anew only where something has changed."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from threading import Lock

from cachetools import LRUCache

from chain_api.caching.http_cache import Content
from chain_api.calculations.ages import age_seconds
from chain_api.calculations.screener_row import screener_numbers
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.parameters.screening import COLUMNS, STATE
from chain_api.queries.freshness import Freshness
from chain_api.queries.symbol_table import SymbolTable, Table, TableSymbol
from optionchain.exchange_time import exchange_date
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

    def of(self, table: Table, now: datetime) -> list[Answer]:
        """Return a row for each symbol, in the order of the table."""
        planned = self._deps.symbols.plan().by_symbol
        before = cache(self._deps.calendar.market().trading_day_before)
        rows = []
        for each in table.symbols:
            plan = planned.get(each.symbol)
            key = (each.version_parts, plan, table.days_version)
            kept, row = self._made.get(each.symbol, (None, {}))
            if kept != key:
                row = _row(each, plan, before)
                self._made[each.symbol] = (key, row)
            rows.append(row | _ages(each.chain, now) if each.chain else row)
        return rows


def _ages(chain: Freshness, now: datetime) -> Answer:
    confirmed = chain.last_seen_at
    return {"last_seen_at": confirmed, "age_seconds": age_seconds(confirmed, now)}


def _row(
    found: TableSymbol, planned: PlannedSymbol | None, before: Callable[[date], date | None]
) -> Answer:
    row: Answer = dict.fromkeys(COLUMNS) | {
        "symbol": found.symbol,
        "kind": planned and planned.kind,
        "tier": planned and planned.tier,
    }
    if found.chain is None:
        return row | _NOTHING_RECORDED
    header, told = found.chain.header, found.chain.members()
    day_before = before(exchange_date(header["fetched_at"]))
    previous = found.record.of(day_before) if day_before else None
    row |= {name: told[name] for name in STATE}
    row |= screener_numbers(header, found.around, found.record, previous)
    return row | {
        "expiry_date": header["expiry_date"],
        "previous_day": previous and previous["day"].date(),
    }
