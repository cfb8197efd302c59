"""What changed in a chain between two moments, contract by contract."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

from pydantic import Field

from chain_api.calculations.changes import (
    CHANGE_COLUMNS,
    changes,
    in_order,
    underlying_changes,
    volumes_differ_by,
)
from chain_api.json_types import Answer
from chain_api.pagination.cursors import Milliseconds, from_milliseconds, to_milliseconds
from chain_api.pagination.listing import Listing, ListState
from chain_api.pagination.request import PinnedRange, pin_range
from chain_api.parameters.moments import PREVIOUS_CLOSE, PreviousClose
from chain_api.parameters.selection import Selection
from chain_api.problems.catalogue import invalid
from chain_api.queries.contracts import ORDER_FIELDS, conditions_for
from chain_api.queries.freshness import Freshness, freshness_of
from chain_api.queries.headers import closing_header, headers_of
from chain_api.schemas.queries import ChangesQuery
from optionchain.mongo.documents import HeaderDocument

_FIELDS = (
    "identifier",
    "open_interest",
    "total_traded_volume",
    "last_price",
    "implied_volatility",
)


class _Position(NamedTuple):
    """How many records the pages before have, and the tick of the earlier snapshot."""

    returned: Annotated[int, Field(ge=0, le=1_000_000)]
    tick: Milliseconds


@dataclass(frozen=True)
class _Ends(ListState):
    """The two snapshots that are compared."""

    earlier: Freshness
    later: Freshness


class ChangeList(Listing[ChangesQuery, _Position, _Ends]):
    """The changes of a symbol's contracts, by strike and side or as `sort` says."""

    resource = "changes"
    position_type = _Position
    columns = CHANGE_COLUMNS

    @property
    def expiry(self) -> str:
        """Return the expiry that the request names; `from` is needed too."""
        if self.request.query.from_ is None:
            allowed = f"must name the first of the two moments, such as 10:00 or {PREVIOUS_CLOSE}"
            raise invalid("from", None, allowed)
        return self.request.query.expiry

    def find(self) -> _Ends:
        """Return the two snapshots. All pages compare the same two, whatever is written later."""
        request = self.request
        pinned, newest = pin_range(self.deps, request, self.expiry)
        later = freshness_of(self.deps, newest[0], pinned.moment if request.ends else None)
        earlier = freshness_of(self.deps, self._first(pinned), pinned.start)
        settled = [earlier.settled, later.settled]
        return _Ends(pinned, newest, [later.last_seen_at], settled, earlier, later)

    def _first(self, pinned: PinnedRange) -> HeaderDocument:
        """Return the header of the earlier snapshot."""
        request, expiry = self.request, pinned.expiry
        if request.position is None and isinstance(request.query.from_, PreviousClose):
            return closing_header(self.deps, request.symbol, expiry, pinned.start)
        until = from_milliseconds(request.position.tick) if request.position else pinned.start
        (first,) = headers_of(self.deps, request.symbol, expiry, until, moment_field="from")
        return first

    def depends_on(self, state: _Ends) -> Sequence[object]:
        """Return the versions of the two snapshots."""
        return ([state.earlier.version_parts, state.later.version_parts],)

    def members(self, state: _Ends, freshness: Answer) -> Answer:  # noqa: ARG002
        """Return the freshness of both ends; the answer's own is that of the later one."""
        earlier, later = state.earlier, state.later
        return {
            "symbol": self.request.symbol,
            "expiry_date": later.header["expiry_date"],
            **later.members(),
            "gap": earlier.gap or later.gap,
            "settled": all(state.settled),
            "from": _end(earlier),
            "to": _end(later),
            **underlying_changes(earlier.header, later.header),
            "volume_reason": volumes_differ_by(earlier.header, later.header),
        }

    def page(self, state: _Ends) -> tuple[Sequence[Answer], _Position | None]:
        """Return a page of the records, of which all are computed each time."""
        records = self._records(state)
        begin = self.request.position.returned if self.request.position else 0
        end = begin + self.request.limit
        if end >= len(records):
            return records[begin:], None
        tick = to_milliseconds(state.earlier.header["fetched_at"])
        return records[begin:end], _Position(end, tick)

    def _records(self, state: _Ends) -> list[Answer]:
        """Return the changes of the contracts that are selected by their later numbers."""
        selection = self.request.query.selection()
        contracts = replace(selection, min_open_interest=None, min_volume=None)
        conditions = conditions_for(self.deps, state.later.header, contracts)
        headers = [state.earlier.header, state.later.header]
        before, after = (
            self.deps.snapshots.contracts(header, conditions, _FIELDS + ORDER_FIELDS)
            for header in headers
        )
        found = changes(before, after, volumes_differ_by=volumes_differ_by(*headers))
        selected = [record for record in found if _is_selected(record, selection)]
        sort = self.request.query.sort
        return in_order(selected, sort) if sort else selected


def _end(end: Freshness) -> Answer:
    return {"underlying_value": end.header["underlying_value"], **end.members()}


def _is_selected(record: Answer, selection: Selection) -> bool:
    minimums = {
        "open_interest_to": selection.min_open_interest,
        "total_traded_volume_to": selection.min_volume,
    }
    return all(
        minimum is None or (record[name] is not None and record[name] >= minimum)
        for name, minimum in minimums.items()
    )
