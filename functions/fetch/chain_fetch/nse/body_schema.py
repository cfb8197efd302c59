"""How the exchange spells a v3 body: the one place to edit when a spelling changes.

Source: captured bodies. The percentage is `pchange` in January 2026, later `pChange` and `PChange`.
The spellings of the endpoints that the exchange closed in December 2025 are not here: nothing reads
them, as `make run REPLAY=…` serves v3 bodies too.
"""

from typing import Annotated, NotRequired, TypedDict

from pydantic import FailFast, TypeAdapter

from chain_fetch.payload.json_types import (
    STRICT,
    Amount,
    IfReadable,
    Number,
    NumberAsText,
    spelled,
)


class Leg(TypedDict):
    """One contract. The identifier is null if the exchange does not list this side."""

    __pydantic_config__ = STRICT  # type: ignore[misc]

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

    __pydantic_config__ = STRICT  # type: ignore[misc]

    expiry: Annotated[str, spelled("expiryDates")]
    strike_price: Annotated[Amount, spelled("strikePrice")]
    CE: NotRequired[Leg | None]
    PE: NotRequired[Leg | None]


class Records(TypedDict):
    """The chain."""

    __pydantic_config__ = STRICT  # type: ignore[misc]

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

    __pydantic_config__ = STRICT  # type: ignore[misc]

    strike_price: Annotated[Amount, spelled("strikePrice")]


class Totals(TypedDict):
    """Open interest and volume of all contracts of one side, in contracts."""

    __pydantic_config__ = STRICT  # type: ignore[misc]

    totOI: NotRequired[Number]
    totVol: NotRequired[Number]


class Filtered(TypedDict):
    """A copy of the rows, and their totals."""

    __pydantic_config__ = STRICT  # type: ignore[misc]

    data: Annotated[NotRequired[list[CopiedRow] | None], FailFast(), IfReadable()]
    CE: Annotated[NotRequired[Totals | None], IfReadable()]
    PE: Annotated[NotRequired[Totals | None], IfReadable()]


class Body(TypedDict):
    """A whole body."""

    __pydantic_config__ = STRICT  # type: ignore[misc]

    records: Records
    filtered: Annotated[NotRequired[Filtered | None], IfReadable()]


BODY: TypeAdapter[Body] = TypeAdapter(Body)
