"""What holds for the query of every route, beyond the names and types of its parameters."""

from fastapi import Request

from chain_api.problems.catalogue import invalid


async def each_once(request: Request) -> None:
    """Refuse a parameter that is given twice: which of the two is meant, nobody knows."""
    seen: set[str] = set()
    for name, text in request.query_params.multi_items():
        if name in seen:
            raise invalid(name[:100], text[:100], "must be given once")
        seen.add(name)
