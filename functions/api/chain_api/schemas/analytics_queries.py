"""What may be asked of a symbol's analytics."""

from typing import Annotated

from pydantic import Field

from chain_api.parameters.choices import any_case
from chain_api.parameters.columns import MetricNames
from chain_api.parameters.interval import IntervalName
from chain_api.parameters.types import OneExpiry
from chain_api.schemas.queries import (
    IV_SOURCE,
    FormatQuery,
    MomentQuery,
    RangeQuery,
)
from optionchain.analytics.terms import IvChoice


class InterestQuery(FormatQuery, MomentQuery):
    """Of which snapshot, and how it is written."""


class AnalyticsQuery(InterestQuery):
    """The same, and what volatilities come from."""

    iv_source: Annotated[IvChoice, any_case(IvChoice)] = Field(
        default="price", description=IV_SOURCE
    )


class AnalyticsHistoryQuery(RangeQuery):
    """Which numbers of a symbol's analytics, and when."""

    metric: MetricNames | None = Field(
        default=None, description="one number or several, separated by commas; all by default"
    )
    expiry: OneExpiry = Field(
        default="nearest", description="30-Jan-2025, 2025-01-30, nearest or next"
    )
    interval: IntervalName | None = Field(
        default=None,
        description="one record an interval, of its last snapshot, 5s to 1d; without it one a "
        "snapshot",
    )
