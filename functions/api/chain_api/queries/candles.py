"""Candles a page at a time: whole ones, with the volume that was traded in each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from chain_api.calculations.candles import candles
from chain_api.calculations.intervals import midnight_of, opening_in
from chain_api.dependencies import Dependencies
from chain_api.rendering.answers import Answer
from chain_api.store.time_series import Position, Span, aware
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import ContractDocument

# Documents read at once: more than a day of ticks of five seconds.
_MOST_DOCUMENTS = 25_000
_FIELDS = (
    *("symbol", "type", "strike_price", "expiry_date", "identifier", "fetched_at"),
    *("last_price", "open_interest", "total_traded_volume"),
)


class Place(NamedTuple):
    """Where a page of a series lies: its span, its contracts in order, and where it begins."""

    span: Span
    contracts: Sequence[str]
    position: Position | None


def candle_page(
    deps: Dependencies, place: Place, interval: timedelta, limit: int
) -> tuple[list[Answer], Position | None]:
    """Return at most `limit` whole candles, and where the first of the next page begins."""
    ticks = interval // timedelta(seconds=deps.settings.nse_fetch_interval) + 1
    most = min(limit * ticks, _MOST_DOCUMENTS)
    while True:
        documents, rest = deps.time_series.documents(*place, most, _FIELDS)
        for document in documents:
            document["fetched_at"] = aware(document["fetched_at"])
        before = _volumes_before(deps, place, documents)
        found = candles(documents, interval, opening_in(deps.calendar.market()), before)
        whole = min(len(found) - _is_cut(documents, rest), limit)
        if whole or not found:
            break
        most *= 2  # not one whole candle: as a day of ticks every second has more documents
    if whole == len(found):
        return found, rest
    first = documents[[0, *accumulate(candle["count"] for candle in found)][whole]]
    return found[:whole], Position(first["identifier"], first["fetched_at"])


def _is_cut(documents: Sequence[ContractDocument], rest: Position | None) -> bool:
    """Tell whether the last candle may have more documents than were read."""
    return bool(documents and rest and documents[-1]["identifier"] == rest.identifier)


def _volumes_before(
    deps: Dependencies, place: Place, documents: Sequence[ContractDocument]
) -> dict[str, float | None]:
    """Return the volume counters as they stood before the documents, earlier on their first day."""
    span, _, position = place
    resumed = position.identifier if position else None
    firsts = {document["identifier"]: document["fetched_at"] for document in reversed(documents)}
    names: dict[datetime, list[str]] = {}
    for name, first in firsts.items():
        begins = position.since if position and name == resumed else span.start
        if exchange_date(first) == exchange_date(begins):
            names.setdefault(begins, []).append(name)
    known: dict[str, float | None] = {}
    for begins, those in names.items():
        known |= deps.time_series.volumes_before(span, those, midnight_of(begins), begins)
    return known
