"""The recorded symbols: how each is recorded, its expiries, and its last snapshot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zlib import crc32

from chain_api.caching.cache_control import cache_control
from chain_api.caching.http_cache import Content, Representation, content_of, version_of
from chain_api.caching.resource import Description
from chain_api.calculations.ages import age_seconds
from chain_api.calculations.provenance import provenance
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer, json_bytes
from chain_api.pagination.keyed_request import keyed_request
from chain_api.parameters.columns import OF_LISTS, OF_PLAN, SYMBOL_COLUMNS
from chain_api.parameters.types import SymbolName
from chain_api.queries.freshness import is_settled
from chain_api.queries.symbol_headers import headers_of_symbols
from chain_api.schemas.symbols import MAX_LIMIT, SymbolsQuery
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import HeaderDocument
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

type Headers = Sequence[HeaderDocument]


class _Position(NamedTuple):
    """The symbol with which a page begins."""

    symbol: SymbolName


@dataclass(frozen=True)
class _State:
    """The symbols of a page, what is read of them, and how many match on all pages."""

    now: datetime
    plan: SymbolPlan
    symbols: Sequence[str]
    following: _Position | None
    total: int
    headers: Mapping[str, Headers]


class SymbolTable:
    """A page of the recorded symbols, as a Resource, by name."""

    def __init__(self, deps: Dependencies, query: SymbolsQuery) -> None:
        """Read the request; raises Problem."""
        self._deps = deps
        self._request = keyed_request(_RESOURCE, query, _Position, _FREE_PARAMETERS)
        self._query = self._request.query
        named = self._query.columns.split(",") if self._query.columns else SYMBOL_COLUMNS
        self._columns = tuple(dict.fromkeys(("symbol", *named)))

    def find(self) -> _State:
        """Return the symbols of the page and their newest headers; raise StoreUnavailable."""
        now, plan = self._deps.now(), self._deps.symbols.plan()
        matching = [name for name in self._deps.snapshots.symbols() if self._matches(plan, name)]
        position, limit = self._request.position, self._query.limit or MAX_LIMIT
        rest = [name for name in matching if position is None or name >= position.symbol]
        following = _Position(rest[limit]) if rest[limit:] else None
        page = rest[:limit]
        return _State(now, plan, page, following, len(matching), self._headers(page, now))

    def describe(self, state: _State) -> Description:
        """Return the answer without its rows: it may change with the next tick of any symbol."""
        market = self._deps.calendar.market()
        kept = cache_control(market, state.plan.base, state.now, None, absolute=False)
        version = version_of(
            self._request.given,
            self._request.position,
            state.symbols,
            state.total,
            [_of_plan(state.plan, name) for name in state.symbols],
            [[_version(each) for each in found] for found in state.headers.values()],
            self._terms(state),
        )
        confirmed = [each["last_seen_at"] for found in state.headers.values() for each in found]
        age = age_seconds(max(confirmed), state.now) if confirmed else None
        members = {"total_symbols": state.total, "age_seconds": age}
        return Description(Representation(version, "json", kept), members)

    def read(self, state: _State) -> Content:
        """Return the rows and the link to the next page."""
        following = state.following
        link = self._request.next_link(following) if following else None
        body = json_bytes({"symbols": [self._row(state, name) for name in state.symbols]})
        body = body[:-1] + b',"next":' + json_bytes(link) + b"}"
        # The version does not name the ages of the rows.
        return content_of(body, "json", link, suffix=f".{crc32(body):08x}")

    def _matches(self, plan: SymbolPlan, symbol: str) -> bool:
        query, known = self._query, _of_plan(plan, symbol)
        return (
            (query.q is None or query.q in symbol)
            and (query.kind is None or known["kind"] == query.kind)
            and (query.tier is None or known["tier"] == query.tier)
        )

    def _headers(self, symbols: Sequence[str], now: datetime) -> dict[str, Headers]:
        """Return the newest headers of the symbols, if any column is of them."""
        if not set(self._columns) - set(OF_PLAN):
            return {}
        today = exchange_date(now)
        listed: dict[str, Sequence[date]] = dict.fromkeys(symbols, ())
        listings = self._deps.listings.newest(symbols)
        listed |= {symbol: listing.current(today) for symbol, listing in listings.items()}
        return dict(headers_of_symbols(self._deps, listed, _HEADER_COLUMNS))

    def _terms(self, state: _State) -> list[Answer]:
        if not set(self._columns) & set(OF_LISTS):
            return []
        terms = self._deps.terms.of
        found = state.headers.items()
        return [terms(name, row["expiry"].date()) for name, rows in found for row in rows]

    def _row(self, state: _State, symbol: str) -> Answer:
        row: Answer = {"symbol": symbol, **_of_plan(state.plan, symbol)}
        if headers := state.headers.get(symbol):
            row |= _of_headers(headers, state.now)
            if set(self._columns) & set(OF_LISTS):
                row["contract_terms"] = _of_lists(headers, self._deps.terms.of)
        return {name: row.get(name) for name in self._columns}


def _of_plan(plan: SymbolPlan, symbol: str) -> Answer:
    """Return how a symbol is recorded; None of one that is not recorded any more."""
    planned = plan.by_symbol.get(symbol)
    listed = plan.symbol_list.symbols.get(symbol) if plan.symbol_list else None
    return {
        "kind": listed.kind if listed else planned and planned.kind,
        "tier": planned and planned.tier,
        "interval_seconds": planned and planned.rhythm.interval,
        "listed_since": listed and listed.since,
        "lost_since": listed and listed.lost_since,
    }


def _of_headers(headers: Headers, now: datetime) -> Answer:
    newest = max(headers, key=lambda header: header["fetched_at"])
    confirmed = max(header["last_seen_at"] for header in headers)
    return {
        "expiry_dates": [header["expiry_date"] for header in headers],
        "expiries": [_expiry(header) for header in headers],
        "last_snapshot": newest["fetched_at"],
        "last_seen_at": confirmed,
        "underlying_value": newest["underlying_value"],
        "age_seconds": age_seconds(confirmed, now),
        "settled": all(is_settled(header, None) for header in headers),
    }


def _expiry(header: HeaderDocument) -> Answer:
    return {
        "expiry_date": header["expiry_date"],
        "last_seen_at": header["last_seen_at"],
        "exchange_timestamp": header["exchange_timestamp"],
        **provenance([header]),
    }


def _of_lists(headers: Headers, terms: Callable[[str, date], Answer]) -> list[Answer]:
    """Return what holds of the contracts of each expiry today."""
    return [
        {"expiry_date": each["expiry_date"], **terms(each["symbol"], each["expiry"].date())}
        for each in headers
    ]


def _version(header: HeaderDocument) -> tuple[object, ...]:
    """Return what a row depends on of a header."""
    instants = header["expiry"], header["fetched_at"], header["last_seen_at"]
    return (*instants, header["exchange_timestamp"], header.get("settled"), header.get("source"))
