"""The filter: its body and its answer."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from chain_api.parameters.choices import any_case
from chain_api.parameters.moments import MomentText
from chain_api.parameters.selection import Selection
from chain_api.parameters.types import ExpiryChoice, SymbolName
from chain_api.schemas.base import (
    Model,
    ResponseModel,
)
from chain_api.schemas.contract import Column, Contract
from chain_api.schemas.freshness import Freshness
from chain_api.schemas.queries import (
    AS_OF,
    HIGHEST_STRIKE,
    MOST_CONTRACTS,
    WIDEST_WINDOW,
    FormatChoice,
    OptionTypeChoice,
)

_MAX_LIMIT = 5_000


def _whole(value: object) -> object:
    """Read 5.0 as 5, as JSON Schema does; return any other value unchanged."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Strict, because pydantic would read "5" and true as numbers, which the document does not allow.
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True), BeforeValidator(_whole)]


class FilterRequest(Model):
    """What to find in the chains of a symbol."""

    # What the page /docs offers to send.
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"symbol": "NIFTY", "option_type": "CE", "strike_price_min": 24000, "limit": 10},
                {"symbol": "NIFTY", "strikes_around_atm": 5, "min_open_interest": 1000},
            ]
        }
    )
    symbol: SymbolName = Field(examples=["NIFTY"])
    option_type: OptionTypeChoice = Field(
        default=None, description="CE: calls, PE: puts; both by default"
    )
    strike_price_min: Number | None = Field(
        default=None,
        examples=[24000],
        ge=0,
        le=HIGHEST_STRIKE,
        description="lowest strike, inclusive, in rupees or index points",
    )
    strike_price_max: Number | None = Field(
        default=None,
        examples=[26000.5],
        ge=0,
        le=HIGHEST_STRIKE,
        description="highest strike, inclusive, in rupees or index points",
    )
    strikes_around_atm: Whole | None = Field(
        default=None,
        ge=0,
        le=WIDEST_WINDOW,
        description="the strike nearest to the underlying and as many on each side",
    )
    min_open_interest: Number | None = Field(
        default=None,
        ge=0,
        le=MOST_CONTRACTS,
        description="least open interest, inclusive, in contracts (lots)",
    )
    min_volume: Number | None = Field(
        default=None,
        ge=0,
        le=MOST_CONTRACTS,
        description="least volume of that day by then, inclusive, in contracts",
    )
    expiry_date: ExpiryChoice | None = Field(
        default=None, description="30-Jan-2025, 2025-01-30, nearest, next or all; all by default"
    )
    as_of: MomentText | None = Field(default=None, description=AS_OF)
    columns: list[Annotated[Column, any_case(Column)]] | None = Field(
        default=None,
        min_length=1,
        max_length=23,
        description="fields wanted; all by default",
        examples=[["strike_price", "type", "last_price"]],
    )
    format: FormatChoice = Field(
        default=None, description="else what the Accept header prefers, else json"
    )
    limit: Whole = Field(default=100, ge=1, le=_MAX_LIMIT, description="records a page")
    offset: Whole = Field(
        default=0,
        ge=0,
        le=100_000,
        description="records before the page; `next` is faster and pinned to the same snapshots",
    )

    def selection(self) -> Selection:
        """Return the conditions; raise Problem where bounds are the wrong way round."""
        return Selection(
            self.option_type,
            self.strike_price_min,
            self.strike_price_max,
            self.strikes_around_atm,
            self.min_open_interest,
            self.min_volume,
            low_name="strike_price_min",
            high_name="strike_price_max",
        )


class FilterMoment(ResponseModel):
    """Of which symbol the records are, and when they held."""

    symbol: str
    timestamp: datetime = Field(description="the newest tick among the chains read, UTC")
    last_seen_at: datetime = Field(description="the tick until which all of them are known to hold")


class FilterAnswer(Freshness, FilterMoment):
    """A page of the records found, by expiry, strike and side."""

    age_seconds: float = Field(
        description="seconds, of the oldest of them, at the moment asked for"
    )
    total_records: int = Field(description="of the whole result, beyond this page")
    records: list[Contract]
    limit: int
    offset: int
    next: str | None = Field(description="POST here for the next page, without a body")
