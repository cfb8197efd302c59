"""With which formula the exchange computes its volatilities, on a chain made here."""

from dataclasses import replace
from datetime import timedelta

from opengreeks.black_scholes import black_scholes

from local.evidence.exchange_formula import Reproduced, reproduced
from optionchain.snapshot import Quote, Snapshot
from tests.support.bodies import EXPIRY, STAMP
from tests.support.snapshots import quote, snapshot

SPOT, DAYS = 24_368.0, 4


def priced(strike: float, rate: float) -> Quote:
    """Return a call whose price is that of 13.25 % on the spot at a rate, with whole days left."""
    price = black_scholes("c", SPOT, strike, DAYS / 365, rate / 100, 0.1325)
    return quote("CE", strike, last_price=price, implied_volatility=13.25)


def chain(*quotes: Quote) -> Snapshot:
    return replace(snapshot(), quotes=quotes, underlying_value=SPOT)


def test_formula_gives_back_the_volatilities_that_were_solved_with_it() -> None:
    assert (EXPIRY - STAMP.date()) == timedelta(days=DAYS)
    found = chain(
        priced(24_300, 10.0),
        priced(24_400, 10.0),
        priced(24_500, 6.5),
        quote("CE", 24_600, implied_volatility=None),
        quote("CE", 24_650, implied_volatility=13.25, total_traded_volume=0),
        quote("CE", 20_000, implied_volatility=13.25, last_price=0.05),  # less than it would pay
    )
    assert reproduced(found, 10.0) == Reproduced(2, 4)
    assert reproduced(found, 6.5) == Reproduced(1, 4)
