"""What may be asked of a symbol's analytics."""

from typing import Annotated

from pydantic import Field

from chain_api.parameters.choices import any_case
from chain_api.parameters.columns import MetricNames
from chain_api.parameters.interval import IntervalName
from chain_api.parameters.types import ExpiryChoice, OneExpiry
from chain_api.schemas.queries import (
    IV_SOURCE,
    DatesQuery,
    FormatQuery,
    MomentQuery,
    RangeQuery,
    WindowQuery,
)
from optionchain.analytics.terms import IvChoice


class InterestQuery(FormatQuery, MomentQuery):
    """Of which snapshot, and how it is written."""


class AnalyticsQuery(InterestQuery):
    """The same, and what volatilities come from."""

    iv_source: Annotated[IvChoice, any_case(IvChoice)] = Field(
        default="price", description=IV_SOURCE
    )


class TermStructureQuery(FormatQuery, DatesQuery):
    """Of which moment, and how it is written."""


class SurfaceQuery(TermStructureQuery):
    """The same, and what volatilities come from."""

    iv_source: Annotated[IvChoice, any_case(IvChoice)] = Field(
        default="price", description=IV_SOURCE
    )


class GammaQuery(SurfaceQuery):
    """The same, and of which expiry."""

    expiry: ExpiryChoice = Field(
        default="nearest", description="30-Jan-2025, 2025-01-30, nearest, next or all"
    )


class OpenInterestHistoryQuery(RangeQuery, WindowQuery):
    """Which strikes of an expiry, when, and how often.

    A window around the money is that of the newest snapshot of the range.
    """

    expiry: OneExpiry = Field(
        default="nearest", description="30-Jan-2025, 2025-01-30, nearest or next"
    )
    interval: IntervalName = Field(
        default="5m",
        description="one record an interval, of its last snapshot, 5s to 1d",
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
