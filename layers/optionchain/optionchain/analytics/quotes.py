"""The quotes of a snapshot as analytics read them: call beside put, and one price for each."""

from typing import Literal, NamedTuple

from optionchain.snapshot import Quote, Snapshot

type PriceSource = Literal["mid", "last"]
type NoPrice = Literal["no_price", "no_trade_today"]
# A price of now and where it comes from, or why there is none.
type Price = tuple[float, PriceSource] | NoPrice


class Pair(NamedTuple):
    """Call and put of one strike. A side that the exchange does not list is None."""

    call: Quote | None
    put: Quote | None


_PAIR = Pair._make  # by position: half the time of keywords


def pairs_of(snapshot: Snapshot) -> dict[float, Pair]:
    """Return the quotes by strike, in ascending order."""
    calls: dict[float, Quote] = {}
    puts: dict[float, Quote] = {}
    for quote in snapshot.quotes:
        (calls if quote.side == "CE" else puts)[quote.strike_price] = quote
    return {
        strike: _PAIR((calls.get(strike), puts.get(strike)))
        for strike in sorted(calls.keys() | puts.keys())
    }


def mid(bid: float | None, ask: float | None) -> float | None:
    """Return the middle of bid and ask; None if one is missing or they are crossed."""
    if bid and ask and 0 < bid <= ask:
        return (bid + ask) / 2
    return None


def price_now(
    bid: float | None, ask: float | None, last: float | None, volume: float | None
) -> Price:
    """Return the price of a contract.

    It is the middle of bid and ask, else the last price. Without a trade today, `volume`, the last
    price is of an earlier day and says nothing about now.
    """
    if middle := mid(bid, ask):
        return middle, "mid"
    if not last:
        return "no_price"
    return (last, "last") if volume else "no_trade_today"


def price_of(quote: Quote) -> Price:
    """Return the price of a quote."""
    return price_now(quote.bid_price, quote.ask_price, quote.last_price, quote.total_traded_volume)
