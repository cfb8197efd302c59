"""What a route can be told: its query parameters, and the members of its body."""

from collections.abc import Iterator
from types import UnionType
from typing import get_args

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.fields import FieldInfo

TIME_ZONE = "tz"
"""The parameter of all routes that answer moments. Middleware reads it, no route does."""


def not_a_parameter(names: list[str]) -> str:
    """Return in words that a route has no such parameter, and which it has."""
    return f"is not a parameter of this route, which has {', '.join(names) or 'none'}"


def not_a_member(names: list[str]) -> str:
    """Return in words that a body has no such member, and which it has."""
    return f"is not a member of the body, which has {', '.join(names)}"


def parameters_of(request: Request) -> tuple[list[str], bool]:
    """Return the query parameters of a request's route, and whether a model refuses others."""
    route = request.scope["route"]
    found = list(_parameters(route.dependant))
    names = [name for name, _, _ in found]
    if has_time_zone(route):
        names.append(TIME_ZONE)
    return names, any(in_model for _, _, in_model in found)


def has_time_zone(route: APIRoute) -> bool:
    """Tell whether a route answers moments: pages do not, nor does the list of links."""
    return route.include_in_schema and route.path != "/"


def members_of(request: Request) -> dict[str, FieldInfo]:
    """Return the members that the body of a request may have, by name."""
    bodies = (field.field_info.annotation for field in request.scope["route"].dependant.body_params)
    return {name: field for body in bodies for name, field, _ in _members(body)}


def fields_of(request: Request) -> dict[str, FieldInfo]:
    """Return what a request may name in its query and in its body."""
    parameters = _parameters(request.scope["route"].dependant)
    return {name: field for name, field, _ in parameters} | members_of(request)


def _parameters(dependant: Dependant) -> Iterator[tuple[str, FieldInfo, bool]]:
    for parameter in dependant.query_params:
        members = list(_members(parameter.field_info.annotation))
        yield from members or [(parameter.alias, parameter.field_info, False)]
    for below in dependant.dependencies:
        yield from _parameters(below)


def _members(annotation: object) -> Iterator[tuple[str, FieldInfo, bool]]:
    """Yield the members of a model, or of a model that may be left out; nothing of other types."""
    types = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    for model in types:
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (
                (field.alias or name, field, True) for name, field in model.model_fields.items()
            )
