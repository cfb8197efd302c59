"""The history of contracts, as recorded or as candles."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple

from fastapi import Request, Response

from chain_api import pages
from chain_api.candles import CANDLE_COLUMNS, candles, interval_of
from chain_api.contract_names import contracts, expiry_named
from chain_api.deps import Deps
from chain_api.pages import Records
from chain_api.paging import Asked, Milliseconds, asked, from_milliseconds, milliseconds, pin
from chain_api.parameters import COLUMNS, expiry_of
from chain_api.problems import invalid, unknown_contract
from chain_api.rendering import format_of
from chain_api.schemas.queries import HistoryQuery
from chain_api.series import Position, Span, aware
from chain_api.sights import seen_by
from optionchain.documents import ContractDocument, HeaderDocument
from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Market

# What candles are made of, read at once: more than a day of ticks of five seconds.
_MOST_DOCUMENTS = 25_000
_CANDLE_FIELDS = (
    *("symbol", "type", "strike_price", "expiry_date", "identifier", "fetched_at"),
    *("last_price", "open_interest", "total_traded_volume"),
)
_KEYS = ("identifier", "fetched_at")

type Page = tuple[Records, Position | None]


class _Position(NamedTuple):
    """The contract and the instant with which a page begins."""

    identifier: str
    since: Milliseconds


def answer(deps: Deps, symbol: str, query: HistoryQuery, request: Request) -> Response:
    """Return a page of the history of a symbol's contracts, contract by contract, by time."""
    wanted = asked("history", symbol, query, _Position)
    query = wanted.query
    interval = _interval(query)
    pinned, headers = pin(deps, wanted, expiry_named(symbol, query))
    form = format_of(query.format, request.headers.get("accept", ""))
    (newest,) = headers
    state = pages.standing(headers, [seen_by(deps, newest, pinned.moment)], pinned.moment)
    represented = pages.representation(deps, wanted, form, pinned, headers, state)
    if unchanged := represented.not_modified(request.headers.get("if-none-match")):
        return unchanged
    span = Span(symbol, expiry_of(pinned.expiry), pinned.start, pinned.end)
    identifiers = contracts(deps, query, span, newest)
    position = _position(wanted)
    if position and position.identifier not in identifiers:
        raise invalid("cursor", None, "is of a contract that is not kept any more")
    records, rest = (
        _candles(deps, span, identifiers, position, interval, wanted.limit)
        if interval
        else _documents(deps, span, identifiers, position, wanted)
    )
    if not records and not position:
        _check_known(deps, query, identifiers, newest)
    link = (
        wanted.next(pinned, _Position(rest.identifier, milliseconds(rest.since))) if rest else None
    )
    members = pages.head(symbol, pinned, state, interval=query.interval)
    return pages.answer(represented, members, records, _names(query), link)


def _interval(query: HistoryQuery) -> timedelta | None:
    if query.interval is None:
        return None
    if query.columns:
        raise invalid("columns", query.columns, "are of documents; candles have their own")
    try:
        return interval_of(query.interval)
    except ValueError as error:
        raise invalid("interval", query.interval, str(error)) from None


def _names(query: HistoryQuery) -> Sequence[str]:
    if query.interval:
        return CANDLE_COLUMNS
    return query.columns.split(",") if query.columns else COLUMNS


def _position(wanted: Asked[HistoryQuery, _Position]) -> Position | None:
    if wanted.position is None:
        return None
    identifier, since = wanted.position
    return Position(identifier, from_milliseconds(since))


def _documents(
    deps: Deps,
    span: Span,
    identifiers: Sequence[str],
    position: Position | None,
    wanted: Asked[HistoryQuery, _Position],
) -> Page:
    names = wanted.query.columns and _names(wanted.query)
    fields = (*names, *_KEYS) if names else None
    found, rest = deps.series.documents(span, identifiers, position, wanted.limit, fields)
    if not names:
        return found, rest
    return [{name: document.get(name) for name in names} for document in found], rest


def _candles(
    deps: Deps,
    span: Span,
    identifiers: Sequence[str],
    position: Position | None,
    interval: timedelta,
    limit: int,
) -> Page:
    """Return whole candles, and the position at which the first of the next page begins."""
    ticks = interval // timedelta(seconds=deps.settings.nse_fetch_interval) + 1
    most = min(limit * ticks, _MOST_DOCUMENTS)
    while True:
        documents, rest = deps.series.documents(span, identifiers, position, most, _CANDLE_FIELDS)
        for document in documents:
            document["fetched_at"] = aware(document["fetched_at"])
        before = _volumes_before(deps, span, identifiers, position, documents)
        found = candles(documents, interval, _opening(deps.calendar.market()), before)
        whole = min(len(found) - _is_cut(documents, rest), limit)
        if whole or not found:
            break
        most *= 2  # not one whole candle: as a day of ticks every second has more documents
    if whole == len(found):
        return found, rest
    first = [0, *accumulate(candle["count"] for candle in found)][whole]
    return found[:whole], Position(documents[first]["identifier"], documents[first]["fetched_at"])


def _is_cut(documents: Sequence[ContractDocument], rest: Position | None) -> bool:
    """Tell whether the last candle may have more documents than were read."""
    return bool(documents and rest and documents[-1]["identifier"] == rest.identifier)


def _volumes_before(
    deps: Deps,
    span: Span,
    identifiers: Sequence[str],
    position: Position | None,
    documents: Sequence[ContractDocument],
) -> dict[str, float | None]:
    """Return the volume counters as they stood before the documents, earlier on their first day."""
    begins = dict.fromkeys(identifiers, span.start)
    if position:
        begins[position.identifier] = position.since
    known: dict[str, float | None] = {}
    for since in set(begins.values()):
        names = [name for name, begin in begins.items() if begin == since]
        known |= deps.series.volumes_before(span, names, _midnight(since), since)
    firsts = {document["identifier"]: document["fetched_at"] for document in reversed(documents)}
    return {
        name: known[name]
        for name, first in firsts.items()
        if name in known and exchange_date(first) == exchange_date(begins[name])
    }


def _opening(market: Market) -> Callable[[datetime], datetime]:
    def opening(instant: datetime) -> datetime:
        session = market.session(exchange_date(instant))
        return session.opens.astimezone(UTC) if session else _midnight(instant)

    return opening


def _midnight(instant: datetime) -> datetime:
    return datetime.combine(exchange_date(instant), time(tzinfo=IST)).astimezone(UTC)


def _check_known(
    deps: Deps, query: HistoryQuery, identifiers: Sequence[str], newest: HeaderDocument
) -> None:
    """Raise the 404 of a contract that was never recorded; an empty range is no error."""
    named = {"identifier": query.identifier, "strike": query.strike}
    for field, value in named.items():
        if value is not None and not any(map(deps.series.is_known, identifiers)):
            known = deps.store.strikes(newest)
            raise unknown_contract(field, value, newest["symbol"], known)
