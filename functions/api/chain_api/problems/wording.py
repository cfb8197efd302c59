"""What is wrong with a value, in our words: a clause for each kind of pydantic's errors."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

type Context = Mapping[str, Any]

NO_JSON = (
    'must be a JSON object such as {"symbol": "NIFTY"}, sent with Content-Type: application/json'
)
_OTHERWISE = "has a form that is not allowed here"
_NUMBER, _WHOLE, _TEXT, _LIST = "a number", "a whole number", "a text", "a list"
# Of fields that give none.
_EXAMPLES: Mapping[str, object] = {_NUMBER: 1.5, _WHOLE: 5}
# The errors that name a type, and the type that is allowed.
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), _NUMBER),
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), _WHOLE),
    **dict.fromkeys(("string_type", "string_unicode"), _TEXT),
    **dict.fromkeys(("list_type", "tuple_type"), _LIST),
}


def message_of(kind: str, context: Context, examples: Sequence[object] = ()) -> str:
    """Return what is allowed, as a clause that follows the name of a field.

    `kind` and `context` are those of an error of pydantic, whose own messages speak of its types.
    `examples` are those of the field.
    """
    if allowed := _TYPES.get(kind):
        text, example = f"must be {allowed}", _EXAMPLES.get(allowed)
    else:
        write = _CLAUSES.get(kind)
        text, example = write(context) if write else _OTHERWISE, None
    if kind in _WITH_EXAMPLE or allowed:
        example = examples[0] if examples else example
    return text if example is None else f"{text}, such as {_plain(example)}"


def _plain(value: object) -> str:
    """Return a whole number without its point, a list as JSON, and anything else as text."""
    if isinstance(value, list):
        return f"[{', '.join(f'"{each}"' for each in value)}]"
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _length(context: Context, bound: str, one: str, several: str) -> str:
    number = context["min_length" if bound == "at least" else "max_length"]
    return f"must have {bound} {number} {one if number == 1 else several}"


_CLAUSES: Mapping[str, Callable[[Context], str]] = {
    "missing": lambda _: "must be given",
    "literal_error": lambda context: f"must be {context['expected'].replace("'", '')}",
    "value_error": lambda context: str(context["error"]),
    "greater_than_equal": lambda context: f"must be at least {_plain(context['ge'])}",
    "less_than_equal": lambda context: f"must be at most {_plain(context['le'])}",
    "string_too_short": lambda context: _length(context, "at least", "character", "characters"),
    "string_too_long": lambda context: _length(context, "at most", "character", "characters"),
    "too_short": lambda context: _length(context, "at least", "entry", "entries"),
    "too_long": lambda context: _length(context, "at most", "entry", "entries"),
}
# Beside the errors that name a type. The other clauses say how a value is written, or its bound.
_WITH_EXAMPLE = {"missing", "string_too_short", "string_too_long"}
