"""What a request may name: symbols, expiries and days, typed and bounded."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from optionchain.exchange_time import expiry_text, parse_expiry
from optionchain.settings import MAX_SYMBOL_LENGTH, SYMBOL_PATTERN

# date.fromisoformat alone would also read 20250130 and 2025-W05-4.
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY_OF_MONTH = "(?:0[1-9]|[12][0-9]|3[01])"
# The OpenAPI document must not be stricter than the parser, or clients would refuse valid values.
_DATE_PATTERN = (
    f"[0-9]{{4}}-(?:0[1-9]|1[0-2])-{_DAY_OF_MONTH}|{_DAY_OF_MONTH}-[A-Za-z]{{3}}-[0-9]{{4}}"
)
_DATE_EXAMPLES = ("30-Jan-2025", "2025-01-30")

_ONE = ("nearest", "next")
EXPIRY_WORDS = (*_ONE, "all")


def symbol_name(text: str) -> str:
    """Read a symbol in any case; raise ValueError for any other text."""
    symbol = text.strip(" ").upper()
    # The upper case of some other letters is ASCII: that of the dotless i, for example.
    if not text.isascii() or not SYMBOL_PATTERN.fullmatch(symbol):
        raise ValueError(f"a symbol is up to {MAX_SYMBOL_LENGTH} letters, digits, & and -")
    return symbol


def expiry_of(text: str) -> date:
    """Read `30-Jan-2025` or `2025-01-30`; raise ValueError for anything else."""
    try:
        return _date_of(text)
    except ValueError as error:
        raise ValueError("an expiry is a date like 30-Jan-2025 or 2025-01-30") from error


def expiry_choice(text: str, words: Sequence[str] = EXPIRY_WORDS) -> str:
    """Read a date as expiry_of does, or one of the words; return dates as `30-Jan-2025`."""
    if text in words:
        return text
    try:
        return expiry_text(_date_of(text))
    except ValueError as error:
        named = ", ".join(words)
        allowed = f"an expiry is a date like 30-Jan-2025 or 2025-01-30, or one of {named}"
        raise ValueError(allowed) from error


def day_of(text: str) -> date:
    """Read a day as expiry_of does."""
    try:
        return _date_of(text)
    except ValueError as error:
        raise ValueError("a day is a date like 30-Jan-2025 or 2025-01-30") from error


def flag_of(value: object) -> bool:
    """Read true or false, as they are written; raise ValueError for anything else."""
    text = str(value).lower() if isinstance(value, bool) else value
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _date_of(text: str) -> date:
    return date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else parse_expiry(text)


def _any_expiry(text: str) -> str:
    return expiry_choice(text)


def _one_expiry(text: str) -> str:
    return expiry_choice(text, _ONE)


def _date_alone(text: str) -> str:
    return expiry_choice(text, ())


def _date_or_all(text: str) -> str:
    return expiry_choice(text, ("all",))


def _text(pattern: str, description: str, *examples: str) -> WithJsonSchema:
    schema = {"type": "string", "pattern": f"^(?:{pattern})$", "description": description}
    return WithJsonSchema({**schema, "examples": list(examples)})


def _choice(words: Sequence[str]) -> WithJsonSchema:
    description = f"A date as 30-Jan-2025 or 2025-01-30, or one of {', '.join(words)}."
    return _text("|".join([*words, _DATE_PATTERN]), description, *words, *_DATE_EXAMPLES)


# Aliases of this form have a name of their own in the OpenAPI document.
type SymbolName = Annotated[
    str,
    AfterValidator(symbol_name),
    _text(f" *[A-Za-z0-9&-]{{1,{MAX_SYMBOL_LENGTH}}} *", "A symbol, in any case.", "NIFTY", "m&m"),
]
type TierName = Annotated[
    SymbolName,
    _text(
        f" *[A-Za-z0-9&-]{{1,{MAX_SYMBOL_LENGTH}}} *",
        "A tier as NSE_TIERS names it, or BASE, in any case.",
        "INDICES",
        "BASE",
    ),
]
type ExpiryChoice = Annotated[str, AfterValidator(_any_expiry), _choice(EXPIRY_WORDS)]
type OneExpiry = Annotated[str, AfterValidator(_one_expiry), _choice(_ONE)]
# What cursors hold: there a word is replaced by the date that it meant.
type ExpiryDate = Annotated[str, AfterValidator(_date_alone)]
type PinnedExpiry = Annotated[str, AfterValidator(_date_or_all)]
type Flag = Annotated[bool, PlainValidator(flag_of), WithJsonSchema({"type": "boolean"})]
type ContractName = Annotated[
    str,
    Field(min_length=1, max_length=80),
    _text(
        f" *[A-Za-z0-9&-]{{1,{MAX_SYMBOL_LENGTH}}}_[A-Za-z]{{2}}_[0-9]{{1,9}}(?:[.][0-9]{{1,4}})?_"
        f"{_DAY_OF_MONTH}-[A-Za-z]{{3}}-[0-9]{{4}} *",
        "The identifier of a contract: symbol, CE or PE, strike, expiry.",
        "NIFTY_CE_25000_30-Jan-2025",
    ),
]
type Day = Annotated[
    date,
    PlainValidator(day_of),
    _text(_DATE_PATTERN, "A day in India as 30-Jan-2025 or 2025-01-30.", *_DATE_EXAMPLES),
]
type SymbolPath = Annotated[
    SymbolName,
    # The page /docs fills in only these examples, not the schema's.
    Path(description="a symbol in any case", openapi_examples={"NIFTY": {"value": "NIFTY"}}),
]
