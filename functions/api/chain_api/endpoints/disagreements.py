"""Where two sources differ through time, contract by contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import Field

from chain_api.calculations.disagreements import rows_of
from chain_api.json_types import Answer
from chain_api.pagination.cursors import Milliseconds, from_milliseconds, to_milliseconds
from chain_api.pagination.listing import Listing, ListState
from chain_api.pagination.request import PinnedRange
from chain_api.parameters.types import expiry_of
from chain_api.schemas.disagreements import Disagreement, DisagreementsQuery
from optionchain.mongo.disagreement_register import CheckOutcomes, Checks


class _Position(NamedTuple):
    """The check with which a page begins, and how many of its rows the pages before have."""

    at: Milliseconds
    returned: Annotated[int, Field(ge=0, le=100)]


@dataclass(frozen=True)
class _State(ListState):
    """`outcomes` says how often the sources were compared in the range, or why not."""

    outcomes: CheckOutcomes


class DisagreementList(Listing[DisagreementsQuery, _Position, _State]):
    """The contracts of a symbol in which two sources differ, check by check."""

    resource = "disagreements"
    position_type = _Position
    columns = tuple(Disagreement.model_fields)

    @property
    def expiry(self) -> str:
        """Return the expiry that the request names."""
        return self.request.query.expiry

    def find(self) -> _State:
        """Return the range, its newest headers and what came of its checks."""
        found = self.find_range()
        checks = self._checks(found.pinned, found.pinned.start)
        outcomes = self.deps.disagreements.outcomes(checks)
        return _State(found.pinned, found.newest, found.confirmations, found.settled, outcomes)

    def depends_on(self, state: _State) -> Sequence[object]:
        """Return what came of the checks: it is stored some time after their moments."""
        return (state.outcomes.compared, *state.outcomes.failed.items())

    def _checks(self, pinned: PinnedRange, start: datetime) -> Checks:
        """Return the checks of a range: they are also made while nothing new is recorded."""
        expiry = None if pinned.expiry == "all" else expiry_of(pinned.expiry)
        return Checks(self.request.symbol, start, pinned.moment, expiry)

    def members(self, state: _State, freshness: Answer) -> Answer:
        """Return what came of the checks too."""
        compared, failed = state.outcomes
        counts = {
            "attempted_checks": compared + sum(failed.values()),
            "checks": compared,
            "failed_checks": failed,
        }
        return super().members(state, freshness) | counts

    def page(self, state: _State) -> tuple[list[Answer], _Position | None]:
        """Return a row for each contract that a check names."""
        position, limit = self.request.position, self.request.limit
        start = from_milliseconds(position.at) if position else state.pinned.start
        rows: list[tuple[int, int, Answer]] = []
        # Each of these checks has a row at least, and some of the first were returned before.
        checks = self._checks(state.pinned, start)
        found = self.deps.disagreements.differing(checks, limit + 2)
        for check in found:
            at = to_milliseconds(check.at)
            skipped = position.returned if position and at == position.at else 0
            rows += [
                (at, number, row) for number, row in enumerate(rows_of(check)) if number >= skipped
            ]
        page = [row for _, _, row in rows[:limit]]
        if len(rows) <= limit:
            return page, None
        at, number, _ = rows[limit]
        return page, _Position(at, number)
