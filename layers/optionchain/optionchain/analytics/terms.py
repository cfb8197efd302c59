"""The terms that all legs of a snapshot are priced with: forward, rate and time to expiry."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from math import exp, inf
from typing import Literal, NamedTuple

from optionchain.analytics.quotes import Pair, mid
from optionchain.market import expires_at
from optionchain.snapshot import Quote, Snapshot

type ForwardSource = Literal["parity", "spot"]

DAYS_PER_YEAR = 365.0
_SECONDS_PER_DAY = 86_400.0
# How many strikes nearest to the spot count as at the money. The forward is taken from the one of
# them with the narrowest quotes.
_AT_THE_MONEY = 5
# A forward that differs from the spot by more than 3 % and 12 % a year comes from stale quotes.
_HIGHEST_CARRY = 0.03
_HIGHEST_CARRY_PER_YEAR = 0.12
# The highest exponent of growth: an expiry may be in the year 9999, and e^x must stay finite.
_HIGHEST_GROWTH = 100.0


class Terms(NamedTuple):
    """Forward in rupees or index points, rate in percent a year (continuous), calendar days."""

    forward: float | None
    forward_source: ForwardSource | None
    rate: float
    days_to_expiry: float

    @property
    def years(self) -> float:
        """Return the time to expiry in years of 365 days."""
        return self.days_to_expiry / DAYS_PER_YEAR


class _Quotes(NamedTuple):
    middle: float
    spread: float


class _Quoted(NamedTuple):
    strike: float
    difference: float  # the middle of the call's quotes less that of the put's
    spread: float  # the sum of both spreads


def terms_of(snapshot: Snapshot, pairs: Mapping[float, Pair], rate: float) -> Terms:
    """Return the terms of a snapshot at the exchange's own timestamp.

    The forward follows from put-call parity at the money, F = K + e^(rT) (C - P), where C and P are
    the middles of bid and ask. K is the strike with the narrowest quotes of the five nearest to the
    spot. If no quotes give a credible forward, the spot takes its place. An expiry that has passed
    has no forward.
    """
    time_left = expires_at(snapshot.expiry) - snapshot.exchange_timestamp
    days = time_left.total_seconds() / _SECONDS_PER_DAY
    spot = snapshot.underlying_value or None
    if days <= 0:
        return Terms(None, None, rate, days)
    years = days / DAYS_PER_YEAR
    forward = _parity(pairs, spot, exp(min(rate / 100 * years, _HIGHEST_GROWTH)))
    highest_carry = _HIGHEST_CARRY + _HIGHEST_CARRY_PER_YEAR * years
    if forward and (spot is None or abs(forward / spot - 1) <= highest_carry):
        return Terms(forward, "parity", rate, days)
    return Terms(spot, "spot" if spot else None, rate, days)


def _parity(pairs: Mapping[float, Pair], spot: float | None, growth: float) -> float | None:
    """Return the forward from the narrowest quotes at the money; None if there are none."""
    if spot is None:
        # Without a spot, at the money is where call and put have the same price.
        quoted = _quoted(pairs, pairs)
        nearest = sorted(quoted, key=lambda each: abs(each.difference))[:_AT_THE_MONEY]
    else:
        strikes = sorted(pairs, key=lambda strike: abs(strike - spot))
        nearest = list(islice(_quoted(strikes, pairs), _AT_THE_MONEY))
    if not nearest:
        return None
    # Spreads are compared at two decimals, as prices have them; of equal ones the nearer counts.
    strike, difference, _ = min(nearest, key=lambda each: round(each.spread, 2))
    forward = strike + growth * difference
    return forward if 0 < forward < inf else None


def _quoted(strikes: Iterable[float], pairs: Mapping[float, Pair]) -> Iterator[_Quoted]:
    """Yield the strikes whose call and put both have a bid and an ask."""
    for strike in strikes:
        call, put = map(_quotes, pairs[strike])
        if call and put:
            spread = call.spread + put.spread
            yield _Quoted(strike, call.middle - put.middle, spread)


def _quotes(quote: Quote | None) -> _Quotes | None:
    if quote is None:
        return None
    bid, ask = quote.bid_price, quote.ask_price
    middle = mid(bid, ask)
    if bid is None or ask is None or middle is None:
        return None
    return _Quotes(middle, ask - bid)
