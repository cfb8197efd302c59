"""What changed of a chain between two moments: the question what was built up since then."""

from dataclasses import replace
from typing import Annotated, NamedTuple

from fastapi import Request, Response
from pydantic import Field

from chain_api.calculations.changes import CHANGE_COLUMNS, changes
from chain_api.dependencies import Dependencies
from chain_api.endpoints.chain import ALWAYS, where
from chain_api.pagination import response as pages
from chain_api.pagination.request import Milliseconds, asked, from_milliseconds, milliseconds, pin
from chain_api.parameters.selection import Selection
from chain_api.problems.catalogue import invalid
from chain_api.queries.freshness import Sight, sight
from chain_api.queries.headers import headers_of
from chain_api.rendering.answers import Answer
from chain_api.rendering.formats import format_of
from chain_api.schemas.queries import ChangesQuery
from optionchain.exchange_time import exchange_date

_FIELDS = (
    *("identifier", "open_interest", "total_traded_volume", "last_price", "implied_volatility"),
)


class _Position(NamedTuple):
    """How many records were told, and the tick of the earlier header."""

    told: Annotated[int, Field(ge=0, le=1_000_000)]
    tick: Milliseconds


def answer(deps: Dependencies, symbol: str, query: ChangesQuery, request: Request) -> Response:
    """Return a page of the changes of a symbol's contracts, by strike and side."""
    wanted = asked("changes", symbol, query, _Position)
    if wanted.query.from_ is None:
        raise invalid("from", None, "must name the first of the two moments, such as 10:00")
    pinned, (last,) = pin(deps, wanted, wanted.query.expiry)
    later = sight(deps, last, pinned.moment if wanted.pinned or wanted.query.to else None)
    # Its pages compare the same two headers, whatever is written under a tick before `from`.
    place = wanted.position
    begin, until = (place.told, from_milliseconds(place.tick)) if place else (0, pinned.start)
    (first,) = headers_of(deps, symbol, pinned.expiry, until, moment_field="from")
    earlier = sight(deps, first, pinned.start)
    form = format_of(wanted.query.format, request.headers.get("accept", ""))
    ends = [earlier.key, later.key]
    represented = pages.representation(deps, wanted, form, pinned, [last], later.head(), ends)
    if unchanged := represented.not_modified(request.headers.get("if-none-match")):
        return unchanged
    records = _records(deps, earlier, later, wanted.query.selection())
    end = begin + wanted.limit
    position = _Position(end, milliseconds(first["fetched_at"]))
    link = wanted.next(pinned, position) if end < len(records) else None
    members = _head(symbol, earlier, later)
    return pages.answer(represented, members, records[begin:end], CHANGE_COLUMNS, link)


def _head(symbol: str, earlier: Sight, later: Sight) -> Answer:
    return {
        "symbol": symbol,
        "expiry_date": later.header["expiry_date"],
        **later.head(),
        "gap": earlier.gap or later.gap,
        "from": _end(earlier),
        "to": _end(later),
    }


def _end(each: Sight) -> Answer:
    return {"underlying_value": each.header["underlying_value"], **each.head()}


def _records(
    deps: Dependencies, earlier: Sight, later: Sight, selection: Selection
) -> list[Answer]:
    """Return the changes of the contracts that are wanted by what they are at the later moment."""
    contracts = replace(selection, min_open_interest=None, min_volume=None)
    conditions = where(deps, later.header, contracts)
    before, after = (
        deps.snapshots.contracts(each.header, conditions, _FIELDS + ALWAYS)
        for each in (earlier, later)
    )
    days = {exchange_date(each.header["fetched_at"]) for each in (earlier, later)}
    found = changes(before, after, same_day=len(days) == 1)
    return [record for record in found if _is_wanted(record, selection)]


def _is_wanted(record: Answer, selection: Selection) -> bool:
    least = {
        "open_interest_to": selection.min_open_interest,
        "total_traded_volume_to": selection.min_volume,
    }
    return all(
        bound is None or (record[name] is not None and record[name] >= bound)
        for name, bound in least.items()
    )
