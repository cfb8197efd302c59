"""What numbers are derived with."""

from typing import Literal

from pydantic import Field

from chain_api.schemas.base import ResponseModel
from optionchain.analytics import ForwardSource, IvChoice


class PricingModel(ResponseModel):
    """What every contract of a snapshot is priced with: Black-76, continuous rate."""

    name: Literal["black-76"]
    forward: float | None = Field(
        description="what the underlying costs at expiry, rupees or index points; null after "
        "expiry and where nothing tells it"
    )
    forward_source: ForwardSource | None = Field(
        description="parity: put-call parity at the money, F = K + e^(rT) (C - P), of quotes, else "
        "of the last prices of today; spot: the underlying value itself, where no prices tell it "
        "credibly"
    )
    rate: float = Field(description="risk-free, percent a year, continuous")
    days_to_expiry: float = Field(
        description="calendar days from the stamp, or the tick where the source sends no stamp, "
        "until the payoff is fixed: to the end of the closing auction on the expiry date, before "
        "August 2026 to the close"
    )
    payoff_fixed: bool = Field(
        description="what the contracts pay is known, though they trade on: no volatility is left"
    )
    iv_source: IvChoice = Field(
        description="what volatilities come from: price: solved of the contracts' own prices; "
        "exchange: as the source of the chain sent them, the exchange or a vendor, else solved"
    )
