"""What the ledger has, and has not, of a day's ticks: the question and the answer."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from chain_api.parameters.types import Day
from chain_api.schemas.base import Query, ResponseModel


class GapsQuery(Query):
    """Which day of a symbol."""

    date: Day | None = Field(
        default=None, description="30-Jan-2025 or 2025-01-30, in India; today by default"
    )


class TradingHours(ResponseModel):
    """The session of a day: opens ≤ tick < closes, UTC."""

    opens: datetime
    closes: datetime


class TickCounts(ResponseModel):
    """How many of the expected ticks ended in which way; together they are all of them."""

    stored: int
    unchanged: int = Field(description="the exchange repeated what was stored before")
    failed: int
    skipped: int = Field(description="nothing was asked, for the reason that its gap tells")
    open: int = Field(description="begun and never ended, as a crash leaves them")
    missing: int = Field(description="never begun although somebody was on duty")
    off_duty: int = Field(description="never begun: nobody was on duty")
    stopped: int = Field(description="never begun: recording was switched off")


class IntervalSince(ResponseModel):
    """When ticks were due, and since when that held on that day."""

    since: datetime = Field(description="UTC; the opening, or the first shift with this interval")
    interval_seconds: int
    offset_seconds: int = Field(
        description="how long after the full minute the first tick of each minute was due"
    )


class Gap(ResponseModel):
    """Ticks in a row that were not recorded, for one reason."""

    outcome: Literal["failed", "skipped", "open", "missing", "off_duty", "stopped"]
    reason: str | None = Field(
        description="of a tick that failed or was skipped; stopped: recording was switched off on "
        "purpose, at the moment that `stops` tells"
    )
    start: datetime = Field(description="the first of these ticks, UTC")
    end: datetime = Field(description="the first tick after them, UTC")
    ticks: int


class Stop(ResponseModel):
    """Recording was switched off on purpose: by POST /pipeline/stop."""

    stopped_at: datetime = Field(description="UTC")
    started_at: datetime | None = Field(
        description="when it was switched on again, UTC; null: it was not, as far as is known"
    )


class SourceSwitch(ResponseModel):
    """The symbol was read from another source than before."""

    at: datetime = Field(description="the first tick from the other source, UTC")
    from_: str = Field(alias="from", examples=["upstox"])
    to: str = Field(examples=["nse"])
    reason: str | None = Field(
        description="why the source before was left, as in `gaps`; `preferred`: the preferred one "
        "answers again; `setting`: the one before is not used any more; null: it is not known"
    )


class LegDifference(ResponseModel):
    """A contract whose settled open interest is not the exchange's, in contracts."""

    identifier: str
    open_interest: float = Field(description="as it is stored of the evening")
    base: float = Field(description="open interest less its change, on the next morning")


class Settlement(ResponseModel):
    """Whether the settled chains of a day are those of the exchange, by the next session."""

    status: Literal["matched", "missing", "differs"] = Field(
        description="matched: all that were judged by now; missing: some expiry was recorded that "
        "day and has no settled chain; differs: the stored open interest is another one"
    )
    checked_at: datetime = Field(description="the newest tick with which it was judged, UTC")
    expiries: int = Field(description="that were judged by now; the further ones take turns")
    missing: list[str] = Field(description="expiries without a settled chain, as 30-Jan-2025")
    legs: int = Field(description="contracts that were compared")
    legs_differing: int
    contracts_differing: float = Field(
        description="the sum of all differences of open interest without their signs"
    )
    differing: list[LegDifference] = Field(description="the largest differences, at most five")


class Gaps(ResponseModel):
    """What the ledger has of a symbol's ticks of one day."""

    symbol: str
    date: date
    market: Literal["open", "closed"] = Field(description="whether a session is going on")
    session: TradingHours | None = Field(description="the first session; null on a day without one")
    sessions: list[TradingHours] = Field(description="all sessions of the day, by time")
    interval_seconds: int = Field(description="between two ticks, as it was at the end of the day")
    intervals: list[IntervalSince] = Field(description="all intervals of the day, by time")
    interval_known: bool = Field(
        description="the shifts tell the interval of every tick; false: it is guessed for some"
    )
    recorded_since: datetime | None = Field(
        description="the first shift of the symbol, UTC: before it no tick is expected. Of a day "
        "in the database it is the oldest that the database still has, of a day in the archive "
        "that of the first sealed day. null: it was before shifts were kept"
    )
    recorded_until: datetime | None = Field(
        description="the end of the last shift of a symbol that is configured no more, UTC: from "
        "then on no tick is expected; null: it is configured"
    )
    expected_ticks: int = Field(
        description="of the sessions, five minutes after each close, and in the evening, due by "
        "now; one that is just being read is not"
    )
    ticks: TickCounts
    coverage_percent: float | None = Field(description="stored or unchanged, of those expected")
    gaps: list[Gap] = Field(description="by time")
    backfilled: bool = Field(
        description="chains of the day come from the exchange's daily file, which nobody watched"
    )
    stops: list[Stop] = Field(
        description="when recording was switched off on purpose, by time, in the database that "
        "recorded the day; from a start until the next shift begins, within a minute, nobody is on "
        "duty"
    )
    source_switches: list[SourceSwitch] = Field(
        description="when the record went from one source to another, by time"
    )
    age_seconds: float | None = Field(description="since the newest tick stored or unchanged")
    settlement: Settlement | None = Field(
        description="null until the next session has shown it, and of a day that was not recorded"
    )
