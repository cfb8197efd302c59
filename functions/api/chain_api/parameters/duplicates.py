"""A rule for the query of every route: each parameter at most once."""

from fastapi import Request

from chain_api.problems.catalogue import invalid


async def refuse_duplicates(request: Request) -> None:
    """Raise Problem for a parameter that is given twice, because only one value can be meant."""
    seen: set[str] = set()
    for name, text in request.query_params.multi_items():
        if name in seen:
            raise invalid(name[:100], text[:100], "must be given once")
        seen.add(name)
