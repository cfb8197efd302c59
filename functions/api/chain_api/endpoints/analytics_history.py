"""The metrics of a symbol through time: of every snapshot, or of the last of each interval."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.pagination.cursors import Milliseconds, from_milliseconds, to_milliseconds
from chain_api.pagination.listing import Listing, ListState
from chain_api.parameters.columns import METRICS, OF_HEADER
from chain_api.parameters.interval import requested_interval
from chain_api.parameters.types import expiry_of
from chain_api.queries.freshness import is_settled
from chain_api.queries.interval_headers import interval_headers
from chain_api.schemas.analytics_queries import AnalyticsHistoryQuery
from chain_api.store.header_series import Span, aware, naive
from optionchain.analytics import RUPEE_FIGURES, in_rupees, rupee_sources
from optionchain.mongo.documents import source_of

# Older recorders derived these from the exchange's volatilities. Theirs are no part of a series.
_OF_VOLATILITIES = frozenset(
    {
        "atm_iv",
        "skew_25_delta",
        "call_gamma_exposure",
        "put_gamma_exposure",
        "total_gamma_exposure",
        "net_gamma_exposure",
        "unpriced_legs",
        "call_gamma_exposure_rupees",
        "put_gamma_exposure_rupees",
        "total_gamma_exposure_rupees",
        "net_gamma_exposure_rupees",
    }
)

type Row = Mapping[str, Any]
type Page = tuple[list[Answer], _Position | None]


class _Position(NamedTuple):
    """The instant with which a page begins."""

    since: Milliseconds


class AnalyticsHistory(Listing[AnalyticsHistoryQuery, _Position]):
    """A symbol's metrics, by time. A page costs one look-up of headers."""

    resource = "analytics/history"
    position_type = _Position

    def __init__(
        self, deps: Dependencies, symbol: str, query: AnalyticsHistoryQuery, accept: str
    ) -> None:
        """Read the request; raise Problem."""
        super().__init__(deps, symbol, query, accept)
        metric = self.request.query.metric
        self._metrics: Sequence[str] = metric.split(",") if metric else METRICS
        self._rupees = not set(RUPEE_FIGURES).isdisjoint(self._metrics)
        self._interval = requested_interval(self.request.query.interval)

    @property
    def expiry(self) -> str:
        """Return the expiry that the request names."""
        return self.request.query.expiry

    @property
    def columns(self) -> Sequence[str]:
        """Return the timestamp, the metrics, the source, and whether it is the settled chain."""
        return ("timestamp", *self._metrics, "source", "settled")

    @property
    def is_series(self) -> bool:
        """Tell that there is one record a moment."""
        return True

    def find(self) -> ListState:
        """Return the range and its newest header."""
        return self.find_range()

    def members(self, state: ListState, freshness: Answer) -> Answer:
        """Return the interval and the metrics too."""
        more = {"interval": self.request.query.interval, "metrics": self._metrics}
        return super().members(state, freshness) | more

    def page(self, state: ListState) -> Page:
        """Return a record for each snapshot, or for each interval."""
        pinned, position = state.pinned, self.request.position
        start = from_milliseconds(position.since) if position else pinned.start
        span = Span(self.request.symbol, expiry_of(pinned.expiry), start, pinned.end)
        at = pinned.moment if self.request.ends else None
        if self._interval:
            return self._intervals(span, self._interval, at)
        return self._snapshots(span, at)

    def _snapshots(self, span: Span, at: datetime | None) -> Page:
        limit = self.request.limit
        rows = self.deps.time_series.header_fields(span, self._paths(), limit + 1)
        rest = aware(rows[limit]["fetched_at"]) if len(rows) > limit else None
        records = [self._record(row, row["fetched_at"], at) for row in rows[:limit]]
        return records, _position(rest)

    def _intervals(self, span: Span, length: timedelta, at: datetime | None) -> Page:
        """Return a record for each whole interval, made of its last snapshot."""
        limit = self.request.limit
        found, rest = interval_headers(self.deps, span, self._paths(), length, limit)
        records = [self._record(each.last, each.timestamp, at) for each in found]
        return records, _position(rest)

    def _paths(self) -> list[str]:
        stored = [name for name in self._metrics if name not in RUPEE_FIGURES]
        paths = [name if name in OF_HEADER else f"analytics.{name}" for name in stored]
        paths += [*rupee_sources(self._metrics), "settled", "settled_at", "source"]
        if not _OF_VOLATILITIES.isdisjoint(self._metrics):
            paths.append("analytics.iv_source")
        return paths

    def _record(self, row: Row, timestamp: datetime, at: datetime | None) -> Answer:
        analytics = row.get("analytics") or {}  # headers of older recorders have none
        left_out = _OF_VOLATILITIES if analytics.get("iv_source") != "price" else ()
        record: Answer = {"timestamp": timestamp}
        rupees = in_rupees(row, analytics).numbers if self._rupees else {}
        for name in self._metrics:
            known = row if name in OF_HEADER else rupees if name in rupees else analytics
            record[name] = None if name in left_out else known.get(name)
        # The rows are read with naive datetimes.
        settled = is_settled(row, at and naive(at))
        return record | {"source": source_of(row), "settled": settled}


def _position(since: datetime | None) -> _Position | None:
    return _Position(to_milliseconds(since)) if since else None
