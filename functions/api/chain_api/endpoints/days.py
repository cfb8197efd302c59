"""The recorded days of a symbol: for calendars, and to know which days can be asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chain_api.caching.http_cache import Content, Representation, content_of, version_of
from chain_api.caching.resource import Description
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer, json_bytes
from chain_api.problems.catalogue import invalid, unknown_symbol
from chain_api.schemas.days import MOST_DAYS, DaysQuery
from chain_api.store.recorded_days import RecordedDay
from optionchain.exchange_time import exchange_date

_DEFAULT_DAYS = timedelta(days=30)
# The day that is recorded gets new snapshots, and any day may be sealed or revised.
_REVALIDATED = "private, no-cache"
# What the manifest of an archived day does not say.
_OF_FILES = ("first_timestamp", "last_timestamp", "settled")


@dataclass(frozen=True)
class _State:
    """The days of the range, and the nearest recorded ones outside of it."""

    days: Sequence[RecordedDay]
    before: date | None
    after: date | None


class DaysResource:
    """The recorded days of a range, as a Resource."""

    def __init__(self, deps: Dependencies, symbol: str, query: DaysQuery) -> None:
        """Read the request; raise Problem."""
        self._deps = deps
        self._symbol = symbol
        self._last = query.to or exchange_date(deps.now())
        try:
            self._first = query.from_ or self._last - _DEFAULT_DAYS
        except OverflowError:
            self._first = date.min
        if self._first > self._last:
            raise invalid("from", self._first.isoformat(), f"must not be after to ({self._last})")
        if (self._last - self._first).days >= MOST_DAYS:
            raise invalid(
                "from", self._first.isoformat(), f"must be less than {MOST_DAYS} days before to"
            )

    def find(self) -> _State:
        """Return the days; raise the Problem of a symbol that has none at all."""
        reader, symbol = self._deps.recorded_days, self._symbol
        days = list(reader.within(symbol, self._first, self._last).values())
        before, after = reader.before(symbol, self._first), reader.after(symbol, self._last)
        if not (days or before or after):
            raise unknown_symbol(symbol, self._deps.snapshots.recorded_symbols())
        return _State(days, before, after)

    def describe(self, state: _State) -> Description:
        """Return the answer without its days."""
        members = {
            "symbol": self._symbol,
            "from": self._first,
            "to": self._last,
            "total_days": len(state.days),
            "before": state.before,
            "after": state.after,
        }
        version = version_of("days", *members.values(), *state.days)
        return Description(Representation(version, "json", _REVALIDATED), members)

    def read(self, state: _State) -> Content:
        """Return the days."""
        return content_of(json_bytes({"days": [_record(each) for each in state.days]}), "json")


def _record(day: RecordedDay) -> Answer:
    reasons = dict.fromkeys(_OF_FILES, "archived") if day.archived else {}
    if day.source is None:
        reasons["source"] = "several_sources"
    return {
        "day": day.day,
        "snapshots": day.snapshots,
        "first_timestamp": day.first,
        "last_timestamp": day.last,
        "settled": day.settled,
        "source": day.source,
        "storage": "archive" if day.archived else "database",
        "reasons": reasons,
    }
