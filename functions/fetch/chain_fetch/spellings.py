"""How the exchange spells each field of a leg, and which numbers each may hold.

The one place where the next change of spelling lands. Sources: captured bodies of the legacy
endpoints (to December 2025) and of v3 (January 2026: the percentage is `pchange`; later `pChange`
and `PChange`).
"""

from typing import NamedTuple


class Field(NamedTuple):
    """One number of a leg: its known spellings, the current one first, and what it may be.

    `zero_is_none`: the exchange writes 0 where there is none. `whole`: a quantity in units.
    """

    name: str
    spellings: tuple[str, ...]
    signed: bool = False
    zero_is_none: bool = False
    whole: bool = False


# In the order of Quote's fields after `side`.
FIELDS = (
    Field("strike_price", ("strikePrice",)),
    Field("open_interest", ("openInterest",)),
    Field("change_in_oi", ("changeinOpenInterest",), signed=True),
    Field("pchange_in_oi", ("pchangeinOpenInterest",), signed=True),
    Field("last_price", ("lastPrice",), zero_is_none=True),
    Field("change", ("change",), signed=True, zero_is_none=True),
    Field("pchange", ("pChange", "PChange", "pchange"), signed=True, zero_is_none=True),
    Field("total_traded_volume", ("totalTradedVolume",)),
    Field("implied_volatility", ("impliedVolatility",), zero_is_none=True),
    Field("bid_qty", ("buyQuantity1", "bidQty"), whole=True),
    Field("bid_price", ("buyPrice1", "bidprice"), zero_is_none=True),
    Field("ask_price", ("sellPrice1", "askPrice"), zero_is_none=True),
    Field("ask_qty", ("sellQuantity1", "askQty"), whole=True),
    Field("total_buy_qty", ("totalBuyQuantity",)),
    Field("total_sell_qty", ("totalSellQuantity",)),
)
