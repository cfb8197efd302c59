"""The expiries of a symbol beside each other: term structure and surface of volatilities."""

from datetime import datetime

from pydantic import Field

from chain_api.schemas.base import (
    FROZEN,
    LOT_SIZE,
    ONE_SOURCE,
    SETTLED,
    STAMP,
    ResponseModel,
)
from chain_api.schemas.freshness import Freshness
from chain_api.schemas.pricing import PricingModel
from optionchain.analytics import ForwardSource, ReferenceSource

_POINTS = "rupees or index points"


class ExpiriesMoment(ResponseModel):
    """Of which symbol an answer is, and when its snapshots held."""

    symbol: str
    underlying_value: float | None = Field(
        description="of the newest snapshot, rupees or index points"
    )
    timestamp: datetime = Field(description="the tick of the newest snapshot, UTC")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed the oldest, UTC"
    )


class ExpiriesHead(Freshness, ExpiriesMoment):
    """Of which snapshots an answer is, and when they held: as old as the oldest of them."""


class ExpirySnapshot(ResponseModel):
    """The snapshot of one expiry."""

    expiry_date: str
    timestamp: datetime = Field(description="its tick, UTC")
    exchange_timestamp: datetime | None = Field(description=STAMP)
    source: str = Field(description=ONE_SOURCE)
    gap: bool = Field(description="the ledger has no good answer near the moment asked for")
    settled: bool = Field(description=SETTLED)
    frozen: bool = Field(description=FROZEN)


class TermRow(ExpirySnapshot):
    """One expiry. Its numbers are those of /analytics."""

    days_to_expiry: float = Field(description="calendar days, as of the model of /analytics")
    payoff_fixed: bool = Field(description="what the contracts pay is known: no volatility is left")
    forward: float | None = Field(description="what the underlying costs at expiry, " + _POINTS)
    forward_source: ForwardSource | None = Field(description="as of the model of /analytics")
    underlying_value: float | None = Field(description=_POINTS)
    reference_price: float | None = Field(description="where the money is, " + _POINTS)
    reference_source: ReferenceSource | None = Field(description="spot or forward")
    atm_strike: float | None = Field(description="the strike nearest to reference_price")
    atm_iv: float | None = Field(description="at atm_strike, solved of prices, percent a year")
    straddle_price: float | None = Field(description="call and put at atm_strike, " + _POINTS)
    implied_move_percent: float | None = Field(
        description="straddle_price in percent of reference_price"
    )
    skew_25_delta: float | None = Field(
        description="volatility of the put at delta -0.25 less that of the call, percentage points"
    )
    pcr_oi: float | None = Field(description="open interest of the puts by that of the calls")
    max_pain: float | None = Field(description="the strike where all options are worth least")
    call_open_interest: float | None = Field(description="contracts (lots), of all strikes")
    put_open_interest: float | None = Field(description="contracts (lots), of all strikes")
    lot_size: int | None = Field(description=LOT_SIZE)
    reasons: dict[str, str] = Field(description="why a number is null, by its name")


class TermStructure(ExpiriesHead):
    """What depends on the time to expiry, one record an expiry."""

    records: list[TermRow] = Field(description="by expiry date")


class IvRank(ExpiriesHead):
    """Where the volatility of a symbol stands among those of its recorded days before."""

    iv_30d: float | None = Field(
        description="volatility at the money in 30 days, between the expiries around; percent a "
        "year"
    )
    iv_rank: float | None = Field(
        description="where iv_30d lies between its lowest and highest value of the days before and "
        "itself: 0 to 100"
    )
    iv_percentile: float | None = Field(
        description="on which share of the days before iv_30d was lower: 0 to 100"
    )
    iv_days: int = Field(
        description="of how many recorded days before, 252 at most, there is an iv_30d; under 20 "
        "there is neither rank nor percentile"
    )
    reasons: dict[str, str] = Field(description="why a number is null, by its name; not in CSV")


class SurfaceRow(ExpirySnapshot):
    """The smile of one expiry: arrays of one length."""

    model: PricingModel
    reference_price: float | None = Field(description="where the money is, " + _POINTS)
    atm_strike: float | None = Field(description="the strike nearest to reference_price")
    strike_prices: list[float] = Field(description="in order, rupees or index points")
    moneyness_percent: list[float | None] = Field(
        description="the strike in percent of the forward; null without a forward"
    )
    iv: list[float | None] = Field(
        description="of the contract out of the money: the put below the forward, the call from it "
        "on; percent a year; null without a volatility"
    )
    call_iv: list[float | None] = Field(description="percent a year; null without a volatility")
    put_iv: list[float | None] = Field(description="percent a year; null without a volatility")
    call_delta: list[float | None] = Field(description="by the forward, 0 to 1")
    put_delta: list[float | None] = Field(description="by the forward, -1 to 0")


class Surface(ExpiriesHead):
    """The implied volatilities of every expiry by strike."""

    records: list[SurfaceRow] = Field(description="by expiry date")
