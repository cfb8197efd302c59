"""The request budget as a tick sees it: what it plans, and what it is granted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chain_fetch.http.request_budget import Granted
from chain_fetch.recording.budget_plan import BudgetPlan, TickPlaces

type Reserve = Callable[[int, float], Granted]


def grant_all(requests: int, deadline: float) -> Granted:  # noqa: ARG001
    """Grant what a tick plans: nobody else uses the budget, and each request waits its turn."""
    return Granted(requests)


@dataclass(frozen=True)
class TickBudget:
    """The budget of a source. `reserve` has places promised until a `time.monotonic()` second.

    `others` counts the symbols beside the given ones that are asked for with the same account.
    """

    plan: BudgetPlan
    reserve: Reserve = grant_all
    others: Callable[[Sequence[str]], int] = lambda symbols: 0  # noqa: ARG005

    def places(self, symbols: Sequence[str], seconds: float) -> TickPlaces:
        """Return what a tick of these symbols plans, which has so many seconds."""
        return self.plan.places(len(symbols), seconds, self.others(symbols))

    def grant(self, chains: int, lists: int, deadline: float) -> tuple[int, str | None]:
        """Return how many of these chains have a place in time, and why not all of them."""
        per_chain = self.plan.requests_per_chain
        granted = self.reserve(chains * per_chain + lists, deadline)
        return min(granted.requests // per_chain, chains), granted.why
