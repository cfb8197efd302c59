"""A rule for the query of every route: its own parameters only, each at most once."""

from fastapi import Request

from chain_api.parameters.time_zone import check_zone
from chain_api.problems.catalogue import invalid
from chain_api.problems.route_parameters import TIME_ZONE, not_a_parameter, parameters_of

_LONGEST = 100


def takes_any() -> None:
    """Depend on this where the query is read by a page's script: nothing in it is refused."""


async def check_names(request: Request) -> None:
    """Raise Problem for a parameter that the route does not have, or that is given twice.

    An unknown name is mostly a misspelt one, and to ignore it would answer another question. Where
    a model holds the parameters it refuses unknown ones itself, together with wrong values.
    """
    given = request.query_params.multi_items()
    if not given or _takes_any(request):
        return
    known, in_model = parameters_of(request)
    seen: set[str] = set()
    for name, text in given:
        if name in seen:
            raise invalid(name[:_LONGEST], text[:_LONGEST], "must be given once")
        if name == TIME_ZONE and name in known:
            check_zone(text)
        elif name not in known and not in_model:
            raise invalid(name[:_LONGEST], text[:_LONGEST], not_a_parameter(known))
        seen.add(name)


def _takes_any(request: Request) -> bool:
    below = request.scope["route"].dependant.dependencies
    return any(dependant.call is takes_any for dependant in below)
