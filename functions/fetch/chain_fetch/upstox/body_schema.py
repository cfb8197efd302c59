"""How Upstox spells the body of a chain: the one place to edit when a spelling changes.

Source: captured bodies and the vendor's documentation of GET /v2/option/chain. Its Greeks other
than the volatility are left out: they are of a model that the vendor does not state.
"""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

# Far above any price, quantity or open interest, and still exact as a double.
Amount = Annotated[float, Meta(ge=0, lt=1e15)]


class MarketData(Struct, gc=False):
    """The numbers of one contract; open interest, volume and quantities are in shares."""

    ltp: Amount | None
    close_price: Amount | None
    volume: Amount | None
    oi: Amount | None
    prev_oi: Amount | None
    bid_price: Amount | None
    bid_qty: Amount | None
    ask_price: Amount | None
    ask_qty: Amount | None


class Greeks(Struct, gc=False):
    """What the vendor derives of a contract; the volatility is in percent, 0 for none."""

    iv: Amount | None


class Leg(Struct, gc=False):
    """One contract; without `market_data` it is not there."""

    instrument_key: str | None = None
    market_data: MarketData | None = None
    option_greeks: Greeks | None = None


class Row(Struct, gc=False):
    """One strike of one expiry."""

    expiry: str
    strike_price: Amount
    underlying_key: str
    underlying_spot_price: Amount | None
    call_options: Leg | None = None
    put_options: Leg | None = None


class Body(Struct, gc=False):
    """A whole body."""

    status: str
    data: list[Row] | None


BODY: Decoder[Body] = Decoder(Body)
