"""The newest headers of all recorded symbols, by a number of reads that does not grow with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from threading import Lock

from chain_api.calculations.expiry_gaps import GAP_TICKS
from chain_api.calculations.symbol_record import NO_RECORD, SymbolRecord
from chain_api.dependencies import Dependencies
from chain_api.parameters.screening import FIGURES
from chain_api.queries.freshness import Freshness, is_settled, last_due
from chain_api.queries.periods import periods_of, turns_of
from chain_api.queries.symbol_headers import nearest_headers
from optionchain.constant_maturity import CONSTANT_DAYS
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import HeaderDocument

_AHEAD = timedelta(days=CONSTANT_DAYS)
# Many clients of one environment share what is read; ages are in whole seconds.
_KEPT = timedelta(seconds=1)
# A listing changes about once a week. A header that is marked as withdrawn has it read at once.
_LISTED_EVERY = timedelta(seconds=30)
# What the volatility in 30 days is made of, and what else a row and its freshness need.
_OF_VOLATILITY = (
    *("expiry_date", "fetched_at", "exchange_timestamp", "content_hash"),
    *(f"analytics.{name}" for name in ("atm_iv", "days_to_expiry", "iv_source")),
)
_COLUMNS = (
    *("expiry_date", "fetched_at", "last_seen_at", "exchange_timestamp", "content_hash"),
    *("source", "derived", "settled", "settled_at", "frozen_since", "unlisted_since"),
    *("underlying_value", "call_open_interest", "put_open_interest", "call_volume", "put_volume"),
    *(f"analytics.{name}" for name in (*FIGURES, "days_to_expiry", "iv_source", "reasons")),
)

type Expiries = Mapping[str, Sequence[date]]


@dataclass(frozen=True)
class TableSymbol:
    """A symbol with its nearest chain, None without any, and the headers of expiries around."""

    symbol: str
    chain: Freshness | None
    around: Sequence[HeaderDocument]
    record: SymbolRecord

    @cached_property
    def version_parts(self) -> list[object]:
        """Return what a row made of this depends on."""
        own = self.chain.version_parts if self.chain else []
        return [self.symbol, *own, *(each["content_hash"] for each in self.around)]


@dataclass(frozen=True)
class Table:
    """The planned symbols in their order, then the others that are recorded, by name.

    `days_version` names what is known of the recorded days.
    """

    symbols: Sequence[TableSymbol]
    days_version: tuple[datetime | None, int]
    read_at: datetime


class SymbolTable:
    """Reads the table, and keeps it for a second; raises StoreUnavailable. For several threads."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._listed: Expiries = {}
        self._listed_at: datetime | None = None
        self._table: Table | None = None
        self._lock = Lock()

    def read(self) -> Table:
        """Return the table: by no read, or by two; now and then those of listings and days too."""
        now = self._deps.now()
        with self._lock:
            kept = self._table
            if kept is None or not timedelta() <= now - kept.read_at < _KEPT:
                kept = self._table = self._read(now)
            return kept

    def _read(self, now: datetime) -> Table:
        days = self._deps.symbol_days.read(now)
        found, around = self._headers(days.records, now)
        judged = _Judged(self._deps, now)
        names = dict.fromkeys((*self._deps.symbols.plan().symbols, *self._listed))
        symbols = [
            TableSymbol(
                symbol,
                judged.of(found[symbol]) if symbol in found else None,
                around.get(symbol, ()),
                days.records.get(symbol, NO_RECORD),
            )
            for symbol in names
        ]
        return Table(symbols, days.version, now)

    def _headers(
        self, records: Mapping[str, SymbolRecord], now: datetime
    ) -> tuple[dict[str, HeaderDocument], dict[str, list[HeaderDocument]]]:
        """Return the newest header of each nearest expiry, and of the expiries around 30 days."""
        listed_at = self._listed_at
        if listed_at is None or not timedelta() <= now - listed_at < _LISTED_EVERY:
            self._list(records, now)
        nearest = self._nearest()
        if any("unlisted_since" in header for header in nearest.values()):
            self._list(records, now)
            nearest = self._nearest()
        # The days ahead count from the snapshot's day, also on the days without a session after it.
        days_of = {symbol: exchange_date(each["fetched_at"]) for symbol, each in nearest.items()}
        others = {symbol: _around(self._listed[symbol], day) for symbol, day in days_of.items()}
        found = self._deps.snapshots.newest_of_symbols(others, _OF_VOLATILITY)
        return nearest, {symbol: list(each.values()) for symbol, each in found.items()}

    def _list(self, records: Mapping[str, SymbolRecord], now: datetime) -> None:
        """Find out which symbols are recorded, and what is listed of each.

        Where no listing tells, the expiries of the newest recorded day count, though they passed.
        """
        today, listings = exchange_date(now), self._deps.listings.newest()
        listed = {}
        for symbol in self._deps.snapshots.symbols():
            listing = listings.get(symbol)
            current = listing.current(today) if listing else []
            listed[symbol] = current or records.get(symbol, NO_RECORD).expiries
        self._listed, self._listed_at = listed, now

    def _nearest(self) -> dict[str, HeaderDocument]:
        return nearest_headers(self._deps, self._listed, _COLUMNS)


def _around(days: Sequence[date], day: date) -> list[date]:
    """Return the expiries between which the volatility in 30 days of a day lies, by their dates."""
    ahead = day + _AHEAD
    return [
        *[each for each in days if each < ahead][-1:],
        *[each for each in days if each == ahead],
        *[each for each in days if each > ahead][:1],
    ]


class _Judged:
    """Judges how fresh headers are, each by the interval of its symbol."""

    def __init__(self, deps: Dependencies, now: datetime) -> None:
        self._periods = periods_of(deps)
        self._base = deps.symbols.plan().base.step * turns_of(deps)
        self._market = deps.calendar.market()
        self._now = now
        self._confirmed_by: dict[timedelta, datetime | None] = {}

    def of(self, header: HeaderDocument) -> Freshness:
        """Return the freshness: a gap is that none of the last three due ticks confirmed it."""
        confirmed, since = header["last_seen_at"], self._since(header["symbol"])
        gap = since is not None and confirmed < since
        return Freshness(header, self._now, confirmed, gap, is_settled(header, None))

    def _since(self, symbol: str) -> datetime | None:
        near = GAP_TICKS * self._periods.get(symbol, self._base)
        if near not in self._confirmed_by:
            due = last_due(self._market, self._now, near)
            self._confirmed_by[near] = due and due - near
        return self._confirmed_by[near]
