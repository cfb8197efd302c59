"""The last snapshot of each interval of a range, a page at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from chain_api.calculations.intervals import Intervals
from chain_api.dependencies import Dependencies
from chain_api.store.header_series import Span, aware

# Headers to read at once: more than five sessions of ticks of five seconds.
_MOST_HEADERS = 25_000

type HeaderFields = Mapping[str, Any]


class IntervalHeader(NamedTuple):
    """An interval: the tick of its first snapshot, its beginning, and the fields of its last."""

    first: datetime
    timestamp: datetime
    last: HeaderFields


def interval_headers(
    deps: Dependencies, span: Span, paths: Sequence[str], length: timedelta, most: int
) -> tuple[list[IntervalHeader], datetime | None]:
    """Return the first `most` intervals that have a snapshot, and with which tick the next begins.

    `paths` are MongoDB's, as for `header_fields`. An interval is whole: all of its headers were
    read. Raises StoreUnavailable.
    """
    ticks = length // deps.symbols.plan().rhythm_of(span.symbol).step + 1
    number = min(most * ticks, _MOST_HEADERS)
    while True:
        rows = deps.time_series.header_fields(span, paths, number + 1)
        found = _of_intervals(rows, Intervals(length, deps.calendar.market()))
        is_cut = len(rows) > number
        whole = min(len(found) - is_cut, most)
        if whole > 0 or not is_cut:
            break
        number *= 2  # the first interval has more headers than were read
    return found[:whole], found[whole].first if whole < len(found) else None


def _of_intervals(rows: Sequence[HeaderFields], intervals: Intervals) -> list[IntervalHeader]:
    found = []
    for interval, group in groupby(rows, lambda row: intervals.of(aware(row["fetched_at"]))):
        if interval is None:
            continue
        first, *others = group
        last = others[-1] if others else first
        found.append(IntervalHeader(aware(first["fetched_at"]), interval.timestamp, last))
    return found
