"""The bodies of requests and answers as the OpenAPI document describes them.

Answers are not built from these models: documents go out as they are stored, and a test validates
real answers against the models.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chain_api.parameters import ExpiryText, SymbolName

MAX_LIMIT = 5_000
_HIGHEST_STRIKE = 1e9


class Model(BaseModel):
    """A body; what is not named here is refused."""

    model_config = ConfigDict(extra="forbid")


class Root(Model):
    """What this is."""

    name: str
    description: str
    version: str
    links: dict[str, str] = Field(description="relative to this address")


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


class SymbolRow(Model):
    """A recorded symbol."""

    symbol: str
    expiry_dates: list[str]
    last_snapshot: datetime
    last_seen_at: datetime
    underlying_value: float | None
    age_seconds: float


class Symbols(Model):
    """Every recorded symbol."""

    symbols: list[SymbolRow]
    total_symbols: int
    age_seconds: float | None


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


class Stats(Model):
    """What the database holds."""

    total_records: int = Field(description="documents of committed snapshots")
    records_by_symbol: dict[str, int]
    records_by_type: dict[Literal["CE", "PE"], int]
    total_snapshots: int
    latest_fetch_time: datetime | None
    data_freshness_seconds: float | None
    age_seconds: float | None
    bytes: dict[str, int] = Field(description="data, storage and indexes, in bytes")


class HealthReason(BaseModel):
    """Why the data cannot be relied on."""

    model_config = ConfigDict(extra="allow")
    code: str
    detail: str


class Health(Model):
    """Whether a user can rely on the data."""

    status: Literal["healthy", "unhealthy"]
    timestamp: datetime
    database_connected: bool
    last_data_fetch: datetime | None
    age_seconds: float | None
    market: Literal["open", "closed"]
    next_opening: datetime | None
    last_outcomes: dict[str, dict[str, Any]]
    reasons: list[HealthReason]


class PipelineStatus(Model):
    """What the recorder is doing."""

    running: bool
    symbols: list[str]
    interval_seconds: int
    ticks: dict[str, dict[str, int]] = Field(description="by outcome: last hour, today (IST)")
    success_rate: float | None = Field(description="stored or unchanged, of today's ticks: 0 to 1")
    lateness_ms: dict[str, float | None] = Field(description="p50 and p99 of the last hour")
    last_success: datetime | None
    age_seconds: float | None
    owners: dict[str, dict[str, Any]] = Field(description="the invocation on duty, by symbol")


class ProblemDetails(BaseModel):
    """RFC 9457."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    instance: str
