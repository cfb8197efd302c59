"""Where two sources differ: the question and the answer."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from chain_api.parameters.types import ExpiryChoice
from chain_api.schemas.base import ResponseModel
from chain_api.schemas.queries import RangeQuery
from chain_api.schemas.through_time import NEXT, RangeHead


class DisagreementsQuery(RangeQuery):
    """Which moments of a symbol."""

    expiry: ExpiryChoice = Field(
        default="all",
        description="30-Jan-2025, 2025-01-30, nearest, next or all; the nearest one is compared",
    )


class Disagreement(ResponseModel):
    """One contract and field in which two sources differ beyond the tolerance."""

    timestamp: datetime = Field(description="the moment that both show, UTC")
    expiry_date: str
    identifier: str
    field: Literal["last_price", "open_interest", "implied_volatility"]
    source: str = Field(description="the one that was recorded", examples=["upstox"])
    other_source: str = Field(description="the one that it was compared with", examples=["nse"])
    recorded: float = Field(description="rupees, contracts (lots) or percent a year")
    other: float = Field(description="what the other source sent, in the same unit")
    difference: float = Field(description="other less recorded")
    tolerance: float = Field(
        description="a difference up to this is none: of prices the contract's tick size, of "
        "volatilities one step of rounding"
    )
    compared: int = Field(description="contracts that this check compared in this field")
    differing: int = Field(description="those of them that differ; the largest five are listed")
    moved: int = Field(
        description="contracts that were not compared, because the recorded number changed around "
        "this moment"
    )
    before: datetime = Field(description="the snapshot that shows the record before it, UTC")
    after: datetime = Field(description="the snapshot that shows the record after it, UTC")


class Disagreements(RangeHead):
    """A page of disagreements, by time and field, the largest differences first."""

    attempted_checks: int = Field(
        description="how many checks were begun in this time; 0: CROSS_CHECK is off, or no tick "
        "had time for one"
    )
    checks: int = Field(
        description="those of them that compared the sources; without one there is no record either"
    )
    failed_checks: dict[str, int] = Field(
        description="how many compared nothing, by reason: one of the ledger's if the other source "
        "did not answer; source_waits: it may not be asked now; not_recorded: the record around "
        "the moment is not known; incomplete: a part of that record is absent; unfinished: the "
        "check is not over, or the recorder ended before it was",
        examples=[{"blocked": 1}],
    )
    records: list[Disagreement]
    next: str | None = Field(description=NEXT)
