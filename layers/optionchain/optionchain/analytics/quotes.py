"""The quotes of a snapshot as analytics read them: call beside put, and one price for each."""

from typing import NamedTuple

from optionchain.snapshot import Quote, Snapshot


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


def price(quote: Quote) -> float | None:
    """Return the price of a contract: the middle of bid and ask, else its last price."""
    return mid(quote.bid_price, quote.ask_price) or quote.last_price or None
