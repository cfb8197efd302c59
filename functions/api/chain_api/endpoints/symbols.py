"""The recorded symbols: how each is recorded, its expiries, and its last snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zlib import crc32

from chain_api.caching.cache_control import cache_control
from chain_api.caching.http_cache import Content, Representation, content_of, version_of
from chain_api.caching.resource import Description
from chain_api.calculations.ages import age_seconds
from chain_api.dependencies import Dependencies
from chain_api.endpoints.tiers import check_tier
from chain_api.json_types import json_bytes
from chain_api.pagination.keyed_request import keyed_request
from chain_api.parameters.columns import OF_LISTS, OF_PLAN, SYMBOL_COLUMNS
from chain_api.parameters.types import SymbolName
from chain_api.queries.symbol_headers import headers_of_symbols
from chain_api.rendering.symbol_rows import Headers, SymbolFacts, SymbolRow, SymbolRows, of_plan
from chain_api.schemas.symbols import MAX_LIMIT, SymbolsQuery
from optionchain.exchange_time import exchange_date
from optionchain.symbol_plan import SymbolPlan

_RESOURCE = "symbols"
_FREE_PARAMETERS = ("limit", "columns")
_HEADER_COLUMNS = (
    "expiry_date",
    "fetched_at",
    "last_seen_at",
    "exchange_timestamp",
    "underlying_value",
    "settled",
    "source",
    "derived",
)


class _Position(NamedTuple):
    """The symbol with which a page begins."""

    symbol: SymbolName


@dataclass(frozen=True)
class _State:
    """The rows of a page, how many match on all pages, and the beginning of the next page."""

    now: datetime
    rows: Sequence[SymbolRow]
    total: int
    following: _Position | None
    confirmed: datetime | None


class SymbolTable:
    """A page of the recorded symbols, as a Resource, by name."""

    def __init__(self, deps: Dependencies, rows: SymbolRows, query: SymbolsQuery) -> None:
        """Read the request; raises Problem."""
        self._deps = deps
        self._rows = rows
        self._request = keyed_request(_RESOURCE, query, _Position, _FREE_PARAMETERS)
        self._query = self._request.query
        check_tier(deps.settings, self._query.tier)
        named = self._query.columns.split(",") if self._query.columns else SYMBOL_COLUMNS
        self._columns = tuple(dict.fromkeys(("symbol", *named)))

    def find(self) -> _State:
        """Return the rows of the page; raise StoreUnavailable."""
        now, plan = self._deps.now(), self._deps.symbols.plan()
        matching = [name for name in self._deps.snapshots.symbols() if self._matches(plan, name)]
        position, limit = self._request.position, self._query.limit or MAX_LIMIT
        rest = [name for name in matching if position is None or name >= position.symbol]
        page, following = rest[:limit], _Position(rest[limit]) if rest[limit:] else None
        headers = self._headers(page, now)
        terms = self._deps.terms.known() if set(self._columns) & set(OF_LISTS) else None
        facts = SymbolFacts(plan, terms, headers)
        known = page if headers is _NONE else [name for name in page if name in headers]
        rows = [self._rows.of(name, facts, self._columns) for name in known]
        ticks = (header["last_seen_at"] for found in headers.values() for header in found)
        return _State(now, rows, len(matching), following, max(ticks, default=None))

    def describe(self, state: _State) -> Description:
        """Return the answer without its rows: it may change with the next tick of any symbol."""
        base, market = self._deps.symbols.plan().base, self._deps.calendar.market()
        kept = cache_control(market, base, state.now, None, absolute=False)
        rows = b"".join(row.digest for row in state.rows).hex()
        following = state.following and state.following.symbol
        version = version_of(self._request.given, rows, state.total, following)
        age = age_seconds(state.confirmed, state.now) if state.confirmed else None
        members = {"total_symbols": state.total, "age_seconds": age}
        return Description(Representation(version, "json", kept), members)

    def read(self, state: _State) -> Content:
        """Return the rows and the link to the next page."""
        following = state.following
        link = self._request.next_link(following) if following else None
        rows = b",".join(row.json(state.now) for row in state.rows)
        body = b'{"symbols":[%b],"next":%b}' % (rows, json_bytes(link))
        # The version does not name the ages of the rows.
        return content_of(body, "json", link, suffix=f".{crc32(body):08x}")

    def _matches(self, plan: SymbolPlan, symbol: str) -> bool:
        query = self._query
        if query.q is not None and query.q not in symbol:
            return False
        if query.kind is None and query.tier is None:
            return True
        known = of_plan(plan, symbol)
        return query.kind in (None, known["kind"]) and query.tier in (None, known["tier"])

    def _headers(self, symbols: Sequence[str], now: datetime) -> Mapping[str, Headers]:
        """Return the newest headers of the symbols, if any column is of them."""
        if set(self._columns) <= set(OF_PLAN):
            return _NONE
        today = exchange_date(now)
        known = self._deps.known_listings.read()
        listed = {name: known[name].current(today) if name in known else [] for name in symbols}
        return headers_of_symbols(self._deps, listed, _HEADER_COLUMNS)


# Of symbols whose headers no column tells anything of.
_NONE: Mapping[str, Headers] = {}
