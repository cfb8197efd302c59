"""The open interest of an expiry by strike through time: of the last snapshot of each interval."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from chain_api.caching.http_cache import Content
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.pagination.cursors import Milliseconds, from_milliseconds, to_milliseconds
from chain_api.pagination.listing import Listing, ListState, Records, list_body
from chain_api.parameters.interval import requested_interval
from chain_api.parameters.types import expiry_of
from chain_api.queries.contract_ids import strike_bounds
from chain_api.queries.freshness import is_settled
from chain_api.queries.interval_headers import IntervalHeader, interval_headers
from chain_api.schemas.analytics_queries import OpenInterestHistoryQuery
from chain_api.store.header_series import Span, naive
from optionchain.mongo.documents import ContractDocument, source_of

# Of 200 contracts a snapshot: a day of 375 minutes fits on a page.
_MOST_CONTRACTS = 80_000
_HEADER = ("calls", "puts", "underlying_value", "lot_size", "source", "settled", "settled_at")
_PATHS = (*_HEADER, "analytics.reference_price")
_CONTRACT = ("fetched_at", "type", "strike_price", "open_interest")
_SIDES = {"CE": "call_open_interest", "PE": "put_open_interest"}
_OF_SNAPSHOT = (
    "timestamp",
    "snapshot_timestamp",
    "underlying_value",
    "reference_price",
    "lot_size",
    "source",
    "settled",
)


class _Position(NamedTuple):
    """The instant with which a page begins."""

    since: Milliseconds


class OpenInterestHistory(Listing[OpenInterestHistoryQuery, _Position]):
    """Open interest by interval and strike. A page is a read of headers, and one of contracts."""

    resource = "analytics/open-interest/history"
    position_type = _Position
    columns = (*_OF_SNAPSHOT, "strike_price", *_SIDES.values())

    def __init__(
        self, deps: Dependencies, symbol: str, query: OpenInterestHistoryQuery, accept: str
    ) -> None:
        """Read the request; raise Problem."""
        super().__init__(deps, symbol, query, accept)
        self._interval = requested_interval(self.request.query.interval) or timedelta(days=1)

    @property
    def expiry(self) -> str:
        """Return the expiry that the request names."""
        return self.request.query.expiry

    def find(self) -> ListState:
        """Return the range and its newest header."""
        return self.find_range()

    def members(self, state: ListState, freshness: Answer) -> Answer:
        """Return the interval too."""
        return super().members(state, freshness) | {"interval": self.request.query.interval}

    def read(self, state: ListState) -> Content:
        """Return the records with arrays by strike; in other formats one line a strike."""
        if self.form != "json":
            return super().read(state)
        records, strikes, position = self._page(state)
        link = self.request.next_link(state.pinned, position) if position else None
        body = list_body(records, self.columns, self.form, link, strike_prices=strikes)
        return self.content(body, link)

    def page(self, state: ListState) -> tuple[Records, _Position | None]:
        """Return a flat record for each interval and strike."""
        records, strikes, position = self._page(state)
        flat = [
            {name: record[name] for name in _OF_SNAPSHOT}
            | {"strike_price": strike}
            | {name: record[name][rank] for name in _SIDES.values()}
            for record in records
            for rank, strike in enumerate(strikes)
        ]
        return flat, position

    def _page(self, state: ListState) -> tuple[list[Answer], list[float], _Position | None]:
        (newest,), pinned, position = state.newest, state.pinned, self.request.position
        start = from_milliseconds(position.since) if position else pinned.start
        span = Span(self.request.symbol, expiry_of(pinned.expiry), start, pinned.end)
        limit = self.request.limit
        found, rest = interval_headers(self.deps, span, _PATHS, self._interval, limit)
        number = fitting(found)
        if number < len(found):
            found, rest = found[:number], found[number].first
        window = strike_bounds(self.deps, self.request.query, newest)
        contracts = self._contracts(span, found, window)
        strikes = sorted({each["strike_price"] for each in contracts})
        at = pinned.moment if self.request.ends else None
        records = _records(found, contracts, strikes, at)
        return records, strikes, _Position(to_milliseconds(rest)) if rest else None

    def _contracts(
        self, span: Span, found: Sequence[IntervalHeader], window: tuple[float, float]
    ) -> list[ContractDocument]:
        committed = {each.last["fetched_at"]: _size(each) for each in found}
        if not committed:
            return []
        lowest, highest = window
        rows = self.deps.time_series.contracts_at(span, committed, _CONTRACT)
        return [row for row in rows if lowest <= row["strike_price"] <= highest]


def _size(interval: IntervalHeader) -> int:
    size: int = interval.last["calls"] + interval.last["puts"]
    return size


def fitting(found: Sequence[IntervalHeader]) -> int:
    """Return how many of these snapshots fit on a page: at least one."""
    sizes = accumulate(map(_size, found))
    return max(sum(size <= _MOST_CONTRACTS for size in sizes), 1)


def _records(
    found: Sequence[IntervalHeader],
    contracts: Sequence[ContractDocument],
    strikes: Sequence[float],
    at: datetime | None,
) -> list[Answer]:
    """Return a record for each interval, with arrays in the order of the strikes."""
    ranks = {strike: rank for rank, strike in enumerate(strikes)}
    arrays: dict[tuple[Any, str], list[float | None]] = {
        (each.last["fetched_at"], side): [None] * len(strikes) for each in found for side in _SIDES
    }
    for row in contracts:
        arrays[row["fetched_at"], row["type"]][ranks[row["strike_price"]]] = row["open_interest"]
    return [
        _of_snapshot(each, at)
        | {name: arrays[each.last["fetched_at"], side] for side, name in _SIDES.items()}
        for each in found
    ]


def _of_snapshot(interval: IntervalHeader, at: datetime | None) -> Answer:
    header = interval.last
    return {
        "timestamp": interval.timestamp,
        "snapshot_timestamp": header["fetched_at"],
        "underlying_value": header.get("underlying_value"),
        "reference_price": (header.get("analytics") or {}).get("reference_price"),
        "lot_size": header.get("lot_size"),
        "source": source_of(header),
        # The fields are read with naive datetimes.
        "settled": is_settled(header, at and naive(at)),
    }
