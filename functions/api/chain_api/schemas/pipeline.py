"""The recorder: what it is doing, and whether it is meant to."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from chain_api.schemas.archive_state import ArchiveState
from chain_api.schemas.base import ResponseModel


class Source(ResponseModel):
    """How a source takes our requests."""

    state: Literal["ok", "refusing", "left", "waiting"] = Field(
        description="refusing: it is asked on; left: another source is preferred for a while; "
        "waiting: it is not asked before `until`"
    )
    reason: str | None = Field(examples=["rate_limited"])
    detail: str | None
    since: datetime | None = Field(description="UTC")
    until: datetime | None = Field(description="UTC")
    failures: int = Field(description="ticks in a row")


class RequestWindow(ResponseModel):
    """A limit of a source: at most so many requests in any stretch of so many seconds."""

    requests: int
    seconds: float
    used: int | None = Field(
        description="requests that were sent in these seconds, from the address that was asked "
        "from most where each has a budget of its own; null: nothing was counted yet"
    )


class TierPeriod(ResponseModel):
    """How often the symbols of a tier are read."""

    tier: str = Field(examples=["STOCKS"])
    symbols: int
    interval_seconds: int = Field(description="between two ticks")
    period_seconds: float = Field(
        description="between two reads of a symbol; longer than the interval if symbols take turns"
    )


class BudgetPlan(ResponseModel):
    """What the request budget of a source carries, as the recorder said at its start."""

    symbols: int = Field(description="those of all recorders that share the budget")
    interval_seconds: int = Field(description="between two ticks")
    nearest_expiries: int = Field(description="of each symbol, read at every tick")
    rotating_per_tick: float = Field(
        description="further expiries read at a tick, of all symbols together, on average"
    )
    chains_per_tick: int = Field(description="chains of nearest expiries")
    capacity_per_tick: float = Field(description="chains that the budget carries at each tick")
    in_turns: bool = Field(description="not all have a place in a tick: symbols take turns")
    works: bool = Field(
        description="false: ticks are skipped for want of a place; with turns: symbols are read "
        "less than half as often as they should be, or less than once a minute"
    )
    groups: int = Field(description="of symbols, which share the budget")
    addresses: int = Field(
        description="from which the groups ask; each has a budget of its own if the source counts "
        "by address"
    )
    tiers: list[TierPeriod]
    windows: list[RequestWindow] = Field(description="all of them hold at once")
    text: str = Field(description="the plan in words")


class NamedSource(Source):
    """How a source takes our requests, until when its token holds, and what its budget carries."""

    name: str = Field(examples=["upstox"])
    token: Literal["valid", "ends_soon", "ended", "refused", "missing", "end_unknown"] | None = (
        Field(description="null: it needs none, or the recorder has not looked at it yet")
    )
    token_ends_at: datetime | None = Field(description="UTC; null: it needs none, or it is unknown")
    left_until: datetime | None = Field(
        description="UTC; until then another source is preferred, if there is one that may be asked"
    )
    left_reason: str | None = Field(description="why it is left, as in the ledger")
    symbols: list[str] = Field(description="those of which the newest tick was asked of it")
    plan: BudgetPlan | None = Field(description="null: the recorder has not started with it yet")


class TierTicks(ResponseModel):
    """The ticks of a tier today (IST)."""

    tier: str = Field(description="as NSE_TIERS names it; BASE: the symbols that it does not name")
    interval_seconds: int = Field(description="between two ticks of a symbol")
    symbols: int
    ticks: dict[str, int] = Field(description="by outcome")
    success_rate: float | None = Field(description="stored or unchanged, but for pending: 0 to 1")


class SymbolTicks(ResponseModel):
    """The ticks of a symbol today (IST)."""

    symbol: str
    ticks: dict[str, int] = Field(description="by outcome")
    success_rate: float = Field(description="stored or unchanged, but for pending: 0 to 1")


class ShiftOnDuty(ResponseModel):
    """An invocation of the recorder that is on duty."""

    owner: str = Field(description="the id of the invocation")
    since: datetime = Field(description="when it took over the last of its symbols, UTC")
    symbols: int


class PipelineStatus(ResponseModel):
    """What the recorder is doing."""

    running: bool = Field(description="somebody is on duty and began a tick in the last 90 s")
    enabled: bool = Field(description="it is meant to run in market hours: nobody stopped it")
    schedule: Literal["ENABLED", "DISABLED", "UNKNOWN", "local"] = Field(
        description="the schedule in AWS that starts it: DISABLED if one of several is, UNKNOWN if "
        "AWS does not say; local where the environment names none"
    )
    symbols: list[str]
    interval_seconds: int = Field(description="between two ticks of the grid; see `tiers`")
    ticks: dict[str, dict[str, int]] = Field(
        description="by outcome: last hour, today (IST); pending: claimed, and not over yet"
    )
    success_rate: float | None = Field(
        description="stored or unchanged, of today's ticks that are not pending: 0 to 1"
    )
    tiers: list[TierTicks]
    worst_symbols: list[SymbolTicks] = Field(
        description="at most ten, of which not all ticks of today were good, the worst first"
    )
    lateness_ms: dict[str, float | None] = Field(
        description="milliseconds: p50, p99 of the last hour"
    )
    last_success: datetime | None = Field(description="the newest tick with an answer, UTC")
    age_seconds: float | None = Field(description="seconds since then")
    owners: dict[str, dict[str, Any]] = Field(
        description="the invocation on duty, by symbol; of more than ten symbols those ten whose "
        "owner has been on duty longest"
    )
    shifts: list[ShiftOnDuty] = Field(description="every invocation on duty")
    source: Source = Field(description="the first one of `sources`")
    sources: list[NamedSource] = Field(description="in the order in which they are preferred")
    market: Literal["open", "closed"]
    next_opening: datetime | None = Field(description="UTC; null while it is open")
    holidays: Literal["exchange", "shipped", "none"] = Field(
        description="whose list says which weekdays of this year are closed: the exchange's own, "
        "one that came with the program, or nobody's (all count as open)"
    )
    warnings: list[str] = Field(
        description="what the recorder could not set up in the database, such as the retention"
    )
    archive: ArchiveState | None = Field(description="null: there is no archive")


class PipelineState(ResponseModel):
    """How the recorder is switched now."""

    enabled: bool
    schedule: Literal["ENABLED", "DISABLED", "local"] = Field(
        description="the state of the schedule in AWS; local where the environment names none"
    )
    timestamp: datetime = Field(description="when it was switched, UTC")
