"""The simulated market as the exchange feeds it to its members: with shares in place of lots."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from local.nse_simulator.contract_ids import contract_id
from local.nse_simulator.instruments import INSTRUMENTS, Instrument
from local.nse_simulator.listing import is_trading_day
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.trading_hours import day_at, day_before, market_day
from local.nse_simulator.v3_format import SIDES, JsonObject, Side, parse_stamp, today

type Legs = dict[tuple[float, Side], JsonObject]


class ListedContract(NamedTuple):
    """A contract as the members' lists name it."""

    id: int
    side: Side
    strike: float


class FeedLeg(NamedTuple):
    """The numbers of a contract: prices in rupees, amounts in shares, volatility in percent.

    0 stands for none.
    """

    id: int
    side: Side
    strike: float
    last: float
    close: float
    volume: int
    volume_before: int
    interest: int
    interest_before: int
    bid: float
    bid_quantity: int
    ask: float
    ask_quantity: int
    total_bid: int
    total_ask: int
    volatility: float


type NamedContract = ListedContract | FeedLeg


class FeedChain(NamedTuple):
    """One expiry of one symbol: its underlying in rupees, and its contracts by strike.

    `stamp` is the exchange's time of these numbers, which no vendor passes on with a chain.
    """

    underlying: float
    stamp: datetime
    rows: dict[float, dict[Side, FeedLeg]]


class ExchangeFeed:
    """The simulated market as a member receives it, at the market's clock."""

    def __init__(self, market: SimulatedMarket) -> None:
        self.market = market
        self._before = lru_cache(maxsize=64)(self._legs)

    def now(self) -> datetime:
        """Return the market's time, UTC."""
        return self.market.now()

    def today(self) -> date:
        """Return the day in India."""
        return today(self.now())

    def symbols(self) -> dict[str, Instrument]:
        """Return every instrument by its symbol."""
        return {symbol: INSTRUMENTS[symbol] for symbol in self.market.symbols()}

    def chain(self, symbol: str, expiry: date, instant: datetime | None = None) -> FeedChain:
        """Return the chain at an instant (default: now); without rows if it is not listed."""
        now, lot = instant or self.now(), INSTRUMENTS[symbol].lot_of(expiry)
        day = day_at(int(now.timestamp()), self.market.hours)
        closes = day_before(day).closes - (1 if self.market.hours == "always" else 0)
        before = self._before(symbol, expiry, datetime.fromtimestamp(closes, UTC))
        rows: dict[float, dict[Side, FeedLeg]] = {}
        for (strike, side), leg in self._legs(symbol, expiry, now).items():
            id_ = contract_id(symbol, expiry, strike, side)
            feed_leg = _feed_leg(id_, side, leg, before.get((strike, side)), lot)
            rows.setdefault(strike, {})[side] = feed_leg
        body = self.market.chain(symbol, expiry, now)
        records = body["records"]
        return FeedChain(float(records["underlyingValue"]), parse_stamp(records["timestamp"]), rows)

    def contracts(self, symbol: str, expiry: date) -> list[ListedContract]:
        """Return the contracts of an expiry that are listed today, also before the opening."""
        return [
            ListedContract(contract_id(symbol, expiry, strike, side), side, strike)
            for strike, side in self.market.contracts(symbol, expiry, self._in_session())
        ]

    def listed(self) -> Iterator[tuple[Instrument, date, ListedContract]]:
        """Yield every contract that is listed today, with its instrument and its expiry."""
        for symbol, instrument in self.symbols().items():
            for expiry in self.market.expiries(symbol):
                for contract in self.contracts(symbol, expiry):
                    yield instrument, expiry, contract

    def _in_session(self) -> datetime:
        """Return the market's time, on the morning of a trading day that of its opening."""
        now, day = self.now(), self.today()
        if self.market.hours == "always" or not is_trading_day(day):
            return now
        return max(now, datetime.fromtimestamp(market_day(day, "exchange").opens, UTC))

    def _legs(self, symbol: str, expiry: date, instant: datetime) -> Legs:
        """Return the exchange's legs of a chain; a side without a contract is not among them."""
        rows = self.market.chain(symbol, expiry, instant)["records"]["data"]
        return {
            (float(row["strikePrice"]), side): row[side]
            for row in rows
            for side in SIDES
            if side in row and row[side]["identifier"]
        }


def _feed_leg(
    id_: int, side: Side, leg: JsonObject, before: JsonObject | None, lot: int
) -> FeedLeg:
    """Return a leg in shares; `before` is that of the day before, None if the contract is new."""
    last, interest = leg["lastPrice"], leg["openInterest"]
    # Of a contract that is new today the exchange's site sends a change of 0.
    interest_before = interest - leg["changeinOpenInterest"] if before else 0
    return FeedLeg(
        id=id_,
        side=side,
        strike=float(leg["strikePrice"]),
        last=last,
        close=round(last - leg["change"], 2) if last else 0,
        volume=leg["totalTradedVolume"] * lot,
        volume_before=before["totalTradedVolume"] * lot if before else 0,
        interest=interest * lot,
        interest_before=interest_before * lot,
        bid=leg["buyPrice1"],
        bid_quantity=leg["buyQuantity1"],
        ask=leg["sellPrice1"],
        ask_quantity=leg["sellQuantity1"],
        total_bid=leg["totalBuyQuantity"],
        total_ask=leg["totalSellQuantity"],
        volatility=leg["impliedVolatility"],
    )
