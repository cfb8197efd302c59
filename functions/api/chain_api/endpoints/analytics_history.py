"""The numbers of a symbol's analytics through time: as recorded, or the last of each interval."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from fastapi import Request, Response

from chain_api.calculations.intervals import Intervals, interval_asked, opening_in
from chain_api.dependencies import Dependencies
from chain_api.pagination import response as pages
from chain_api.pagination.request import Milliseconds, asked, from_milliseconds, milliseconds, pin
from chain_api.parameters.columns import METRICS, UNDERLYING
from chain_api.parameters.types import expiry_of
from chain_api.queries.freshness import seen_by
from chain_api.rendering.answers import Answer
from chain_api.rendering.formats import format_of
from chain_api.schemas.analytics_queries import AnalyticsHistoryQuery
from chain_api.store.time_series import Span, aware

# Headers read at once: more than five sessions of ticks of five seconds.
_MOST_HEADERS = 25_000

type Row = Mapping[str, Any]
type Page = tuple[list[Answer], datetime | None]


class _Position(NamedTuple):
    """The instant with which a page begins."""

    since: Milliseconds


def answer(
    deps: Dependencies, symbol: str, query: AnalyticsHistoryQuery, request: Request
) -> Response:
    """Return a page of a symbol's metrics, by time."""
    wanted = asked("analytics/history", symbol, query, _Position)
    query = wanted.query
    interval = interval_asked(query.interval)
    pinned, headers = pin(deps, wanted, query.expiry)
    form = format_of(query.format, request.headers.get("accept", ""))
    (newest,) = headers
    state = pages.standing(headers, [seen_by(deps, newest, pinned.moment)], pinned.moment)
    represented = pages.representation(deps, wanted, form, pinned, headers, state)
    if unchanged := represented.not_modified(request.headers.get("if-none-match")):
        return unchanged
    names = query.metric.split(",") if query.metric else METRICS
    start = from_milliseconds(wanted.position.since) if wanted.position else pinned.start
    span = Span(symbol, expiry_of(pinned.expiry), start, pinned.end)
    read = _Reading(deps, span, names)
    records, rest = (
        read.intervals(interval, wanted.limit) if interval else read.snapshots(wanted.limit)
    )
    link = wanted.next(pinned, _Position(milliseconds(rest))) if rest else None
    members = pages.head(symbol, pinned, state, interval=query.interval, metrics=names)
    return pages.answer(represented, members, records, ("timestamp", *names), link)


class _Reading(NamedTuple):
    """What is read of the headers of a span: one look-up a page."""

    deps: Dependencies
    span: Span
    names: Sequence[str]

    def snapshots(self, limit: int) -> Page:
        """Return a record a snapshot, and where the first of the next page begins."""
        rows = self._rows(limit + 1)
        rest = aware(rows[limit]["fetched_at"]) if len(rows) > limit else None
        return [self._record(row, row["fetched_at"]) for row in rows[:limit]], rest

    def intervals(self, length: timedelta, limit: int) -> Page:
        """Return a record an interval, of its last snapshot; whole intervals, as candles are."""
        ticks = length // timedelta(seconds=self.deps.settings.nse_fetch_interval) + 1
        most = min(limit * ticks, _MOST_HEADERS)
        while True:
            rows = self._rows(most + 1)
            found = self._of_intervals(rows, length)
            whole = min(len(found) - (len(rows) > most), limit)
            if whole or not found:
                break
            most *= 2  # not one whole interval: as a day of ticks every second has more headers
        rest = found[whole][0] if whole < len(found) else None
        return [record for _, record in found[:whole]], rest

    def _rows(self, most: int) -> Sequence[Row]:
        paths = [name if name == UNDERLYING else f"analytics.{name}" for name in self.names]
        return self.deps.time_series.header_fields(self.span, paths, most)

    def _of_intervals(
        self, rows: Sequence[Row], length: timedelta
    ) -> list[tuple[datetime, Answer]]:
        """Return the record of each interval, and the instant of its first snapshot."""
        clock = Intervals(length, opening_in(self.deps.calendar.market()))
        found = []
        for interval, group in groupby(rows, lambda row: clock.of(aware(row["fetched_at"]))):
            first, *others = group
            last = others[-1] if others else first
            found.append((aware(first["fetched_at"]), self._record(last, interval.timestamp)))
        return found

    def _record(self, row: Row, timestamp: datetime) -> Answer:
        kept = row.get("analytics") or {}  # none in headers of before they kept them
        record: Answer = {"timestamp": timestamp}
        for name in self.names:
            record[name] = row.get(name) if name == UNDERLYING else kept.get(name)
        return record
