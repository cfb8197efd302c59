"""What is derived of a snapshot: ratios, levels, volatilities, exposures. A null has a reason."""

from datetime import datetime

from pydantic import Field

from chain_api.schemas.base import (
    ResponseModel,
)
from chain_api.schemas.freshness import Freshness
from chain_api.schemas.pricing import PricingModel
from chain_api.schemas.through_time import LEGS_MISSING
from optionchain.analytics import IvSource, ReferenceSource

_LOTS = (
    "rupees a lot of one unit for a move of 1 %: the sum of gamma x open interest x forward² / 100 "
    "over {}; legs without gamma are not in"
)
_RUPEES = "{} x lot_size: rupees for a move of 1 %; null where the lot size is not known"
_NOTIONAL = (
    "open interest of the {} in rupees: contracts x lot_size x reference_price; null where the lot "
    "size is not known"
)

_CHANGES = "contracts, as oi_since_previous_close of a contract"
_NEWLY_LISTED = "the contract had no close the day before; null where the record does not tell"

_SENT = "as the source of the chain sent it, percent a year; null where it sent none"
_AS_OF = (
    "the stamp of the first snapshot with this implied_volatility, or its tick where its source "
    "sends no stamp, UTC; null where that is not known"
)


class SnapshotMoment(ResponseModel):
    """Of which snapshot an answer is, and when it held."""

    symbol: str
    expiry_date: str
    underlying_value: float | None = Field(description="rupees or index points")
    timestamp: datetime = Field(description="the tick of the snapshot, UTC")
    last_seen_at: datetime = Field(
        description="the newest tick, by the moment asked for, that confirmed it, UTC"
    )


class SnapshotHead(Freshness, SnapshotMoment):
    """Of which snapshot an answer is, and when it held."""

    legs_missing: int | None = Field(description=LEGS_MISSING)


class PricedHead(SnapshotHead):
    """The same, and what its contracts are priced with."""

    model: PricingModel


class Figures(ResponseModel):
    """The numbers of a snapshot's analytics."""

    reference_price: float | None = Field(
        description="the price that says where the money is: of the underlying; without one, or "
        "while it is frozen, the forward; rupees or index points"
    )
    pcr_oi: float | None = Field(description="open interest of the puts by that of the calls")
    pcr_volume: float | None = Field(description="volume of the puts by that of the calls, today")
    pcr_change: float | None = Field(
        description="open interest less the settled one of the day before, of the puts by the "
        "calls; of contracts that were listed today all open interest"
    )
    max_pain: float | None = Field(
        description="the strike at which all options together would be worth least at expiry; "
        "rupees or index points"
    )
    atm_strike: float | None = Field(
        description="the strike nearest to reference_price; of two equally near the lower one"
    )
    atm_iv: float | None = Field(
        description="mean implied volatility of call and put at atm_strike, solved of prices, "
        "percent a year"
    )
    straddle_price: float | None = Field(
        description="what call and put at atm_strike cost together, by the middle of their quotes, "
        "else by their last price; rupees or index points"
    )
    implied_move_percent: float | None = Field(
        description="straddle_price in percent of reference_price"
    )
    skew_25_delta: float | None = Field(
        description="implied volatility of the put at delta -0.25 less that of the call at 0.25, "
        "linear between strikes; percentage points"
    )
    call_gamma_exposure: float | None = Field(description=_LOTS.format("the calls"))
    put_gamma_exposure: float | None = Field(description=_LOTS.format("the puts"))
    total_gamma_exposure: float | None = Field(description="of calls and puts together")
    net_gamma_exposure: float | None = Field(description="of the calls less that of the puts")
    unpriced_legs: int | None = Field(
        description="contracts without a volatility of their price: in no exposure"
    )
    newly_listed: int | None = Field(
        description="contracts without a close the day before; null where the record does not tell"
    )
    support: float | None = Field(
        description="the strike at or below reference_price with the most open interest of puts"
    )
    resistance: float | None = Field(
        description="the strike at or above reference_price with the most open interest of calls"
    )


class RupeeFigures(ResponseModel):
    """What follows from the lot size."""

    call_gamma_exposure_rupees: float | None = Field(
        description=_RUPEES.format("call_gamma_exposure")
    )
    put_gamma_exposure_rupees: float | None = Field(
        description=_RUPEES.format("put_gamma_exposure")
    )
    total_gamma_exposure_rupees: float | None = Field(
        description=_RUPEES.format("total_gamma_exposure")
    )
    net_gamma_exposure_rupees: float | None = Field(
        description=_RUPEES.format("net_gamma_exposure")
    )
    call_open_interest_rupees: float | None = Field(description=_NOTIONAL.format("calls"))
    put_open_interest_rupees: float | None = Field(description=_NOTIONAL.format("puts"))


class InterestRow(ResponseModel):
    """A strike and its open interest."""

    strike_price: float = Field(description="rupees or index points")
    open_interest: float = Field(description="contracts (lots)")


class ChangeRow(ResponseModel):
    """A strike and how its open interest changed."""

    strike_price: float = Field(description="rupees or index points")
    change_in_oi: float = Field(description=_CHANGES)


class LargestInterest(ResponseModel):
    """The strikes with the most open interest, three a side at most."""

    calls: list[InterestRow] = Field(description="the largest first")
    puts: list[InterestRow] = Field(description="the largest first")


class FastestInterest(ResponseModel):
    """The strikes whose open interest changed most since the day before, three a side."""

    calls: list[ChangeRow] = Field(description="the largest change first, either way")
    puts: list[ChangeRow] = Field(description="the largest change first, either way")


class BuildupCounts(ResponseModel):
    """How many contracts of a side are in each class, by the day's changes."""

    long_buildup: int = Field(description="price and open interest up")
    short_buildup: int = Field(description="price down, open interest up")
    long_unwinding: int = Field(description="price and open interest down")
    short_covering: int = Field(description="price up, open interest down")


class Buildups(ResponseModel):
    """The classes of both sides."""

    calls: BuildupCounts
    puts: BuildupCounts


class Analytics(RupeeFigures, Figures, PricedHead):
    """What is derived of a snapshot. No number of it is the source's own."""

    reference_source: ReferenceSource | None = Field(
        description="spot: reference_price is that of the underlying; forward: it is the forward"
    )
    largest_oi: LargestInterest
    fastest_oi: FastestInterest
    buildup: Buildups
    reasons: dict[str, str] = Field(description="why a number is null, by its name")


class Smile(PricedHead):
    """Implied volatilities by strike: arrays of one length."""

    atm_strike: float | None = Field(description="the strike nearest to the reference price")
    strike_prices: list[float] = Field(description="in order, rupees or index points")
    call_iv: list[float | None] = Field(description="percent a year; null without a volatility")
    put_iv: list[float | None] = Field(description="percent a year; null without a volatility")
    call_iv_source: list[IvSource | None] = Field(description="as iv_source of a contract")
    put_iv_source: list[IvSource | None] = Field(description="as iv_source of a contract")
    call_implied_volatility: list[float | None] = Field(description=_SENT)
    put_implied_volatility: list[float | None] = Field(description=_SENT)
    call_iv_as_of: list[datetime | None] = Field(description=_AS_OF)
    put_iv_as_of: list[datetime | None] = Field(description=_AS_OF)


class OpenInterestProfile(SnapshotHead):
    """Open interest by strike: arrays of one length."""

    strike_prices: list[float] = Field(description="in order, rupees or index points")
    call_open_interest: list[float | None] = Field(description="contracts (lots)")
    put_open_interest: list[float | None] = Field(description="contracts (lots)")
    call_change_in_oi: list[float | None] = Field(description=_CHANGES)
    put_change_in_oi: list[float | None] = Field(description=_CHANGES)
    call_newly_listed: list[bool | None] = Field(description=_NEWLY_LISTED)
    put_newly_listed: list[bool | None] = Field(description=_NEWLY_LISTED)
    max_pain: float | None = Field(description="as of /analytics; rupees or index points")
    support: float | None = Field(description="the strike with the most open interest of puts")
    resistance: float | None = Field(description="the strike with the most open interest of calls")
