"""Conditions on fields, as queries of MongoDB name them, for the rows of an archive."""

from collections.abc import Callable, Mapping, Sequence
from operator import eq, ge, gt, le, lt
from typing import Any

type Where = Mapping[str, Any]

_OPERATORS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "$eq": ("=", eq),
    "$gte": (">=", ge),
    "$gt": (">", gt),
    "$lte": ("<=", le),
    "$lt": ("<", lt),
}


def sql_of(where: Where) -> tuple[str, list[Any]]:
    """Return conditions as SQL, each after an AND, and the values of its question marks.

    A row without a value satisfies none of them, as in MongoDB.
    """
    parts: list[str] = []
    values: list[Any] = []
    for name, operator, value in _each(where):
        if operator == "$in":
            parts.append(_is_in(name, value))
            values += value
        else:
            parts.append(f'AND "{name}" {_OPERATORS[operator][0]} ?')
            values.append(value)
    return " ".join(parts), values


def satisfies(document: Mapping[str, Any], where: Where) -> bool:
    """Tell whether a document satisfies all conditions."""
    return all(
        _holds(document.get(name), operator, value) for name, operator, value in _each(where)
    )


def _is_in(name: str, values: Sequence[Any]) -> str:
    return f'AND "{name}" IN ({", ".join("?" * len(values))})' if values else "AND false"


def _holds(known: object, operator: str, value: Any) -> bool:  # noqa: ANN401  (any BSON value)
    if known is None:
        return False
    return known in value if operator == "$in" else _OPERATORS[operator][1](known, value)


def _each(where: Where) -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []
    for name, condition in where.items():
        operators = condition if isinstance(condition, Mapping) else {"$eq": condition}
        found += [(name, operator, value) for operator, value in operators.items()]
    return found
