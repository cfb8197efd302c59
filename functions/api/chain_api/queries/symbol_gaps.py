"""Whether headers of many symbols are in a gap, each by the interval of its symbol."""

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

    def has(self, symbol: str, confirmed: datetime) -> bool:
        """Tell whether there is a gap of a symbol that was confirmed last at a tick."""
        interval = self._plan.rhythm_of(symbol).interval
        if interval not in self._confirmed_by:
            near = GAP_TICKS * self._turns * timedelta(seconds=interval)
            due = last_due(self._market, self._now, near)
            self._confirmed_by[interval] = due and due - near
        since = self._confirmed_by[interval]
        return since is not None and confirmed < since
