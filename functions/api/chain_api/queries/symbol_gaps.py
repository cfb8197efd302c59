"""Whether headers of many symbols are in a gap, each by the interval of its symbol."""

from datetime import datetime, timedelta

from chain_api.calculations.expiry_gaps import GAP_TICKS
from chain_api.dependencies import Dependencies
from chain_api.queries.freshness import last_due
from chain_api.queries.periods import periods_of, turns_of


class SymbolGaps:
    """The gaps of a moment: a gap is that none of the last three due ticks confirmed a header."""

    def __init__(self, deps: Dependencies, now: datetime) -> None:
        """Read the plan and the calendar; raise StoreUnavailable."""
        self._periods = periods_of(deps)
        self._base = deps.symbols.plan().base.step * turns_of(deps)
        self._market = deps.calendar.market()
        self._now = now
        self._confirmed_by: dict[timedelta, datetime | None] = {}

    def has(self, symbol: str, confirmed: datetime) -> bool:
        """Tell whether there is a gap of a symbol that was confirmed last at a tick."""
        period = self._periods.get(symbol, self._base)
        if period not in self._confirmed_by:
            near = GAP_TICKS * period
            due = last_due(self._market, self._now, near)
            self._confirmed_by[period] = due and due - near
        since = self._confirmed_by[period]
        return since is not None and confirmed < since
