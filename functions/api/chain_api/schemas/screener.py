"""The table of all symbols."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field, create_model

from chain_api.calculations.provenance import DatedBy
from chain_api.parameters.screening import FIGURES
from chain_api.schemas.analytics import Figures
from chain_api.schemas.base import (
    DATED_BY,
    FROZEN,
    FROZEN_SINCE,
    LOT_SIZE,
    ONE_SOURCE,
    SETTLED,
    STAMP,
    ResponseModel,
)
from chain_api.schemas.through_time import NEXT
from optionchain.analytics import Buildup

_CLOSE = "since the last values of previous_day, of the same expiry"
_NUMBERS: Mapping[str, str] = {
    "days_to_expiry": "calendar days from the snapshot until the payoff is fixed",
    "underlying_value": "rupees or index points",
    **{name: Figures.model_fields[name].description or "" for name in FIGURES},
    "iv_30d": "volatility at the money in 30 days, between the expiries around; percent a year",
    "iv_rank": "where iv_30d lies between its lowest and highest value of the last recorded days "
    "and now: 0 to 100",
    "iv_percentile": "on which share of the last recorded days iv_30d was lower: 0 to 100",
    "open_interest": "of calls and puts, contracts (lots)",
    "call_open_interest": "contracts",
    "put_open_interest": "contracts",
    "volume": "of calls and puts, of the day, contracts",
    "call_volume": "contracts",
    "put_volume": "contracts",
    "underlying_change": f"rupees or index points {_CLOSE}",
    "underlying_change_percent": f"percent {_CLOSE}",
    "open_interest_change": f"contracts {_CLOSE}",
    "open_interest_change_percent": f"percent {_CLOSE}",
    "pcr_oi_change": f"of pcr_oi {_CLOSE}",
    "atm_iv_change": f"points of volatility {_CLOSE}",
    "iv_30d_change": "points of volatility since the last values of previous_day",
}


def _numbers() -> Mapping[str, Any]:
    return {
        name: (float | None, Field(default=None, description=text))
        for name, text in _NUMBERS.items()
    }


_Numbers = create_model("_Numbers", __base__=ResponseModel, **_numbers())


class Sparkline(ResponseModel):
    """The points of a row's day, one a quarter of an hour that has ended: arrays of one length."""

    at: list[datetime] = Field(description="the tick of each point, UTC")
    values: list[float | None]


class ScreenerRow(_Numbers):  # type: ignore[misc,valid-type]
    """The latest numbers of a symbol's nearest expiry. A row has those that `columns` names."""

    symbol: str | None = None
    kind: Literal["index", "stock"] | None = Field(
        default=None,
        description="by the list of symbols that have options; null where none tells it",
    )
    tier: str | None = Field(
        default=None, description="whose interval its ticks have; null: it is recorded no more"
    )
    expiry_date: str | None = Field(default=None, description="the nearest one")
    timestamp: datetime | None = Field(
        default=None, description="the tick of the snapshot, UTC; null: nothing is recorded"
    )
    last_seen_at: datetime | None = Field(
        default=None, description="the newest tick that confirmed it, UTC"
    )
    exchange_timestamp: datetime | None = Field(default=None, description=STAMP)
    age_seconds: float | None = Field(default=None, description="seconds since last_seen_at")
    gap: bool | None = Field(
        default=None,
        description="none of the symbol's last three due ticks confirmed it, nor, while the market "
        "is closed, the last three before the close",
    )
    settled: bool | None = Field(default=None, description=SETTLED)
    frozen: bool | None = Field(default=None, description=FROZEN)
    frozen_since: datetime | None = Field(default=None, description=FROZEN_SINCE)
    source: str | None = Field(default=None, description=ONE_SOURCE)
    dated_by: DatedBy | None = Field(default=None, description=DATED_BY)
    lot_size: int | None = Field(default=None, description=LOT_SIZE)
    iv_days: int | None = Field(
        default=None,
        description="of how many recorded days before, 252 at most, there is an iv_30d; under 20 "
        "there is neither rank nor percentile",
    )
    buildup: Buildup | None = Field(
        default=None,
        description="the class of all contracts together, by the changes of the underlying and of "
        "open interest",
    )
    previous_day: date | None = Field(
        default=None, description="the trading day before that of the snapshot, if it was recorded"
    )
    reasons: dict[str, str] | None = Field(
        default=None, description="why a number is null, by its name; not in CSV"
    )
    sparkline: Sparkline | None = Field(
        default=None, description="with the parameter `sparkline` alone"
    )


class Screener(ResponseModel):
    """The latest analytics of every symbol, planned or recorded."""

    timestamp: datetime | None = Field(description="the newest tick of any snapshot, UTC")
    last_seen_at: datetime | None = Field(
        description="the newest tick that confirmed any snapshot, UTC"
    )
    age_seconds: float | None = Field(description="seconds since last_seen_at")
    total_symbols: int = Field(description="symbols in all, before any condition")
    gaps: int = Field(description="of how many symbols the numbers are in a gap")
    unknown_symbols: list[str] = Field(
        description="names in `symbols` that are neither planned nor recorded, and have no row"
    )
    records: list[ScreenerRow]
    total_records: int = Field(description="rows that meet the conditions")
    limit: int
    offset: int
    next: str | None = Field(description=NEXT)
