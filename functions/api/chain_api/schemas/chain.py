"""Option chains: what may be asked of them, and how they are answered."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from chain_api.calculations.provenance import DatedBy
from chain_api.schemas.base import (
    DATED_BY,
    DERIVED,
    FROZEN,
    FROZEN_SINCE,
    LOT_SIZE,
    LOT_SIZE_REASON,
    SETTLED,
    SOURCE,
    STAMP,
    ResponseModel,
)
from chain_api.schemas.contract import ChainContract, Column, DerivedColumn
from chain_api.schemas.pricing import PricingModel

_MODEL = "with greeks=true: what its contracts are priced with; null for expiry=all"


class ExpiryState(ResponseModel):
    """One expiry of an answer: when its numbers held."""

    expiry_date: str
    underlying_value: float | None = Field(
        description="as this snapshot had it, rupees or index points"
    )
    timestamp: datetime = Field(description="fetched_at of its contracts, UTC")
    last_seen_at: datetime = Field(description="the newest tick that confirmed it, UTC")
    exchange_timestamp: datetime | None = Field(description=STAMP)
    source: str = Field(description=SOURCE)
    derived: list[str] = Field(description=DERIVED)
    dated_by: DatedBy = Field(description=DATED_BY)
    age_seconds: float = Field(description="seconds from last_seen_at to the moment asked for")
    gap: bool = Field(description="the ledger has no good answer near the moment asked for")
    settled: bool = Field(description=SETTLED)
    frozen: bool = Field(description=FROZEN)
    frozen_since: datetime | None = Field(description=FROZEN_SINCE)
    lot_size: int | None = Field(description=LOT_SIZE)
    lot_size_reason: str | None = Field(description=LOT_SIZE_REASON)
    model: PricingModel | None = Field(
        default=None, description="with greeks=true: what its contracts are priced with"
    )


class ChainHead(ResponseModel):
    """What every layout of a chain begins with."""

    symbol: str
    expiry_date: str | None = Field(description="null for expiry=all")
    underlying_value: float | None = Field(description="rupees or index points")
    timestamp: datetime = Field(description="fetched_at of every contract, UTC; the newest of all")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed this chain, UTC"
    )
    exchange_timestamp: datetime | None = Field(description=STAMP)
    source: str = Field(description=SOURCE)
    derived: list[str] = Field(description=DERIVED)
    dated_by: DatedBy = Field(description=DATED_BY)
    age_seconds: float = Field(
        description="from last_seen_at to the moment asked for, in whole seconds"
    )
    gap: bool = Field(description="the ledger has no good answer near the moment asked for")
    settled: bool = Field(description=SETTLED)
    frozen: bool = Field(description=FROZEN)
    frozen_since: datetime | None = Field(description=FROZEN_SINCE)
    lot_size: int | None = Field(description=LOT_SIZE)
    lot_size_reason: str | None = Field(description=LOT_SIZE_REASON)


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


class Strikes(ResponseModel):
    """The strikes of a chain."""

    symbol: str
    expiry_date: str
    timestamp: datetime = Field(description="the tick of the snapshot, UTC")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed it, UTC"
    )
    exchange_timestamp: datetime | None = Field(description=STAMP)
    source: str = Field(description=SOURCE)
    derived: list[str] = Field(description=DERIVED)
    dated_by: DatedBy = Field(description=DATED_BY)
    age_seconds: float = Field(description="seconds from last_seen_at to the moment asked for")
    gap: bool = Field(description="the ledger has no good answer near the moment asked for")
    settled: bool = Field(description=SETTLED)
    frozen: bool = Field(description=FROZEN)
    frozen_since: datetime | None = Field(description=FROZEN_SINCE)
    lot_size: int | None = Field(description=LOT_SIZE)
    lot_size_reason: str | None = Field(description=LOT_SIZE_REASON)
    strike_prices: list[float] = Field(description="in order, rupees or index points")
    total_strikes: int


class ExpiryDates(ResponseModel):
    """The expiry dates of a symbol from a day on: today's, or that of the moment asked for."""

    symbol: str
    timestamp: datetime = Field(description="the tick of the newest snapshot, UTC")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed any of them, UTC"
    )
    exchange_timestamp: datetime | None = Field(description=STAMP)
    source: str = Field(description=SOURCE)
    derived: list[str] = Field(description=DERIVED)
    dated_by: DatedBy = Field(description=DATED_BY)
    age_seconds: float = Field(description="seconds from last_seen_at to the moment asked for")
    gap: bool = Field(description="the ledger has no good answer near the moment asked for")
    settled: bool = Field(description=SETTLED)
    frozen: bool = Field(description=FROZEN)
    frozen_since: datetime | None = Field(description=FROZEN_SINCE)
    lot_size: int | None = Field(description=LOT_SIZE)
    lot_size_reason: str | None = Field(description=LOT_SIZE_REASON)
    expiry_dates: list[str] = Field(description="by date, written as 30-Jan-2025")
    total_expiry_dates: int
