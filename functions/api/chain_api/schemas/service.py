"""What the service says of itself: what it is, holds, and whether it is well."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chain_api.schemas.base import Model


class Root(Model):
    """What this is."""

    name: str
    description: str
    version: str
    links: dict[str, str] = Field(description="relative to this address")


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
