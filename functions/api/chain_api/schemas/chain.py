"""Option chains: what may be asked of them, and how they are answered."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from chain_api.parameters import ExpiryText, SymbolName
from chain_api.schemas.base import Model

MAX_LIMIT = 5_000
_HIGHEST_STRIKE = 1e9


class Contract(Model):
    """One contract of one snapshot. A missing number is null, never 0."""

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
    underlying_value: float | None = Field(description="of the whole snapshot")
    expiry: datetime = Field(description="the expiry date at 00:00 UTC; sorts")
    exchange_timestamp: datetime = Field(description="the exchange's own stamp, UTC")
    total_buy_qty: float | None = Field(description="units of the underlying")
    total_sell_qty: float | None = Field(description="units of the underlying")


class Chain(Model):
    """A whole option chain: one expiry of one symbol at one tick."""

    symbol: str
    expiry_date: str
    underlying_value: float | None
    timestamp: datetime = Field(description="fetched_at of every contract, UTC")
    last_seen_at: datetime = Field(description="the newest tick that confirmed this chain, UTC")
    exchange_timestamp: datetime
    age_seconds: float = Field(description="since last_seen_at")
    total_calls: int
    total_puts: int
    calls: list[Contract] = Field(description="by strike")
    puts: list[Contract] = Field(description="by strike")


class Strikes(Model):
    """The strikes of a chain."""

    symbol: str
    expiry_date: str
    strike_prices: list[float] = Field(description="in order")
    total_strikes: int
    timestamp: datetime
    age_seconds: float


class ExpiryDates(Model):
    """The expiry dates recorded of a symbol from today on."""

    symbol: str
    expiry_dates: list[str] = Field(description="by date")
    total_expiry_dates: int
    timestamp: datetime
    age_seconds: float


class ChainQuery(Model):
    """Which chain of a symbol."""

    expiry: ExpiryText | None = Field(
        default=None, description="30-Jan-2025 or 2025-01-30; the nearest by default"
    )


class FilterRequest(Model):
    """What to find in the latest chains of a symbol."""

    # What the page /docs offers to send.
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"symbol": "NIFTY", "option_type": "CE", "strike_price_min": 24000, "limit": 10}
            ]
        }
    )
    symbol: SymbolName = Field(examples=["NIFTY"])
    option_type: Literal["CE", "PE"] | None = None
    strike_price_min: float | None = Field(default=None, ge=0, le=_HIGHEST_STRIKE)
    strike_price_max: float | None = Field(default=None, ge=0, le=_HIGHEST_STRIKE)
    expiry_date: ExpiryText | None = Field(
        default=None, description="30-Jan-2025 or 2025-01-30; without it every latest chain"
    )
    limit: int = Field(default=100, ge=1, le=MAX_LIMIT)
    offset: int = Field(default=0, ge=0, le=100_000)


class FilterAnswer(Model):
    """The records found, by expiry, strike and side."""

    total_records: int = Field(description="of the whole result, beyond this page")
    records: list[Contract]
    limit: int
    offset: int
    age_seconds: float
