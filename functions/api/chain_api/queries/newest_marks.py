"""Which headers are the newest of all recorded symbols, by one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chain_api.calculations.symbol_record import NO_RECORD, SymbolRecord
from chain_api.dependencies import Dependencies
from chain_api.queries.known_headers import MARK, Marks
from chain_api.queries.symbol_headers import Listed, nearest_headers
from optionchain.constant_maturity import CONSTANT_DAYS
from optionchain.exchange_time import exchange_date

_AHEAD = timedelta(days=CONSTANT_DAYS)
# A listing changes about once a week. A header that is marked as withdrawn has it read at once.
_LISTED_EVERY = timedelta(seconds=30)
_CONFIRMED = "last_seen_at"
_READ = (*MARK, _CONFIRMED)


@dataclass(frozen=True)
class NewestMarks:
    """The marks of the newest headers of each symbol: of the nearest expiry and around 30 days.

    Of the latter they have `fetched_at` alone: nothing that changes later is told of them.
    `nearest` names the former and `around` the latter. `confirmed` is the `last_seen_at` of the
    former, which moves on without news, so it is not in the marks.
    """

    marks: Marks
    nearest: Mapping[str, date]
    around: Listed
    confirmed: Mapping[str, datetime]


class MarkReader:
    """Finds them, and remembers for half a minute what is listed. For one thread at a time."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._listed_at: datetime | None = None
        self._listed: Listed = {}
        self._around: Listed = {}
        self._further: Listed = {}
        self._ticks: dict[str, datetime] = {}
        self._days: dict[str, date] = {}

    def read(self, records: Mapping[str, SymbolRecord], now: datetime) -> NewestMarks:
        """Return the marks; `records` tell what was listed. Raises StoreUnavailable."""
        listed_at = self._listed_at
        if listed_at is None or not timedelta() <= now - listed_at < _LISTED_EVERY:
            self._list(records, now)
        found = self._read()
        nearest = (found.marks[symbol][day] for symbol, day in found.nearest.items())
        if any("unlisted_since" in mark for mark in nearest):
            self._list(records, now)
            found = self._read()
        if self._learn_days(found, exchange_date(now)):
            found = self._read()
        return found

    def _learn_days(self, found: NewestMarks, today: date) -> bool:
        """Remember the day of each newest snapshot; tell whether one has changed.

        Days ahead count from it, also on the days without a session after it.
        """
        ticks = {
            symbol: found.marks[symbol][expiry]["fetched_at"]
            for symbol, expiry in found.nearest.items()
        }
        if ticks == self._ticks:
            return False
        days = {symbol: exchange_date(tick) for symbol, tick in ticks.items()}
        changed = any(self._days.get(symbol, today) != day for symbol, day in days.items())
        self._ticks, self._days = ticks, days
        if changed:
            self._arrange(today)
        return changed

    def _read(self) -> NewestMarks:
        listed = self._listed.items()
        nearest_days = {symbol: days[:1] for symbol, days in listed}
        newest: dict[str, dict[date, Any]] = {
            **self._deps.snapshots.newest_and_ticks(nearest_days, self._further, _READ)
        }
        nearest = {
            symbol: days[0] for symbol, days in listed if days and days[0] in newest.get(symbol, ())
        }
        if left := {symbol: days for symbol, days in listed if symbol not in nearest}:
            for symbol, mark in nearest_headers(self._deps, left, _READ).items():
                nearest[symbol] = mark["expiry"].date()
                newest.setdefault(symbol, {})[nearest[symbol]] = mark
        confirmed = {symbol: newest[symbol][day].pop(_CONFIRMED) for symbol, day in nearest.items()}
        return NewestMarks(newest, nearest, self._around, confirmed)

    def _list(self, records: Mapping[str, SymbolRecord], now: datetime) -> None:
        """Find out which symbols are recorded, and what is listed of each.

        Where no listing tells, the expiries of the newest recorded day count, though they passed.
        """
        today, listings = exchange_date(now), self._deps.listings.newest()
        listed = {}
        for symbol in self._deps.snapshots.symbols():
            listing = listings.get(symbol)
            current = listing.current(today) if listing else []
            listed[symbol] = current or records.get(symbol, NO_RECORD).expiries
        self._listed, self._listed_at = listed, now
        self._arrange(today)

    def _arrange(self, today: date) -> None:
        """Say which expiries are wanted of each symbol beside its nearest one."""
        listed = self._listed.items()
        self._around = {
            symbol: _around(days, self._days.get(symbol, today)) for symbol, days in listed
        }
        self._further = {
            symbol: [day for day in self._around[symbol] if day != days[0]]
            for symbol, days in listed
        }


def _around(days: Sequence[date], day: date) -> list[date]:
    """Return the expiries between which the volatility in 30 days of a day lies, by their dates."""
    ahead = day + _AHEAD
    return [
        *[each for each in days if each < ahead][-1:],
        *[each for each in days if each == ahead],
        *[each for each in days if each > ahead][:1],
    ]
