"""The words of the libraries that validate: none of them belongs into a message of this project."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic_core import _pydantic_core

from tests.support.bodies import Json


def templates() -> Iterator[Json]:
    """Yield what pydantic knows of its errors: type, messages, an example of their context."""
    listed: Any = _pydantic_core.list_all_errors
    yield from listed()


def words_of_pydantic() -> list[str]:
    """Return the parts of its messages that are longer than a word."""
    texts = (
        each.get(f"message_template_{kind}") or ""
        for each in templates()
        for kind in ("python", "json")
    )
    parts = {part.strip(" ,.:'") for text in texts for part in re.split(r"\{[^}]*\}", text)}
    return sorted(part for part in parts if " " in part)


FOREIGN = re.compile("|".join(map(re.escape, words_of_pydantic())), re.IGNORECASE)
