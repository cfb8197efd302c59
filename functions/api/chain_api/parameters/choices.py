"""Words of which a request names one: read in any case, kept as they are documented."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import BeforeValidator

type OptionType = Literal["CE", "PE"]
type Kind = Literal["index", "stock"]

SIDES = {"call": "CE", "calls": "CE", "put": "PE", "puts": "PE"}
"""What people call the two sides of a chain."""


def any_case(choice: Any, also: Mapping[str, str] | None = None) -> BeforeValidator:  # noqa: ANN401  (an alias of a Literal)
    """Return the validator that reads the words of a `Literal` alias in any case.

    `also` are further words, in lower case, with what each means. Any other value stays as it is,
    for pydantic to refuse.
    """
    words = {word.lower(): word for word in get_args(choice.__value__)} | dict(also or {})

    def canonical(value: object) -> object:
        # The lower case of some other letters is ASCII: that of the Kelvin sign, for example.
        if not isinstance(value, str) or not value.isascii():
            return value
        return words.get(value.strip(" ").lower(), value)

    return BeforeValidator(canonical)
