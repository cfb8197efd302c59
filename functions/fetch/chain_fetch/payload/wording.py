"""What is wrong with a body, in our words: a clause that follows the place. Pure.

The libraries that read bodies speak of their own types and options. Whoever reads the ledger knows
the body: a number, a text, a list, an object.
"""

from collections.abc import Callable, Mapping
from typing import Any

LONGEST_EXCERPT = 60
"""The longest excerpt of a bad value that an error message shows."""

MISSING = "missing; has the source changed its spelling?"
TOO_DEEP = "the JSON is nested too deeply"
OTHERWISE = "has a form that is not allowed"
_NUMBER, _TEXT, _LIST, _OBJECT = "a number", "a text", "a list", "an object"
_BOUNDS = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}
# By the type of a fault of pydantic, and by msgspec's name of a type.
_KINDS = {
    **dict.fromkeys(("float_type", "float_parsing", "float"), _NUMBER),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int"), "a whole number"),
    **dict.fromkeys(("string_type", "str"), _TEXT),
    **dict.fromkeys(("list_type", "array"), _LIST),
    **dict.fromkeys(("dict_type", "object"), _OBJECT),
    **dict.fromkeys(("bool_type", "bool"), "true or false"),
    "finite_number": "a finite number",
    "string_unicode": "a text in UTF-8",
    "null": "null",
}


def kind_of(name: str) -> str | None:
    """Return a library's name of a type, or of a fault about one, in words; None if unknown."""
    return _KINDS.get(name)


def bound(sign: str, number: float) -> str:
    """Return a clause of the bound that a number is beyond: `must be at least 0`."""
    return f"must be {_BOUNDS[sign]} {number:.15g}"


_OF_BOUNDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda context: bound(">", context["gt"]),
    "greater_than_equal": lambda context: bound(">=", context["ge"]),
    "less_than": lambda context: bound("<", context["lt"]),
    "less_than_equal": lambda context: bound("<=", context["le"]),
}


def clause_of(fault: str, context: Mapping[str, Any]) -> str:
    """Return a clause of what is allowed, by the type and the context of a fault of pydantic."""
    if kind := kind_of(fault):
        return f"must be {kind}"
    write = _OF_BOUNDS.get(fault)
    return write(context) if write else OTHERWISE


def but_is(clause: str, value: object) -> str:
    """Return a clause with the value that was found: `must be a number, not 'soon'`."""
    return f"{clause}, not {shown(value)}"


def shown(value: object) -> str:
    """Return a JSON value as an excerpt; a list and an object by what they are."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return repr(value)[:LONGEST_EXCERPT]
        case int() | float():
            return _number(value)
        case list():
            return _LIST
        case _:
            return _OBJECT


def no_json(text: bytes, place: int) -> str:
    """Return in words that a body is no JSON from a byte on, with what stands there."""
    return f"no JSON from byte {place} on: {text[place : place + LONGEST_EXCERPT]!r}"


def ends_early(text: bytes) -> str:
    """Return in words that a body is the beginning of JSON."""
    return f"the JSON ends after {len(text)} bytes"


def _number(value: float) -> str:
    try:
        return f"{value:.15g}"
    except OverflowError:
        return "a number beyond 1e308"
