"""Which query parameters a route has, as a problem names them."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel


def not_a_parameter(names: list[str]) -> str:
    """Return in words that a route has no such parameter, and which it has."""
    return f"is not a parameter of this route, which has {', '.join(names) or 'none'}"


def parameters_of(request: Request) -> tuple[list[str], bool]:
    """Return the query parameters of a request's route, and whether a model refuses others."""
    found = list(_fields_of(request.scope["route"].dependant))
    return [name for name, _ in found], any(in_model for _, in_model in found)


def _fields_of(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    for parameter in dependant.query_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from ((field.alias or name, True) for name, field in model.model_fields.items())
        else:
            yield parameter.alias, False
    for below in dependant.dependencies:
        yield from _fields_of(below)
