"""Option chains: what may be asked of them, and how they are answered."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from chain_api.schemas.base import Model

type Column = Literal[
    "symbol",
    "type",
    "strike_price",
    "expiry_date",
    "identifier",
    "fetched_at",
    "open_interest",
    "change_in_oi",
    "pchange_in_oi",
    "last_price",
    "change",
    "pchange",
    "total_traded_volume",
    "implied_volatility",
    "bid_qty",
    "bid_price",
    "ask_price",
    "ask_qty",
    "underlying_value",
    "expiry",
    "exchange_timestamp",
    "total_buy_qty",
    "total_sell_qty",
]


def _none_required(schema: dict[str, Any]) -> None:
    del schema["required"]


class Contract(Model):
    """One contract of one snapshot: every field, or those that `columns` names.

    A missing number is null, never 0.
    """

    model_config = ConfigDict(json_schema_extra=_none_required)
    symbol: str = Field(examples=["NIFTY"])
    type: Literal["CE", "PE"] = Field(description="CE: call, PE: put")
    strike_price: float = Field(description="rupees or index points")
    expiry_date: str = Field(examples=["30-Jan-2025"])
    identifier: str = Field(examples=["NIFTY_CE_25000_30-Jan-2025"])
    fetched_at: datetime = Field(description="the tick, UTC")
    open_interest: float | None = Field(description="contracts (lots)")
    change_in_oi: float | None = Field(description="contracts, since the previous day")
    pchange_in_oi: float | None = Field(description="percent")
    last_price: float | None = Field(description="rupees")
    change: float | None = Field(description="rupees, since the previous close")
    pchange: float | None = Field(description="percent")
    total_traded_volume: float | None = Field(description="contracts, today")
    implied_volatility: float | None = Field(description="percent a year, by the exchange")
    bid_qty: int = Field(description="units of the underlying; 0 where there is no bid")
    bid_price: float | None = Field(description="rupees")
    ask_price: float | None = Field(description="rupees")
    ask_qty: int = Field(description="units of the underlying; 0 where there is no ask")
    underlying_value: float | None = Field(
        description="of the whole snapshot, rupees or index points"
    )
    expiry: datetime = Field(description="the expiry date at 00:00 UTC; sorts")
    exchange_timestamp: datetime = Field(description="the exchange's own stamp, UTC")
    total_buy_qty: float | None = Field(description="units of the underlying")
    total_sell_qty: float | None = Field(description="units of the underlying")


class ExpiryState(Model):
    """One expiry of an answer: when its numbers held."""

    expiry_date: str
    underlying_value: float | None = Field(
        description="as this snapshot had it, rupees or index points"
    )
    timestamp: datetime = Field(description="fetched_at of its contracts, UTC")
    last_seen_at: datetime = Field(description="the newest tick that confirmed it, UTC")
    exchange_timestamp: datetime = Field(description="the exchange's own stamp, UTC")
    age_seconds: float = Field(description="seconds from last_seen_at to the moment asked for")
    gap: bool = Field(description="the ledger has no good tick near the moment asked for")


class ChainHead(Model):
    """What every layout of a chain begins with."""

    symbol: str
    expiry_date: str | None = Field(description="null for expiry=all")
    underlying_value: float | None = Field(description="rupees or index points")
    timestamp: datetime = Field(description="fetched_at of every contract, UTC; the newest of all")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed this chain, UTC"
    )
    exchange_timestamp: datetime = Field(description="the exchange's own stamp, UTC")
    age_seconds: float = Field(
        description="from last_seen_at to the moment asked for, in whole seconds"
    )
    gap: bool = Field(description="the ledger has no good tick near the moment asked for")


class Chain(ChainHead):
    """Calls and puts by strike: layout sides."""

    layout: Literal["sides"]
    expiries: list[ExpiryState] = Field(description="by date")
    total_calls: int
    total_puts: int
    calls: list[Contract] = Field(description="by expiry and strike")
    puts: list[Contract] = Field(description="by expiry and strike")


class StrikeRow(Model):
    """Both sides of a strike."""

    expiry_date: str
    strike_price: float
    call: Contract | None
    put: Contract | None


class ChainRows(ChainHead):
    """One row a strike, as the exchange shows it: layout rows."""

    layout: Literal["rows"]
    expiries: list[ExpiryState] = Field(description="by date")
    total_calls: int
    total_puts: int
    total_rows: int
    rows: list[StrikeRow] = Field(description="by expiry and strike")


class ChainColumns(ChainHead):
    """One array a field, all of one length: layout columns."""

    layout: Literal["columns"]
    expiries: list[ExpiryState] = Field(description="by date")
    total_calls: int
    total_puts: int
    columns: dict[Column, list[float | int | str | None]] = Field(
        description="pandas.DataFrame(answer['columns']); by expiry, strike and side"
    )


class Strikes(Model):
    """The strikes of a chain."""

    symbol: str
    expiry_date: str
    timestamp: datetime = Field(description="the tick of the snapshot, UTC")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed it, UTC"
    )
    exchange_timestamp: datetime = Field(description="the exchange's own stamp, UTC")
    age_seconds: float = Field(description="seconds from last_seen_at to the moment asked for")
    gap: bool = Field(description="the ledger has no good tick near the moment asked for")
    strike_prices: list[float] = Field(description="in order, rupees or index points")
    total_strikes: int


class ExpiryDates(Model):
    """The expiry dates of a symbol from a day on: today's, or that of the moment asked for."""

    symbol: str
    timestamp: datetime = Field(description="the tick of the newest snapshot, UTC")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed any of them, UTC"
    )
    exchange_timestamp: datetime = Field(description="the exchange's own stamp, UTC")
    age_seconds: float = Field(description="seconds from last_seen_at to the moment asked for")
    gap: bool = Field(description="the ledger has no good tick near the moment asked for")
    expiry_dates: list[str] = Field(description="by date, written as 30-Jan-2025")
    total_expiry_dates: int
