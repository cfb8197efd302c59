"""What the service says of itself: what it is, holds, and whether it is well."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chain_api.schemas.archive_state import ArchiveState
from chain_api.schemas.base import ResponseModel


class Root(ResponseModel):
    """What this is."""

    name: str
    description: str
    version: str
    links: dict[str, str] = Field(description="relative to this address")


class StoredCompression(ResponseModel):
    """How a collection is stored: the compressors that MongoDB names, such as `zstd`, `snappy`."""

    data: str | None = Field(description="none where there is no compressor; null if not told")
    indexes: str | None = Field(description="as `data`; mixed where indexes differ")


class Stats(ResponseModel):
    """What the database holds."""

    total_records: int = Field(description="documents of committed snapshots")
    records_by_symbol: dict[str, int]
    records_by_source: dict[str, int]
    records_by_type: dict[Literal["CE", "PE"], int]
    total_snapshots: int
    latest_fetch_time: datetime | None = Field(description="the newest stored tick, UTC")
    data_freshness_seconds: float | None = Field(description="as age_seconds")
    age_seconds: float | None = Field(description="seconds since the newest tick with an answer")
    bytes: dict[str, int] | None = Field(description="data, storage and indexes, in bytes")
    bytes_reason: str | None = Field(description="why `bytes` is null")
    compression: dict[str, StoredCompression | None] | None = Field(
        description="how each large collection is stored, by its name; null where there is none"
    )
    compression_reason: str | None = Field(description="why `compression` is null")
    archive: ArchiveState | None = Field(description="null: there is no archive")


class HealthReason(BaseModel):
    """Why the data cannot be relied on."""

    model_config = ConfigDict(extra="allow")
    code: str
    detail: str


class HealthNotice(BaseModel):
    """What an operator should know; it makes no answer unhealthy."""

    model_config = ConfigDict(extra="allow")
    code: str
    detail: str


class TierHealth(ResponseModel):
    """How many symbols of a tier cannot be relied on."""

    tier: str = Field(description="as NSE_TIERS names it; BASE: the symbols that it does not name")
    period_seconds: float = Field(description="in which each of its symbols is asked for once")
    symbols: int
    affected: int = Field(description="those of which a reason is known")


class Health(ResponseModel):
    """Whether a user can rely on the data."""

    status: Literal["healthy", "degraded", "unhealthy"] = Field(
        description="unhealthy (503): no symbol can be relied on, or a tenth or more of a tier "
        "cannot; degraded (200): fewer symbols cannot, which `reasons` name"
    )
    timestamp: datetime = Field(description="when this was asked, UTC")
    database_connected: bool
    last_data_fetch: datetime | None = Field(description="the newest tick with an answer, UTC")
    age_seconds: float | None = Field(description="seconds since then")
    interval_seconds: float | None = Field(
        description="in which every symbol is asked for once: the longest interval, or more if "
        "there are more symbols than requests; null if the symbols are not known"
    )
    market: Literal["open", "closed"]
    next_opening: datetime | None = Field(description="UTC; null while it is open")
    total_symbols: int | None = Field(description="recorded symbols; null: the database is away")
    symbols_affected: int | None = Field(description="those of which a reason is known")
    tiers: list[TierHealth]
    last_outcomes: dict[str, dict[str, Any]] = Field(
        description="by symbol: tick, outcome, reason; of more than ten symbols the worst ten"
    )
    outcome_counts: dict[str, int] = Field(description="symbols by their last outcome")
    simulated: bool = Field(
        description="the data come from another host than www.nseindia.com: a simulated exchange"
    )
    archive: ArchiveState | None = Field(
        description="null: there is no archive, or the database is away"
    )
    reasons: list[HealthReason] = Field(
        description="empty where it is healthy; the ten oldest of each code"
    )
    reason_counts: dict[str, int] = Field(description="all of them, by code")
    notices: list[HealthNotice] = Field(
        description="what is doubtful about the calendar, the exchange's lists, the settled chains "
        "of the trading day before, the tokens of the sources, the archive and the database, "
        "though the data can be relied on; ten of each code"
    )
    notice_counts: dict[str, int] = Field(description="all of them, by code")
