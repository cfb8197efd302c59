"""What a request may name: symbols, expiries and days, typed and bounded."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from chain_api.parameters.dates import DATE_EXAMPLES, DATE_PATTERN, ONE_DATE, date_of
from optionchain.exchange_time import expiry_text
from optionchain.mongo.documents import identifier
from optionchain.settings import MAX_SYMBOL_LENGTH, SYMBOL_PATTERN
from optionchain.snapshot import Side

_ONE = ("nearest", "next")
EXPIRY_WORDS = (*_ONE, "all")
_CONTRACT = re.compile(
    r"([A-Z0-9&-]+)_(CE|PE)_(\d{1,9}(?:\.\d{1,4})?)_([A-Z0-9 -]+)", re.ASCII | re.IGNORECASE
)


def symbol_name(value: object) -> str:
    """Read a symbol in any case; raise ValueError for any other text or value."""
    text = _text_of(value)
    symbol = text.strip(" ").upper()
    # The upper case of some other letters is ASCII: that of the dotless i, for example.
    if not text.isascii() or not SYMBOL_PATTERN.fullmatch(symbol):
        allowed = f"a symbol is up to {MAX_SYMBOL_LENGTH} letters, digits, & and -, such as NIFTY"
        raise ValueError(allowed)
    return symbol


def expiry_of(text: str) -> date:
    """Read a date as date_of does; raise ValueError for anything else."""
    try:
        return date_of(text)
    except ValueError as error:
        raise ValueError(f"an expiry is a date like {ONE_DATE}") from error


def expiry_choice(text: str, words: Sequence[str] = EXPIRY_WORDS) -> str:
    """Read a date as expiry_of does, or one of the words; return dates as `30-Jan-2025`."""
    if text.isascii() and (word := text.strip(" ").lower()) in words:
        return word
    try:
        return expiry_text(date_of(text))
    except ValueError as error:
        named = ", ".join(words)
        raise ValueError(f"an expiry is a date like {ONE_DATE}, or one of {named}") from error


def day_of(text: str) -> date:
    """Read a day as expiry_of does."""
    try:
        return date_of(text)
    except ValueError as error:
        raise ValueError(f"a day is a date like {ONE_DATE}") from error


def flag_of(value: object) -> bool:
    """Read true or false, in any case; raise ValueError for anything else."""
    text = str(value).strip(" ").lower() if isinstance(value, (bool, str)) else value
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def contract_name(text: str) -> str:
    """Return the identifier of a contract as it is stored; other text stays for the route."""
    match = _CONTRACT.fullmatch(text.strip(" "))
    if match is None:
        return text
    side: Side = "CE" if match[2].upper() == "CE" else "PE"
    try:
        expiry = expiry_text(date_of(match[4]))
    except ValueError:
        return text
    return identifier(match[1].upper(), side, float(match[3]), expiry)


def _text_of(value: object) -> str:
    """Return a text, and the empty one for another value of JSON: it is no allowed text."""
    return value if isinstance(value, str) else ""


def _any_expiry(value: object) -> str:
    return expiry_choice(_text_of(value))


def _one_expiry(value: object) -> str:
    return expiry_choice(_text_of(value), _ONE)


def _date_alone(text: str) -> str:
    return expiry_choice(text, ())


def _date_or_all(text: str) -> str:
    return expiry_choice(text, ("all",))


def _text(pattern: str, description: str, *examples: str) -> WithJsonSchema:
    schema = {"type": "string", "pattern": f"^(?:{pattern})$", "description": description}
    return WithJsonSchema({**schema, "examples": list(examples)})


def _choice(words: Sequence[str]) -> WithJsonSchema:
    description = f"A date as {ONE_DATE}, or one of {', '.join(words)}."
    return _text("|".join([*words, DATE_PATTERN]), description, *words, *DATE_EXAMPLES)


# Aliases of this form have a name of their own in the OpenAPI document.
type SymbolName = Annotated[
    str,
    BeforeValidator(symbol_name),
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
type ExpiryChoice = Annotated[str, BeforeValidator(_any_expiry), _choice(EXPIRY_WORDS)]
type OneExpiry = Annotated[str, BeforeValidator(_one_expiry), _choice(_ONE)]
# What cursors hold: there a word is replaced by the date that it meant.
type ExpiryDate = Annotated[str, AfterValidator(_date_alone)]
type PinnedExpiry = Annotated[str, AfterValidator(_date_or_all)]
type Flag = Annotated[bool, PlainValidator(flag_of), WithJsonSchema({"type": "boolean"})]
type ContractName = Annotated[
    str,
    Field(min_length=1, max_length=80),
    AfterValidator(contract_name),
    _text(
        f" *[A-Za-z0-9&-]{{1,{MAX_SYMBOL_LENGTH}}}_[A-Za-z]{{2}}_[0-9]{{1,9}}(?:[.][0-9]{{1,4}})?_"
        f"(?:{DATE_PATTERN}) *",
        "The identifier of a contract: symbol, CE or PE, strike, expiry.",
        "NIFTY_CE_25000_30-Jan-2025",
    ),
]
type Day = Annotated[
    date,
    PlainValidator(day_of),
    _text(DATE_PATTERN, f"A day in India as {ONE_DATE}.", *DATE_EXAMPLES),
]
type SymbolPath = Annotated[
    SymbolName,
    # The page /docs fills in only these examples, not the schema's.
    Path(description="a symbol in any case", openapi_examples={"NIFTY": {"value": "NIFTY"}}),
]
