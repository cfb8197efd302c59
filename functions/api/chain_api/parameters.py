"""What a request may name: symbols and expiries, typed and bounded."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, StringConstraints

from optionchain.exchange_time import expiry_text, parse_expiry
from optionchain.settings import MAX_SYMBOL_LENGTH, SYMBOL_PATTERN

_LONGEST_DATE = 11


def symbol_name(text: str) -> str:
    """Read a symbol in any case; raise ValueError for what cannot be one."""
    symbol = text.strip().upper()
    if not SYMBOL_PATTERN.fullmatch(symbol):
        raise ValueError("a symbol is up to 20 letters, digits, & and -")
    return symbol


def expiry_of(text: str) -> date:
    """Read `30-Jan-2025` or `2025-01-30`; raise ValueError for anything else."""
    try:
        return date.fromisoformat(text) if text[:4].isdigit() else parse_expiry(text)
    except ValueError as error:
        raise ValueError("an expiry is a date like 30-Jan-2025 or 2025-01-30") from error


def _canonical_expiry(text: str) -> str:
    return expiry_text(expiry_of(text))


SymbolName = Annotated[
    str, StringConstraints(max_length=MAX_SYMBOL_LENGTH), AfterValidator(symbol_name)
]
ExpiryText = Annotated[
    str, StringConstraints(max_length=_LONGEST_DATE), AfterValidator(_canonical_expiry)
]
SymbolPath = Annotated[SymbolName, Path(description="a symbol in any case", examples=["NIFTY"])]
ExpiryQuery = Annotated[
    ExpiryText | None,
    Query(alias="expiry", description="30-Jan-2025 or 2025-01-30; the nearest by default"),
]
