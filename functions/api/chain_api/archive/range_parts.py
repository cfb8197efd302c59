"""A range of time, cut into cold days and what lies between them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from chain_api.archive.cold_days import ColdDays
from optionchain.exchange_time import IST, exchange_date

_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


class RangePart(NamedTuple):
    """A part of a range, both ends inclusive, UTC. `day` is a cold day in India; None: MongoDB."""

    start: datetime
    end: datetime
    day: date | None


def range_parts(cold: ColdDays, symbol: str, start: datetime, end: datetime) -> list[RangePart]:
    """Return the parts of a range in order of time. Raises ArchiveUnavailable, StoreUnavailable.

    A range of days that the database has as a whole is one part, and the archive is not asked.
    """
    whole_from = cold.kept.whole_from(symbol)
    first, last = exchange_date(start), min(exchange_date(end), whole_from - _DAY)
    if first > last:
        return [RangePart(start, end, None)]
    return _cut(start, end, cold.days(symbol, first, last))


def _cut(start: datetime, end: datetime, days: Iterable[date]) -> list[RangePart]:
    found, since = [], start
    for day in days:
        begins = datetime.combine(day, time.min, IST).astimezone(start.tzinfo)
        until = min(begins + _DAY - _MILLISECOND, end)
        if begins > since:
            found.append(RangePart(since, begins - _MILLISECOND, None))
        found.append(RangePart(max(since, begins), until, day))
        since = begins + _DAY
    if since <= end:
        found.append(RangePart(since, end, None))
    return found
