"""The numbers of a symbol's analytics through time."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from chain_api.schemas.analytics import Figures, RupeeFigures
from chain_api.schemas.base import ONE_SOURCE, ResponseModel
from chain_api.schemas.through_time import LEGS_MISSING, NEXT, RangeHead


def _always_there(schema: dict[str, Any]) -> None:
    schema["required"] = ["timestamp", "source", "settled"]


class MetricHead(ResponseModel):
    """What a record begins with."""

    timestamp: datetime = Field(
        description="the tick of the snapshot; with interval where its interval begins; UTC"
    )
    underlying_value: float | None = Field(description="rupees or index points")
    forward: float | None = Field(description="as of `model`, rupees or index points")


class MetricRecord(RupeeFigures, Figures, MetricHead):
    """Every number of a snapshot's analytics, or those that `metric` names.

    All that are derived are null of a snapshot that was recorded without analytics, and those of
    volatilities if these were the exchange's, as older recorders have them.
    """

    model_config = ConfigDict(json_schema_extra=_always_there)
    legs_missing: int | None = Field(description=LEGS_MISSING)
    source: str = Field(description=ONE_SOURCE)
    settled: bool = Field(description="the snapshot is the settled chain of its day")


class AnalyticsHistory(RangeHead):
    """A page of the numbers of a symbol's analytics, by time."""

    interval: str | None = Field(description="null where there is a record a snapshot")
    metrics: list[str] = Field(description="what the records hold, in their order")
    records: list[MetricRecord]
    next: str | None = Field(description=NEXT)
