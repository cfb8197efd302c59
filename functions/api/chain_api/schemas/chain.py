"""Option chains: what may be asked of them, and how they are answered."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from chain_api.schemas.base import (
    ResponseModel,
)
from chain_api.schemas.contract import ChainContract, Column, DerivedColumn
from chain_api.schemas.freshness import Freshness
from chain_api.schemas.pricing import PricingModel

_MODEL = "with greeks=true: what its contracts are priced with; null for expiry=all"


class ExpiryMoment(ResponseModel):
    """One expiry, and when its numbers held."""

    expiry_date: str
    underlying_value: float | None = Field(
        description="as this snapshot had it, rupees or index points"
    )
    timestamp: datetime = Field(description="fetched_at of its contracts, UTC")
    last_seen_at: datetime = Field(description="the newest tick that confirmed it, UTC")


class ExpiryState(Freshness, ExpiryMoment):
    """One expiry of an answer: when its numbers held."""

    model: PricingModel | None = Field(
        default=None, description="with greeks=true: what its contracts are priced with"
    )


class ChainMoment(ResponseModel):
    """Of which chain an answer is, and when it held."""

    symbol: str
    expiry_date: str | None = Field(description="null for expiry=all")
    underlying_value: float | None = Field(description="rupees or index points")
    timestamp: datetime = Field(description="fetched_at of every contract, UTC; the newest of all")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed this chain, UTC"
    )


class ChainHead(Freshness, ChainMoment):
    """What every layout of a chain begins with."""

    age_seconds: float = Field(
        description="from last_seen_at to the moment asked for, in whole seconds"
    )


class Chain(ChainHead):
    """Calls and puts by strike: layout sides."""

    layout: Literal["sides"]
    model: PricingModel | None = Field(default=None, description=_MODEL)
    expiries: list[ExpiryState] = Field(description="by date")
    total_calls: int
    total_puts: int
    calls: list[ChainContract] = Field(description="by expiry and strike")
    puts: list[ChainContract] = Field(description="by expiry and strike")


class StrikeRow(ResponseModel):
    """Both sides of a strike."""

    expiry_date: str
    strike_price: float
    call: ChainContract | None
    put: ChainContract | None


class ChainRows(ChainHead):
    """One row a strike, as the exchange shows it: layout rows."""

    layout: Literal["rows"]
    model: PricingModel | None = Field(default=None, description=_MODEL)
    expiries: list[ExpiryState] = Field(description="by date")
    total_calls: int
    total_puts: int
    total_rows: int
    rows: list[StrikeRow] = Field(description="by expiry and strike")


class ChainColumns(ChainHead):
    """One array a field, all of one length: layout columns."""

    layout: Literal["columns"]
    model: PricingModel | None = Field(default=None, description=_MODEL)
    expiries: list[ExpiryState] = Field(description="by date")
    total_calls: int
    total_puts: int
    columns: dict[Column | DerivedColumn, list[bool | float | int | str | None]] = Field(
        description="pandas.DataFrame(answer['columns']); by expiry, strike and side"
    )


class StrikesMoment(ResponseModel):
    """Of which chain the strikes are, and when it held."""

    symbol: str
    expiry_date: str
    timestamp: datetime = Field(description="the tick of the snapshot, UTC")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed it, UTC"
    )


class Strikes(Freshness, StrikesMoment):
    """The strikes of a chain."""

    strike_prices: list[float] = Field(description="in order, rupees or index points")
    total_strikes: int


class DatesMoment(ResponseModel):
    """Of which symbol the dates are, and when they held."""

    symbol: str
    timestamp: datetime = Field(description="the tick of the newest snapshot, UTC")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed any of them, UTC"
    )


class ExpiryDates(Freshness, DatesMoment):
    """The expiry dates of a symbol from a day on: today's, or that of the moment asked for."""

    expiry_dates: list[str] = Field(description="by date, written as 30-Jan-2025")
    total_expiry_dates: int
