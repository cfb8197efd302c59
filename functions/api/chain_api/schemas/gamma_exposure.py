"""The gamma exposure of a chain by strike, and at other prices than that of now."""

from pydantic import Field

from chain_api.schemas.base import ResponseModel
from chain_api.schemas.expiries import ExpiriesHead
from chain_api.schemas.pricing import PricingModel
from optionchain.analytics import ReferenceSource

_UNIT = "rupees a lot of one unit for a move of 1 %"
_RUPEES = "rupees for a move of 1 %; null where the lot size is not known"
_SIDE = "null where the contract is not listed or has no volatility"
_NET = "of the call less that of the put; null where both are"


class GammaTotals(ResponseModel):
    """The sums over all contracts that have a volatility."""

    call_gamma_exposure: float | None = Field(description=_UNIT)
    put_gamma_exposure: float | None = Field(description=_UNIT)
    net_gamma_exposure: float | None = Field(description=f"calls less puts; {_UNIT}")
    call_gamma_exposure_rupees: float | None = Field(description=_RUPEES)
    put_gamma_exposure_rupees: float | None = Field(description=_RUPEES)
    net_gamma_exposure_rupees: float | None = Field(description=f"calls less puts; {_RUPEES}")


class GammaProfile(ResponseModel):
    """The net exposure at hypothetical prices: arrays of one length, empty where it is null."""

    prices: list[float] = Field(
        description="of the underlying, in order; the middle one is reference_price"
    )
    net_gamma_exposure: list[float] = Field(description=_UNIT)
    net_gamma_exposure_rupees: list[float | None] = Field(description=_RUPEES)


class GammaExposure(ExpiriesHead):
    """Gamma exposure by strike: arrays of one length; the profile, and its flip level."""

    expiry_date: str | None = Field(description="null for expiry=all")
    model: PricingModel | None = Field(
        description="what every contract is priced with; null for several expiries"
    )
    reference_price: float | None = Field(
        description="where the money is, of the nearest expiry; rupees or index points"
    )
    reference_source: ReferenceSource | None = Field(description="spot or forward")
    totals: GammaTotals
    flip_level: float | None = Field(
        description="the price nearest to reference_price at which the profile changes its sign; "
        "rupees or index points"
    )
    unpriced_legs: int = Field(description="contracts without a volatility: in no exposure")
    strike_prices: list[float] = Field(description="in order, rupees or index points")
    call_gamma_exposure: list[float | None] = Field(description=f"{_UNIT}; {_SIDE}")
    put_gamma_exposure: list[float | None] = Field(description=f"{_UNIT}; {_SIDE}")
    net_gamma_exposure: list[float | None] = Field(description=f"{_NET}; {_UNIT}")
    call_gamma_exposure_rupees: list[float | None] = Field(description=f"{_RUPEES}; {_SIDE}")
    put_gamma_exposure_rupees: list[float | None] = Field(description=f"{_RUPEES}; {_SIDE}")
    net_gamma_exposure_rupees: list[float | None] = Field(description=f"{_NET}; {_RUPEES}")
    profile: GammaProfile
    reasons: dict[str, str] = Field(
        description="why a number is null, by its name; gamma_exposure_rupees stands for all of "
        "those in rupees, gamma_exposure for all"
    )
