"""References within the document."""

from collections.abc import Iterator
from typing import Any

_MODELS = "#/components/schemas/"


def references(value: object) -> Iterator[str]:
    """Yield every $ref below a value."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "$ref" and isinstance(each, str):
                yield each
            else:
                yield from references(each)


def drop_unused_models(document: dict[str, Any]) -> None:
    """Remove models that nothing refers to, such as types of values that are already parsed."""
    models: dict[str, Any] = document["components"]["schemas"]
    rest = {name: part for name, part in document["components"].items() if name != "schemas"}
    wanted: set[str] = set()
    found = {*references(document["paths"]), *references(rest)}
    while found:
        names = {reference.removeprefix(_MODELS) for reference in found} & set(models) - wanted
        wanted |= names
        found = {reference for name in names for reference in references(models[name])}
    document["components"]["schemas"] = {name: models[name] for name in models if name in wanted}
