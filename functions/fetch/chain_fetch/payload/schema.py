"""A body of the exchange as it is spelled: the one place where its next change lands.

Sources: captured bodies of the legacy endpoints (to December 2025) and of v3 (January 2026: the
percentage is `pchange`; later `pChange` and `PChange`).
"""

from typing import Annotated, NotRequired, TypedDict

from pydantic import AliasChoices, ConfigDict, FailFast, Field, TypeAdapter
from pydantic.fields import FieldInfo

# Strict: a number is a JSON number. A text or a true in its place is a fault, not a number.
_STRICT = ConfigDict(strict=True)
# No price, quantity or open interest comes near; a double is exact to well beyond it.
_LIMIT = 1e15


def spelled(*spellings: str) -> FieldInfo:
    """Return the field that stands under any of these keys, the current one first."""
    alias = AliasChoices(*spellings) if len(spellings) > 1 else spellings[0]
    field: FieldInfo = Field(validation_alias=alias)
    return field


# Plain aliases: pydantic resolves a `type` statement again for each value.
Number = Annotated[float, Field(gt=-_LIMIT, lt=_LIMIT, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, lt=_LIMIT, allow_inf_nan=False)]


class Leg(TypedDict):
    """One contract. A missing side is an absent key (legacy) or a null identifier (v3)."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    identifier: str | None
    strike_price: Annotated[Amount, spelled("strikePrice")]
    open_interest: Annotated[Amount | None, spelled("openInterest")]
    change_in_oi: Annotated[Number | None, spelled("changeinOpenInterest")]
    pchange_in_oi: Annotated[Number | None, spelled("pchangeinOpenInterest")]
    last_price: Annotated[Amount | None, spelled("lastPrice")]
    change: Annotated[Number | None, spelled("change")]
    pchange: Annotated[Number | None, spelled("pChange", "PChange", "pchange")]
    total_traded_volume: Annotated[Amount | None, spelled("totalTradedVolume")]
    implied_volatility: Annotated[Amount | None, spelled("impliedVolatility")]
    bid_qty: Annotated[Amount | None, spelled("buyQuantity1", "bidQty")]
    bid_price: Annotated[Amount | None, spelled("buyPrice1", "bidprice")]
    ask_price: Annotated[Amount | None, spelled("sellPrice1", "askPrice")]
    ask_qty: Annotated[Amount | None, spelled("sellQuantity1", "askQty")]
    total_buy_qty: Annotated[Amount | None, spelled("totalBuyQuantity")]
    total_sell_qty: Annotated[Amount | None, spelled("totalSellQuantity")]


class Row(TypedDict):
    """One strike of one expiry; `expiryDates` is a single date in v3."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    expiry: Annotated[str, spelled("expiryDates", "expiryDate")]
    strike_price: Annotated[Amount, spelled("strikePrice")]
    CE: NotRequired[Leg | None]
    PE: NotRequired[Leg | None]


class Records(TypedDict):
    """The chain; `filtered`, beside it, is a copy of `data` and is not read."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    timestamp: str
    underlying_value: Annotated[Amount | None, spelled("underlyingValue")]
    # The first row at fault is told: of a body of nothing else, each would take time and memory.
    data: Annotated[list[Row], FailFast()]


class Body(TypedDict):
    """A body of either dialect."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    records: Records


BODY: TypeAdapter[Body] = TypeAdapter(Body)
