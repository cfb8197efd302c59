"""What the exchange rewrites in the evening, and what the next morning counts from. Pure."""

from typing import NamedTuple

from local.evidence.captures import Chain
from optionchain.snapshot import Quote

# Open interest is fractional at times, and a difference of two of them is rounded.
_ROUNDING = 0.01
# The smallest step of a price is 0.05.
_SAME_PRICE = 0.005


class Rewrite(NamedTuple):
    """In how many contracts a number changed between two bodies of one stamp.

    `filled` are contracts without a trade that day whose last price came from nowhere. Open
    interest is the sum over all contracts, in contracts.
    """

    contracts: int
    open_interest: int
    volume: int
    quotes: int
    volatility: int
    last_price: int
    filled: int
    open_interest_before: float
    open_interest_after: float
    underlying_before: float
    underlying_after: float

    @property
    def percent(self) -> float:
        """Return the change of the sum of open interest in percent."""
        return 100 * (self.open_interest_after / self.open_interest_before - 1)


class Matches(NamedTuple):
    """How many contracts agree, of how many that were compared."""

    equal: int
    compared: int


def rewrite(before: Chain, after: Chain) -> Rewrite:
    """Compare two bodies of one session, contract by contract."""
    pairs = _pairs(before, after)

    def changed(*fields: str) -> int:
        return sum(any(getattr(a, name) != getattr(b, name) for name in fields) for a, b in pairs)

    return Rewrite(
        contracts=len(pairs),
        open_interest=changed("open_interest"),
        volume=changed("total_traded_volume"),
        quotes=changed("bid_price", "bid_qty", "ask_price", "ask_qty"),
        volatility=changed("implied_volatility"),
        last_price=changed("last_price"),
        filled=sum(
            not a.last_price and bool(b.last_price) and not b.total_traded_volume for a, b in pairs
        ),
        open_interest_before=sum(a.open_interest or 0 for a, _ in pairs),
        open_interest_after=sum(b.open_interest or 0 for _, b in pairs),
        underlying_before=before.underlying,
        underlying_after=after.underlying,
    )


def bases(before: Chain, after: Chain) -> Matches:
    """Count where open interest less its change is the open interest of the day before.

    Compared are contracts with a change: those without one may be new.
    """
    compared = [
        abs((now.open_interest or 0) - now.change_in_oi - (then.open_interest or 0)) < _ROUNDING
        for then, now in _pairs(before, after)
        if now.change_in_oi
    ]
    return Matches(sum(compared), len(compared))


def previous_closes(before: Chain, after: Chain) -> Matches:
    """Count where the last price less its change is the last price of the day before.

    Compared are contracts that traded on both days.
    """
    compared = [
        abs(now.last_price - (now.change or 0) - then.last_price) < _SAME_PRICE
        for then, now in _pairs(before, after)
        if now.last_price and then.last_price
        if now.total_traded_volume and then.total_traded_volume
    ]
    return Matches(sum(compared), len(compared))


def _pairs(before: Chain, after: Chain) -> list[tuple[Quote, Quote]]:
    """Return the quotes of the contracts that both chains have."""
    return [
        (quote, after.quotes[contract])
        for contract, quote in before.quotes.items()
        if contract in after.quotes
    ]
