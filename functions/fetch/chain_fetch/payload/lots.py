"""From shares to contracts. Pure.

The exchange's site counts open interest and volume in contracts, vendors count them in shares. A
number of shares becomes a number of contracts only if the lot of the expiry is known and divides
it: otherwise one of the two is wrong, and nobody can tell which.
"""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import repeat
from operator import mod, truediv

from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import expiry_text

# What the reasons of ContractTerms mean to a person.
_MEANINGS = {
    "not_read": "no list of contracts that states it was read",
    "not_listed": "no list of contracts that was read has this expiry",
    "sources_differ": "the lists of contracts that were read contradict each other",
}


def lot_size(terms: ContractTerms, symbol: str, expiry: date) -> int:
    """Return the units of the underlying in one contract; raise PayloadInvalid if not known."""
    size = terms.lot_size
    if size is None or size <= 0:
        reason = terms.reasons.get("lot_size", "not_read")
        told = f"{reason}: {_MEANINGS[reason]}" if reason in _MEANINGS else reason
        what = f"the source counts in shares, and the lot size is not known ({told})"
        raise PayloadInvalid(what, f"{symbol} {expiry_text(expiry)}")
    return size


def in_contracts(
    shares: Iterable[float | None], lot: float, named: Callable[[int], str]
) -> list[float | None]:
    """Return numbers of shares as numbers of contracts; None stays None.

    `named` returns the place of a number by its index, for the error. Raises PayloadInvalid at the
    first number that is no whole number of lots.
    """
    # `%` of doubles is exact, and so is the quotient where nothing remains.
    shares = list(shares)
    if any(map(mod, filter(None, shares), repeat(lot))):
        index, number = next(
            (index, number) for index, number in enumerate(shares) if number and number % lot
        )
        what = f"{number:.15g} shares are no whole number of contracts of {lot:.15g} shares"
        raise PayloadInvalid(what, named(index))
    try:
        return [*map(truediv, shares, repeat(lot))]
    except TypeError:  # one of them is None
        return [None if number is None else number / lot for number in shares]
