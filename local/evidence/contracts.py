"""What a change of 0, a last price without a trade, and a quantity mean. Pure."""

from functools import reduce
from math import gcd
from typing import NamedTuple

from local.evidence.captures import Chain


class NewContracts(NamedTuple):
    """Contracts with open interest that the day before did not have.

    `said_unchanged` of them are sent with a change of 0, though they hold `open_interest`.
    """

    building: int
    said_unchanged: int
    open_interest: float


class Untraded(NamedTuple):
    """Contracts with a last price and no volume that day, of all contracts of a chain."""

    contracts: int
    untraded: int
    without_change: int
    with_volatility: int
    without_two_quotes: int


class Units(NamedTuple):
    """The greatest number that divides all quantities, and how many of each it divides."""

    step: int
    quantities: int
    open_interests: int
    divided_open_interests: int
    fractional_open_interests: int


def new_contracts(before: Chain, after: Chain) -> NewContracts:
    """Count the contracts that a day has and the day before had not."""
    new = [
        quote
        for contract, quote in after.quotes.items()
        if contract not in before.quotes and quote.open_interest
    ]
    unchanged = [quote for quote in new if not quote.change_in_oi]
    return NewContracts(
        len(new), len(unchanged), sum(quote.open_interest or 0 for quote in unchanged)
    )


def untraded(chain: Chain) -> Untraded:
    """Count the contracts whose last price is of an earlier day."""
    found = [
        quote
        for quote in chain.quotes.values()
        if quote.last_price and not quote.total_traded_volume
    ]
    return Untraded(
        contracts=len(chain.quotes),
        untraded=len(found),
        without_change=sum(not quote.change for quote in found),
        with_volatility=sum(bool(quote.implied_volatility) for quote in found),
        without_two_quotes=sum(not (quote.bid_price and quote.ask_price) for quote in found),
    )


def units(chain: Chain) -> Units:
    """Find the lot in the quantities, and look for it in open interest."""
    quotes = chain.quotes.values()
    quantities = [amount for quote in quotes for amount in (quote.bid_qty, quote.ask_qty) if amount]
    held = [quote.open_interest for quote in quotes if quote.open_interest]
    step = reduce(gcd, quantities, 0)
    return Units(
        step=step,
        quantities=len(quantities),
        open_interests=len(held),
        divided_open_interests=sum(step > 0 and amount % step == 0 for amount in held),
        fractional_open_interests=sum(not amount.is_integer() for amount in held),
    )
