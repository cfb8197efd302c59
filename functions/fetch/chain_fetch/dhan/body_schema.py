"""How Dhan spells a chain: the one place to edit when a spelling changes.

Source: Dhan's documentation and a captured body. A body names neither its symbol nor its expiry,
and has no time stamp. What is not named here is not read: Dhan's own Greeks, averages, ids.
"""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

# Far above any price, quantity or open interest, and still exact as a double.
Amount = Annotated[float, Meta(ge=0, lt=1e15)]
# Sent as text, such as "23950.000000".
Strike = Annotated[float, Meta(gt=0, lt=1e15)]


class Leg(Struct, gc=False):
    """The numbers of one contract; open interest, volume and quantities are in shares."""

    oi: Amount | None
    previous_oi: Amount | None
    volume: Amount | None
    last_price: Amount | None
    previous_close_price: Amount | None
    implied_volatility: Amount | None
    top_bid_price: Amount | None
    top_bid_quantity: Amount | None
    top_ask_price: Amount | None
    top_ask_quantity: Amount | None


class Row(Struct, gc=False):
    """One strike; a side that is not listed is missing or null."""

    ce: Leg | None = None
    pe: Leg | None = None


class Data(Struct, gc=False):
    """The chain by strike, and the price of the underlying."""

    last_price: Amount | None
    oc: dict[Strike, Row]


class Body(Struct, gc=False):
    """A whole body."""

    data: Data
    status: str


BODY: Decoder[Body] = Decoder(Body)
