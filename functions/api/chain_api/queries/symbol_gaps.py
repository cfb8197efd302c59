"""Whether headers of many symbols are in a gap, each by the interval of its symbol."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from chain_api.calculations.expiry_gaps import GAP_TICKS
from chain_api.dependencies import Dependencies
from chain_api.queries.freshness import last_due
from chain_api.queries.periods import turns_of


class SymbolGaps:
    """The gaps of a moment: a gap is that none of the last three due ticks confirmed a header."""

    def __init__(self, deps: Dependencies, now: datetime) -> None:
        """Read the plan and the calendar; raise StoreUnavailable."""
        self._plan = deps.symbols.plan()
        self._turns = turns_of(deps)
        self._market = deps.calendar.market()
        self._now = now
        self._confirmed_by: dict[int, datetime | None] = {}

    def among(self, confirmed: Mapping[str, datetime]) -> frozenset[str]:
        """Return the symbols that have a gap, of those with the tick that confirmed each last."""
        since = {name: self._since(self._plan.rhythm_of(name).interval) for name in confirmed}
        return frozenset(
            name
            for name, tick in confirmed.items()
            if (begins := since[name]) is not None and tick < begins
        )

    def _since(self, interval: int) -> datetime | None:
        """Return the first of the last due ticks of an interval, None if none was due."""
        if interval not in self._confirmed_by:
            near = GAP_TICKS * self._turns * timedelta(seconds=interval)
            due = last_due(self._market, self._now, near)
            self._confirmed_by[interval] = due and due - near
        return self._confirmed_by[interval]
