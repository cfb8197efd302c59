"""Request budgets for tests: those of made-up sources, and counts in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chain_fetch.http.promised_places import PromisedPlaces
from chain_fetch.http.shared_timetable import CountStore, SharedTimetable, Turn
from chain_fetch.http.window import Window
from chain_fetch.recording.budget.budget_demand import Demand
from chain_fetch.recording.budget.budget_plan import plan_of
from chain_fetch.recording.budget.tick_budget import Reserve, TickBudget, grant_all
from chain_fetch.source import SourceTerms
from optionchain.errors import StoreUnavailable
from optionchain.mongo.request_counts import Counted, RequestCount

# The limits of docs/operations.md: one source counts by minutes, the other by single requests.
MANY = SourceTerms((Window(50, 1), Window(500, 60), Window(2_000, 1_800)))
FEW = SourceTerms((Window(1, 3),))


_ALONE = Turn()


def own_budget(requests_per_second: int) -> TickBudget:
    """The budget of a source that counts by address, and in which symbols take turns."""
    terms = SourceTerms((Window(requests_per_second, 1),), by_address=True, turns=True)
    return TickBudget(plan_of(terms, Demand(1, 5, 2)))


def budget_of(terms: SourceTerms, demand: Demand, reserve: Reserve = grant_all) -> TickBudget:
    """The budget of a source whose account nobody else uses."""
    return TickBudget(plan_of(terms, demand), reserve)


def places_of(
    windows: Sequence[Window],
    store: CountStore,
    now: Callable[[], datetime],
    turn: Turn = _ALONE,
    key: str = "dhan",
) -> PromisedPlaces:
    """The places of one recorder of an account, or of one group of several on an address."""
    return PromisedPlaces(SharedTimetable(key, windows, store, now, lambda: turn))


@dataclass
class FakeCounts:
    """A CountStore in memory; while it is `away`, it fails."""

    stored: RequestCount = field(default_factory=RequestCount)
    away: bool = False
    reads: int = 0
    writes: int = 0

    def read(self, source: str) -> RequestCount:  # noqa: ARG002
        self._answer()
        self.reads += 1
        return self.stored

    def write(
        self,
        source: str,  # noqa: ARG002
        counted: Sequence[Counted],
        replaces: RequestCount,
        now: datetime,  # noqa: ARG002
    ) -> bool:
        self._answer()
        self.writes += 1
        if replaces.version != self.stored.version:
            return False
        self.stored = RequestCount(tuple(counted), replaces.version + 1)
        return True

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailable("nobody answers")


def most_in_any_stretch(sent: Sequence[int], window: Window) -> int:
    """The most requests in any stretch of a window's length, counted one by one; milliseconds."""
    length = window.seconds * 1e3
    return max(
        (sum(begins <= each < begins + length for each in sent) for begins in sent), default=0
    )
