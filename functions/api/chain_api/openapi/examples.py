"""Examples of answers. They are real: `make openapi` gets them from the application."""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson


@cache
def _examples() -> dict[str, Any]:
    text = (files("chain_api") / "schemas" / "examples.json").read_bytes()
    examples: dict[str, Any] = orjson.loads(text)
    return examples


def answer_examples(operation_id: str, media_type: str) -> dict[str, Any]:
    """Return the examples of an operation's 200 in a format, by name; there may be none."""
    found: dict[str, Any] = _examples()["answers"].get(operation_id, {}).get(media_type, {})
    return found


def problem_example(slug: str) -> dict[str, Any]:
    """Return the body of a problem."""
    body: dict[str, Any] = _examples()["problems"][slug]
    return body
