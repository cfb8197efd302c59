"""A contract of a chain: what its source sent of it, and what is derived."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from chain_api.calculations.new_contracts import ChangeReason
from chain_api.schemas.base import STAMP, ResponseModel
from optionchain.analytics import Buildup, IvSource, Reason

type Column = Literal[
    "symbol",
    "type",
    "strike_price",
    "expiry_date",
    "identifier",
    "fetched_at",
    "open_interest",
    "change_in_oi",
    "pchange_in_oi",
    "last_price",
    "change",
    "pchange",
    "total_traded_volume",
    "implied_volatility",
    "bid_qty",
    "bid_price",
    "ask_price",
    "ask_qty",
    "underlying_value",
    "expiry",
    "exchange_timestamp",
    "total_buy_qty",
    "total_sell_qty",
    "iv_as_of",
    "listed_on",
    "newly_listed",
]
type DerivedColumn = Literal[
    "iv",
    "iv_source",
    "delta",
    "gamma",
    "theta",
    "vega",
    "rho",
    "iv_reason",
    "buildup",
    "oi_since_previous_close",
    "change_reason",
]


def _none_required(schema: dict[str, Any]) -> None:
    del schema["required"]


class Contract(ResponseModel):
    """One contract of one snapshot: every field, or those that `columns` names.

    A missing number is null, never 0.
    """

    model_config = ConfigDict(json_schema_extra=_none_required)
    symbol: str = Field(examples=["NIFTY"])
    type: Literal["CE", "PE"] = Field(description="CE: call, PE: put")
    strike_price: float = Field(description="rupees or index points")
    expiry_date: str = Field(examples=["30-Jan-2025"])
    identifier: str = Field(examples=["NIFTY_CE_25000_30-Jan-2025"])
    fetched_at: datetime = Field(description="the tick, UTC")
    open_interest: float | None = Field(description="contracts (lots)")
    change_in_oi: float | None = Field(
        description="contracts, since the settled open interest of the day before, as sent, or as "
        "derived where the answer says so; a 0 of a contract that is `newly_listed`, or may be, is "
        "no number"
    )
    pchange_in_oi: float | None = Field(description="percent, as sent")
    last_price: float | None = Field(description="rupees")
    change: float | None = Field(
        description="rupees, since the exchange's closing price of the day before, which is an "
        "average and not the last trade"
    )
    pchange: float | None = Field(description="`change` in percent of that closing price")
    total_traded_volume: float | None = Field(description="contracts, today")
    implied_volatility: float | None = Field(description="percent a year, by the source")
    bid_qty: int = Field(description="units of the underlying; 0 where there is no bid")
    bid_price: float | None = Field(description="rupees")
    ask_price: float | None = Field(description="rupees")
    ask_qty: int = Field(description="units of the underlying; 0 where there is no ask")
    underlying_value: float | None = Field(
        description="of the whole snapshot, rupees or index points"
    )
    expiry: datetime = Field(description="the expiry date at 00:00 UTC; sorts")
    exchange_timestamp: datetime | None = Field(description=STAMP)
    total_buy_qty: float | None = Field(description="units of the underlying")
    total_sell_qty: float | None = Field(description="units of the underlying")
    iv_as_of: datetime | None = Field(
        description="the stamp of the first snapshot with this `implied_volatility`, or its tick "
        "where its source sends no stamp; null where there is none, or where the record did not "
        "see it change"
    )
    listed_on: str | None = Field(
        description="the day on which the contract was listed, if the record shows it",
        examples=["17-Oct-2025"],
    )
    newly_listed: bool | None = Field(
        description="true if the record shows that the contract had no close the day before, false "
        "if it had one; null if the record does not tell, or an older version recorded it"
    )


class Derived(ResponseModel):
    """What `greeks=true` adds to a contract at one tick.

    Black-76 on the forward of that tick's snapshot. A derived number that is null has its reason in
    `iv_reason`.
    """

    iv: float | None = Field(
        default=None,
        description="implied volatility, percent a year: solved of the contract's own price",
    )
    iv_source: IvSource | None = Field(
        default=None,
        description="mid: solved of the middle of bid and ask; last: solved of the last price, "
        "where quotes are missing or crossed and the contract traded today; exchange, vendor: as "
        "sent by it, where the price has no volatility",
    )
    delta: float | None = Field(
        default=None, description="change of the price for a point of the forward"
    )
    gamma: float | None = Field(
        default=None, description="change of delta for a point of the forward"
    )
    theta: float | None = Field(default=None, description="rupees, for a calendar day that passes")
    vega: float | None = Field(
        default=None, description="rupees, for a percentage point of volatility"
    )
    rho: float | None = Field(
        default=None, description="rupees, for a percentage point of the rate"
    )
    iv_reason: Reason | None = Field(
        default=None,
        description="why derived numbers are null; null where none is",
    )
    buildup: Buildup | None = Field(
        default=None,
        description="of the day's change of price and of open interest; null where either is zero "
        "or not known",
    )
    oi_since_previous_close: float | None = Field(
        default=None,
        description="contracts: change_in_oi, but all open interest of a contract that was listed "
        "today, and null of another one without a previous close, or where a 0 may mean that "
        "there was none",
    )
    change_reason: ChangeReason | None = Field(
        default=None,
        description="why there are no changes since the previous close: buildup, and "
        "oi_since_previous_close where that is null. day_before_unknown: the contract may be new, "
        "and the record does not tell",
    )


class ChainContract(Derived, Contract):
    """One contract of a chain; with `greeks=true` what is derived of it as well.

    Black-76 on the forward of `model`. A derived number that is null has its reason in
    `iv_reason`.
    """
