"""Which numbers of an answer are whole though its document says that they may have a fraction."""

from collections.abc import Iterator, Mapping
from typing import Any

type Json = Any


def whole_numbers(
    value: Json, schema: Mapping[str, Any], models: Mapping[str, Any], place: str = ""
) -> Iterator[str]:
    """Yield where JSON has a number without a point that its schema calls a number.

    `models` are the document's. A part that may be of several types is checked against each of
    those that fit it.
    """
    for known in _fitting(value, schema, models):
        if isinstance(value, dict):
            for name, member in value.items():
                yield from whole_numbers(member, _member(known, name), models, f"{place}.{name}")
        elif isinstance(value, list):
            for member in value:
                yield from whole_numbers(member, known.get("items", {}), models, f"{place}[]")
        elif type(value) is int and known.get("type") == "number":
            yield place


def _fitting(
    value: Json, schema: Mapping[str, Any], models: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """Yield the schema without references, or those of its choices that a value may be of."""
    if "$ref" in schema:
        schema = models[schema["$ref"].rpartition("/")[2]]
    choices = schema.get("anyOf", schema.get("oneOf"))
    if choices is None:
        yield schema
        return
    for choice in choices:
        if _may_be(value, choice, models):
            yield from _fitting(value, choice, models)


def _member(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    others = schema.get("additionalProperties")
    known: Mapping[str, Any] = others if isinstance(others, dict) else {}
    members: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    return members.get(name, known)


def _may_be(value: Json, schema: Mapping[str, Any], models: Mapping[str, Any]) -> bool:
    """Tell whether an object has all members that a schema needs; true of anything else."""
    if "$ref" in schema:
        schema = models[schema["$ref"].rpartition("/")[2]]
    if not isinstance(value, dict):
        return True
    return set(schema.get("required", ())) <= value.keys()


def number_names(models: Mapping[str, Any]) -> set[str]:
    """Return the names of members that are numbers in some model and whole numbers in none."""
    found: dict[str, set[str]] = {}
    for model in models.values():
        for name, schema in model.get("properties", {}).items():
            choices = [schema, *schema.get("anyOf", ())]
            found.setdefault(name, set()).update(each.get("type", "") for each in choices)
    return {name for name, types in found.items() if "number" in types and "integer" not in types}
