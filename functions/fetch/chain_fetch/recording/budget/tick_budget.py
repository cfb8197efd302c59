"""The request budget as a tick sees it: what it plans, and what it is granted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chain_fetch.http.request_budget import Granted
from chain_fetch.recording.budget.budget_plan import BudgetPlan, TickPlaces
from chain_fetch.recording.budget.budget_share import Share
from chain_fetch.recording.ticks.tick_grid import tick_number

type Reserve = Callable[[int, float], Granted]


def grant_all(requests: int, deadline: float) -> Granted:  # noqa: ARG001
    """Grant what a tick plans: nobody else uses the budget, and each request waits its turn."""
    return Granted(requests)


@dataclass(frozen=True)
class TickBudget:
    """The budget of a source. `reserve` has places promised until a `time.monotonic()` second.

    `share` is what the recorded group of symbols gets of the budget, among those that share it.
    """

    plan: BudgetPlan
    reserve: Reserve = grant_all
    share: Callable[[], Share] = Share

    def places(self, symbols: int, tick: datetime, step: int, seconds: float) -> TickPlaces:
        """Return what a tick of so many symbols plans, which has so many seconds.

        The next tick of the recorder is due `step` seconds later.
        """
        number = tick_number(tick, step)
        return self.plan.places(symbols, step, seconds, self.share(), number)

    def grant(self, chains: int, lists: int, deadline: float) -> tuple[int, str | None]:
        """Return how many of these chains have a place in time, and why not all of them."""
        per_chain = self.plan.requests_per_chain
        granted = self.reserve(chains * per_chain + lists, deadline)
        return min(granted.requests // per_chain, chains), granted.why
