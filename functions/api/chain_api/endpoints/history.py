"""The history of contracts, as recorded or as candles."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from fastapi import Request, Response

from chain_api.calculations.candles import CANDLE_COLUMNS
from chain_api.calculations.intervals import interval_asked
from chain_api.dependencies import Dependencies
from chain_api.pagination import response as pages
from chain_api.pagination.request import (
    Asked,
    Milliseconds,
    asked,
    from_milliseconds,
    milliseconds,
    pin,
)
from chain_api.pagination.response import Records
from chain_api.parameters.columns import COLUMNS
from chain_api.parameters.types import expiry_of
from chain_api.problems.catalogue import invalid, unknown_contract
from chain_api.queries.candles import Place, candle_page
from chain_api.queries.contract_ids import contracts, expiry_named
from chain_api.queries.freshness import seen_by
from chain_api.rendering.formats import format_of
from chain_api.schemas.queries import HistoryQuery
from chain_api.store.time_series import Position, Span
from optionchain.mongo.documents import HeaderDocument

_KEYS = ("identifier", "fetched_at")

type Page = tuple[Records, Position | None]


class _Position(NamedTuple):
    """The contract and the instant with which a page begins."""

    identifier: str
    since: Milliseconds


def answer(deps: Dependencies, symbol: str, query: HistoryQuery, request: Request) -> Response:
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
    place = Place(span, identifiers, position)
    records, rest = (
        candle_page(deps, place, interval, wanted.limit)
        if interval
        else _documents(deps, place, wanted)
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
    return interval_asked(query.interval)


def _names(query: HistoryQuery) -> Sequence[str]:
    if query.interval:
        return CANDLE_COLUMNS
    return query.columns.split(",") if query.columns else COLUMNS


def _position(wanted: Asked[HistoryQuery, _Position]) -> Position | None:
    if wanted.position is None:
        return None
    identifier, since = wanted.position
    return Position(identifier, from_milliseconds(since))


def _documents(deps: Dependencies, place: Place, wanted: Asked[HistoryQuery, _Position]) -> Page:
    names = wanted.query.columns and _names(wanted.query)
    fields = (*names, *_KEYS) if names else None
    found, rest = deps.time_series.documents(*place, wanted.limit, fields)
    if not names:
        return found, rest
    return [{name: document.get(name) for name in names} for document in found], rest


def _check_known(
    deps: Dependencies, query: HistoryQuery, identifiers: Sequence[str], newest: HeaderDocument
) -> None:
    """Raise the 404 of a contract that was never recorded; an empty range is no error."""
    named = {"identifier": query.identifier, "strike": query.strike}
    for field, value in named.items():
        if value is not None and not any(map(deps.time_series.is_known, identifiers)):
            known = deps.snapshots.strikes(newest)
            raise unknown_contract(field, value, newest["symbol"], known)
