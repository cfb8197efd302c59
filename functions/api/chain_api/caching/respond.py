"""How a view is answered: not at all where it is known, and kept where it is of the latest."""

from fastapi import Request, Response

from chain_api.caching.cacheable import Question, View
from chain_api.caching.response_cache import Kept, Shelf
from chain_api.dependencies import Dependencies
from chain_api.queries.headers import instant
from chain_api.schemas.queries import ChainQuery, MomentQuery


def question(deps: Dependencies, symbol: str, query: ChainQuery | MomentQuery) -> Question:
    """Return which chain a query asks for, and when; raise Problem for what is still to come."""
    return Question(
        deps=deps,
        symbol=symbol,
        expiry=query.expiry,
        at=instant(query.as_of, deps.now(), "as_of"),
        absolute=query.as_of is not None and query.as_of.absolute,
    )


def answered(view: View, shelf: Shelf, request: Request, *, latest: bool) -> Response:
    """Return the answer, or the 304 of who has it; with `latest` it is put on the shelf."""
    sights, represented, head = view.seen()
    if unchanged := represented.not_modified(request.headers.get("if-none-match")):
        return unchanged
    rest = view.read(sights)
    answer = represented.answer(head, rest)
    if latest:
        shelf.keep(request, Kept(view, represented.version, rest))
    return answer
