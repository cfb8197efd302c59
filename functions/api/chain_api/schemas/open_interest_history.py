"""Open interest by strike through time."""

from datetime import datetime

from pydantic import Field

from chain_api.schemas.base import ONE_SOURCE, ResponseModel
from chain_api.schemas.through_time import NEXT, RangeHead


class OpenInterestRow(ResponseModel):
    """The last snapshot of an interval. An interval without a snapshot has no record."""

    timestamp: datetime = Field(description="where the interval begins, UTC")
    snapshot_timestamp: datetime = Field(description="the tick of the snapshot, UTC")
    underlying_value: float | None = Field(description="rupees or index points")
    reference_price: float | None = Field(
        description="where the money was; null in snapshots of older recorders"
    )
    lot_size: int | None = Field(description="units of the underlying in a contract on that day")
    source: str = Field(description=ONE_SOURCE)
    settled: bool = Field(
        description="it is the settled chain of its day; false in an interval shorter than a day"
    )
    call_open_interest: list[float | None] = Field(
        description="contracts (lots), by strike_prices; null where the snapshot has no such "
        "contract, or the source sent no number"
    )
    put_open_interest: list[float | None] = Field(description="the same of the puts")


class OpenInterestHistory(RangeHead):
    """A page of open interest by interval; each record has the length of strike_prices."""

    interval: str
    records: list[OpenInterestRow] = Field(description="by time")
    strike_prices: list[float] = Field(description="of this page, in order, rupees or index points")
    next: str | None = Field(description=NEXT)
