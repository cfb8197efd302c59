"""The forward that put-call parity shows: F = K + e^(rT) (C - P), at the money.

The money is at the strikes nearest to the spot; without a spot, at those whose call and put cost
most nearly the same. `growth` is e^(rT).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from math import inf
from typing import NamedTuple

from optionchain.analytics.quotes import Pair, mid
from optionchain.snapshot import Quote

# How many strikes count as at the money.
_AT_THE_MONEY = 5
# A last price may be hours old. The forward of one strike is not believed if it is further from
# those around it than this part of the straddle. On a captured day it never was by more than 0.07.
_FURTHEST = 0.25
# Half the spreads of call and put, as a part of the strike: so far off a forward of their middles
# may be. Without a spot nothing else contradicts wide quotes. In the captures it is 0.017 at most.
_WIDEST = 0.03


class _Prices(NamedTuple):
    strike: float
    call: float
    put: float
    spread: float  # the sum of the spreads of both; 0 for last prices

    @property
    def difference(self) -> float:
        return self.call - self.put

    def forward(self, growth: float) -> float:
        return self.strike + growth * self.difference


type _PricesOf = Callable[[float, Pair], _Prices | None]


def forward_of_quotes(
    pairs: Mapping[float, Pair], spot: float | None, growth: float
) -> float | None:
    """Return the forward of the strike with the narrowest quotes at the money."""
    nearest = _at_the_money(pairs, spot, _narrowly_quoted if spot is None else _quoted)
    if not nearest:
        return None
    # Spreads are compared at two decimals, as prices have them; of equal ones the nearer counts.
    narrowest = min(nearest, key=lambda each: round(each.spread, 2))
    return _finite(narrowest.forward(growth))


def forward_of_last_prices(
    pairs: Mapping[float, Pair], spot: float | None, growth: float
) -> float | None:
    """Return the forward of today's last prices at the strike nearest to the money.

    So its call and put have one volatility. If the five nearest strikes contradict it, their median
    is returned.
    """
    nearest = _at_the_money(pairs, spot, _traded)
    if not nearest:
        return None
    forwards = [each.forward(growth) for each in nearest]
    own, middle = forwards[0], sorted(forwards)[len(forwards) // 2]
    straddle = nearest[0].call + nearest[0].put
    return _finite(middle if abs(own - middle) > _FURTHEST * straddle else own)


def _at_the_money(
    pairs: Mapping[float, Pair], spot: float | None, prices_of: _PricesOf
) -> list[_Prices]:
    """Return the strikes with prices that are nearest to the money, the nearest first."""
    if spot is None:
        priced = list(_known(pairs, pairs, prices_of))
        return sorted(priced, key=lambda each: abs(each.difference))[:_AT_THE_MONEY]
    strikes = sorted(pairs, key=lambda strike: abs(strike - spot))
    return list(islice(_known(strikes, pairs, prices_of), _AT_THE_MONEY))


def _known(
    strikes: Iterable[float], pairs: Mapping[float, Pair], prices_of: _PricesOf
) -> Iterator[_Prices]:
    for strike in strikes:
        if found := prices_of(strike, pairs[strike]):
            yield found


def _quoted(strike: float, pair: Pair) -> _Prices | None:
    """Return the middles of the quotes, if call and put both have a bid and an ask."""
    call, put = map(_middle_and_spread, pair)
    if call is None or put is None:
        return None
    return _Prices(strike, call[0], put[0], call[1] + put[1])


def _narrowly_quoted(strike: float, pair: Pair) -> _Prices | None:
    """Return the middles of the quotes, if they tell a forward without a spot beside it."""
    found = _quoted(strike, pair)
    return found if found and found.spread / 2 <= _WIDEST * strike else None


def _middle_and_spread(quote: Quote | None) -> tuple[float, float] | None:
    if quote is None:
        return None
    bid, ask = quote.bid_price, quote.ask_price
    middle = mid(bid, ask)
    if bid is None or ask is None or middle is None:
        return None
    return middle, ask - bid


def _traded(strike: float, pair: Pair) -> _Prices | None:
    """Return the last prices, if call and put both traded today."""
    call, put = map(_last_of_today, pair)
    return _Prices(strike, call, put, 0.0) if call and put else None


def _last_of_today(quote: Quote | None) -> float | None:
    return quote.last_price if quote and quote.total_traded_volume else None


def _finite(forward: float) -> float | None:
    return forward if 0 < forward < inf else None
