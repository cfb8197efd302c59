"""What a request may name: symbols, expiries and days, typed and bounded."""

import re
from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, PlainValidator

from optionchain.exchange_time import expiry_text, parse_expiry
from optionchain.settings import MAX_SYMBOL_LENGTH, SYMBOL_PATTERN

# date.fromisoformat reads more: 20250130, 2025-W05-4.
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def symbol_name(text: str) -> str:
    """Read a symbol in any case; raise ValueError for what cannot be one."""
    symbol = text.strip().upper()
    if not SYMBOL_PATTERN.fullmatch(symbol):
        raise ValueError(f"a symbol is up to {MAX_SYMBOL_LENGTH} letters, digits, & and -")
    return symbol


def expiry_of(text: str) -> date:
    """Read `30-Jan-2025` or `2025-01-30`; raise ValueError for anything else."""
    try:
        return _date_of(text)
    except ValueError as error:
        raise ValueError("an expiry is a date like 30-Jan-2025 or 2025-01-30") from error


def day_of(text: str) -> date:
    """Read a day as expiry_of does."""
    try:
        return _date_of(text)
    except ValueError as error:
        raise ValueError("a day is a date like 30-Jan-2025 or 2025-01-30") from error


def _date_of(text: str) -> date:
    return date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else parse_expiry(text)


def _canonical_expiry(text: str) -> str:
    return expiry_text(expiry_of(text))


SymbolName = Annotated[str, AfterValidator(symbol_name)]
ExpiryText = Annotated[str, AfterValidator(_canonical_expiry)]
Day = Annotated[date, PlainValidator(day_of, json_schema_input_type=str)]
SymbolPath = Annotated[
    SymbolName,
    # The page /docs fills in these examples alone, not the schema's.
    Path(description="a symbol in any case", openapi_examples={"NIFTY": {"value": "NIFTY"}}),
]
