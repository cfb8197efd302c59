"""The recorded days of a symbol: the question and the answer."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from chain_api.parameters.types import Day
from chain_api.schemas.base import Query, ResponseModel

type DayReason = Literal["archived", "several_sources"]

MOST_DAYS = 366


class DaysQuery(Query):
    """Which days of a symbol."""

    from_: Day | None = Field(
        default=None,
        alias="from",
        description="the first day in India; 30 days before the last one by default",
    )
    to: Day | None = Field(
        default=None, description="the last day in India, inclusive; today by default"
    )


class RecordedDay(ResponseModel):
    """A day of which there are snapshots."""

    day: date = Field(description="the date in India")
    snapshots: int = Field(description="of all expiries")
    first_timestamp: datetime | None = Field(description="the tick of the first snapshot, UTC")
    last_timestamp: datetime | None = Field(description="the tick of the last snapshot, UTC")
    settled: bool | None = Field(description="the last snapshot is the settled chain of the day")
    source: str | None = Field(
        description="where the last snapshot comes from: nse, the name of a vendor, or bhavcopy",
        examples=["nse"],
    )
    storage: Literal["database", "archive"] = Field(description="where the day is read from")
    reasons: dict[str, DayReason] = Field(
        description="why a value is null, by its name: archived: only the files of the day tell "
        "it; several_sources: the archive does not say which one was last"
    )


class Days(ResponseModel):
    """The recorded days of a range, in order, and the nearest ones around it."""

    symbol: str
    from_: date = Field(alias="from", description="the first day asked for")
    to: date = Field(description="the last day asked for")
    total_days: int = Field(description="recorded days in the range")
    before: date | None = Field(description="the last recorded day before the range")
    after: date | None = Field(description="the first recorded day after the range")
    days: list[RecordedDay]
