"""One expiry of one symbol at one tick, as a source sent it: readers see it whole."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import Literal, NamedTuple

import orjson

Side = Literal["CE", "PE"]
# One side of a strike, which is one contract of an expiry.
type Leg = tuple[float, Side]


class Quote(NamedTuple):
    """One contract's numbers. A missing number is None, never 0.

    A named tuple is as immutable as a frozen dataclass, and is built seven times as fast.

    Units: open interest and volume are contracts (lots); quantities of bid, ask and totals are
    units of the underlying; prices are rupees; `p…` and implied volatility are percent.
    """

    side: Side
    strike_price: float
    open_interest: float | None
    change_in_oi: float | None
    pchange_in_oi: float | None
    last_price: float | None
    change: float | None
    pchange: float | None
    total_traded_volume: float | None
    implied_volatility: float | None
    bid_qty: int
    bid_price: float | None
    ask_price: float | None
    ask_qty: int
    total_buy_qty: float | None
    total_sell_qty: float | None

    @property
    def leg(self) -> Leg:
        """Return which contract of the expiry it is."""
        return self.strike_price, self.side


@dataclass(frozen=True)
class Snapshot:
    """One expiry of one symbol at one tick.

    `fetched_at` is the tick (UTC, on the grid); `exchange_timestamp` is the timestamp in the body
    (UTC), None from a source that sends none; `underlying_value` is in rupees or index points;
    `quotes` are sorted by strike, the call before the put. `source` names where it comes from, and
    `derived` the fields of a quote that are differences of two sent numbers. Two members are no
    part of what is stored: `listed_expiries`, those that the body lists of the symbol, and
    `of_index`, whether its contracts are options on an index, as the source says.
    """

    symbol: str
    expiry: date
    fetched_at: datetime
    exchange_timestamp: datetime | None
    underlying_value: float | None
    quotes: tuple[Quote, ...]
    source: str = "nse"
    derived: tuple[str, ...] = ()
    listed_expiries: tuple[date, ...] = field(default=(), compare=False)
    of_index: bool = field(default=False, compare=False)

    @property
    def stamp(self) -> datetime:
        """Return the exchange's timestamp; without one, the tick at which this was received."""
        return self.exchange_timestamp or self.fetched_at

    @cached_property
    def content_hash(self) -> str:
        """Return a hash of every number (128 bits, hex), which does not depend on the tick."""
        content = [self.underlying_value, *chain.from_iterable(self.quotes)]
        return blake2b(orjson.dumps(content), digest_size=16).hexdigest()

    @cached_property
    def legs(self) -> frozenset[Leg]:
        """Return which contracts there are."""
        return frozenset((quote.strike_price, quote.side) for quote in self.quotes)

    @cached_property
    def legs_hash(self) -> str:
        """Return a hash of which contracts there are (64 bits, hex), whatever their numbers."""
        legs = [(quote.strike_price, quote.side) for quote in self.quotes]
        return blake2b(orjson.dumps(legs), digest_size=8).hexdigest()
