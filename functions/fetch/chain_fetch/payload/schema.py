"""How the exchange spells a v3 body: the one place to edit when a spelling changes.

Source: captured bodies. The percentage is `pchange` in January 2026, later `pChange` and `PChange`.
The spellings of the endpoints that the exchange closed in December 2025 are not here: nothing reads
them, as `make run REPLAY=…` serves v3 bodies too.
"""

from typing import Annotated, NotRequired, TypedDict

from pydantic import (
    AliasChoices,
    ConfigDict,
    FailFast,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
)
from pydantic.fields import FieldInfo
from pydantic_core import core_schema

# Strict: only a JSON number is a number. Text or `true` in its place is a fault.
_STRICT = ConfigDict(strict=True)
# Far above any price, quantity or open interest, and still exact as a double.
_LIMIT = 1e15


def spelled(*spellings: str) -> FieldInfo:
    """Return a field that is found under any of these keys, the current one first."""
    alias = AliasChoices(*spellings) if len(spellings) > 1 else spellings[0]
    field: FieldInfo = Field(validation_alias=alias)
    return field


# Plain aliases: pydantic resolves a `type` statement again for each value.
Number = Annotated[float, Field(gt=-_LIMIT, lt=_LIMIT, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, lt=_LIMIT, allow_inf_nan=False)]
NumberAsText = Annotated[float, Field(strict=False)]


class IfReadable:
    """Marks what a body says of itself: None if it cannot be read, which is no fault of the chain.

    Unlike a union with Any this makes no Python objects of what cannot be read.
    """

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return the schema of `source` with the default None, also for an error."""
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")


class Leg(TypedDict):
    """One contract. The identifier is null if the exchange does not list this side."""

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
    bid_qty: Annotated[Amount | None, spelled("buyQuantity1")]
    bid_price: Annotated[Amount | None, spelled("buyPrice1")]
    ask_price: Annotated[Amount | None, spelled("sellPrice1")]
    ask_qty: Annotated[Amount | None, spelled("sellQuantity1")]
    total_buy_qty: Annotated[Amount | None, spelled("totalBuyQuantity")]
    total_sell_qty: Annotated[Amount | None, spelled("totalSellQuantity")]


class Row(TypedDict):
    """One strike of one expiry. `expiryDates` is a single date, in spite of its name."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    expiry: Annotated[str, spelled("expiryDates")]
    strike_price: Annotated[Amount, spelled("strikePrice")]
    CE: NotRequired[Leg | None]
    PE: NotRequired[Leg | None]


class Records(TypedDict):
    """The chain."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    timestamp: str
    underlying_value: Annotated[Amount | None, spelled("underlyingValue")]
    # Validation stops at the first bad row: to list each one takes minutes and gigabytes.
    data: Annotated[list[Row], FailFast()]
    # Every expiry of the symbol, and the strikes of all of them.
    expiry_dates: Annotated[
        NotRequired[list[str] | None], FailFast(), IfReadable(), spelled("expiryDates")
    ]
    strike_prices: Annotated[
        NotRequired[list[NumberAsText] | None], FailFast(), IfReadable(), spelled("strikePrices")
    ]


class CopiedRow(TypedDict):
    """A row of the copy of `records.data`."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    strike_price: Annotated[Amount, spelled("strikePrice")]


class Totals(TypedDict):
    """Open interest and volume of all contracts of one side, in contracts."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    totOI: NotRequired[Number]
    totVol: NotRequired[Number]


class Filtered(TypedDict):
    """A copy of the rows, and their totals."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    data: Annotated[NotRequired[list[CopiedRow] | None], FailFast(), IfReadable()]
    CE: Annotated[NotRequired[Totals | None], IfReadable()]
    PE: Annotated[NotRequired[Totals | None], IfReadable()]


class Body(TypedDict):
    """A whole body."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]

    records: Records
    filtered: Annotated[NotRequired[Filtered | None], IfReadable()]


BODY: TypeAdapter[Body] = TypeAdapter(Body)
