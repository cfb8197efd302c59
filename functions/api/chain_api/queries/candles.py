"""A page of candles: only whole ones, each with the volume that was traded in it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from chain_api.calculations import leg_greeks
from chain_api.calculations.candles import VolumeCounter, candles, last_documents
from chain_api.calculations.intervals import Intervals, midnight_of
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.parameters.columns import GREEK_COLUMNS
from chain_api.parameters.interval import ONE_DAY
from chain_api.queries.freshness import is_settled
from chain_api.queries.series_greeks import add_greeks
from chain_api.store.header_series import Span, aware, naive
from chain_api.store.time_series import SeriesPosition
from optionchain.analytics import IvChoice
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import ContractDocument

# Documents to read at once: more than a day of ticks of five seconds.
_MOST_DOCUMENTS = 25_000
_FIELDS: tuple[str, ...] = (
    "symbol",
    "type",
    "strike_price",
    "expiry_date",
    "identifier",
    "fetched_at",
    "last_price",
    "open_interest",
    "total_traded_volume",
    "source",
)


class SeriesPage(NamedTuple):
    """A page of a time series: its span, its contracts in order, and where the page begins."""

    span: Span
    contracts: Sequence[str]
    position: SeriesPosition | None


def candle_page(
    deps: Dependencies,
    page: SeriesPage,
    interval: timedelta,
    limit: int,
    at: datetime | None,
    greeks: IvChoice | None = None,
) -> tuple[list[Answer], SeriesPosition | None]:
    """Return at most `limit` whole candles, and where the next page begins.

    Candles of days are settled by what was known at the moment `at`, None for now. With `greeks`,
    which says where volatilities come from, each has what is derived of its last document.
    """
    intervals = Intervals(interval, deps.calendar.market())
    is_day = interval == ONE_DAY
    evening = set() if is_day else _evening_ticks(deps, page.span)
    ticks = interval // deps.symbols.plan().rhythm_of(page.span.symbol).step + 1
    most = min(limit * ticks, _MOST_DOCUMENTS)
    fields = (*_FIELDS, *leg_greeks.fields_for(GREEK_COLUMNS)) if greeks else _FIELDS
    while True:
        documents, rest = deps.time_series.documents(*page, most, fields)
        documents = _with_aware_ticks(documents, evening)
        before = _volumes_before(deps, page, documents)
        settled = is_day and _settled_ticks(deps, page.span, documents, intervals, at)
        found = candles(documents, intervals, before, settled or ())
        whole = min(len(found) - _is_cut(documents, rest), limit)
        if whole or not found:
            break
        most *= 2  # the first candle has more documents than were read
    if greeks:
        _add_greeks(deps, page.span, found[:whole], last_documents(documents, intervals), greeks)
    if whole == len(found):
        return found, rest
    first = documents[[0, *accumulate(candle["count"] for candle in found)][whole]]
    return found[:whole], SeriesPosition(first["identifier"], first["fetched_at"])


def _add_greeks(
    deps: Dependencies,
    span: Span,
    found: Sequence[Answer],
    ends: Sequence[ContractDocument],
    iv_source: IvChoice,
) -> None:
    """Add to each candle what is derived of the document with which it ends."""
    add_greeks(deps, span, ends[: len(found)], iv_source)
    for candle, end in zip(found, ends, strict=False):
        values: Mapping[str, Any] = end
        candle |= {name: values[name] for name in GREEK_COLUMNS}


def _with_aware_ticks(
    documents: Sequence[ContractDocument], without: Collection[datetime]
) -> list[ContractDocument]:
    """Return the documents of other ticks than these; their ticks become aware."""
    found = [document for document in documents if document["fetched_at"] not in without]
    for document in found:
        document["fetched_at"] = aware(document["fetched_at"])
    return found


def _evening_ticks(deps: Dependencies, span: Span) -> set[datetime]:
    """Return the ticks of a span that belong to no interval shorter than a day, naive in UTC."""
    market, first = deps.calendar.market(), exchange_date(span.start)
    number = (exchange_date(span.end) - first).days + 1
    days = (first + ONE_DAY * day for day in range(number))
    return {naive(tick) for day in days for tick in market.evening_ticks(day)}


def _settled_ticks(
    deps: Dependencies,
    span: Span,
    documents: Sequence[ContractDocument],
    intervals: Intervals,
    at: datetime | None,
) -> set[datetime]:
    """Return the ticks of settled chains among those with which the days of contracts end."""
    ends = {document["fetched_at"] for document in last_documents(documents, intervals)}
    headers = deps.time_series.headers_at(span, ends)
    return {header["fetched_at"] for header in headers if is_settled(header, at)}


def _is_cut(documents: Sequence[ContractDocument], rest: SeriesPosition | None) -> bool:
    """Tell whether the last candle may have more documents than were read."""
    return bool(documents and rest and documents[-1]["identifier"] == rest.identifier)


def _volumes_before(
    deps: Dependencies, page: SeriesPage, documents: Sequence[ContractDocument]
) -> dict[str, VolumeCounter]:
    """Return the volume counters before the documents, earlier on the day of the first of them."""
    span, _, position = page
    resumed = position.identifier if position else None
    firsts = {document["identifier"]: document["fetched_at"] for document in reversed(documents)}
    names: dict[datetime, list[str]] = {}
    for name, first in firsts.items():
        begins = position.since if position and name == resumed else span.start
        if exchange_date(first) == exchange_date(begins):
            names.setdefault(begins, []).append(name)
    known: dict[str, VolumeCounter] = {}
    for begins, contracts in names.items():
        midnight = midnight_of(begins)
        known |= deps.time_series.volumes_before(span, contracts, midnight, begins)
    return known
