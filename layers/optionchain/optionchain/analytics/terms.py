"""What every leg of a snapshot is priced on: forward, rate and time to expiry."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from itertools import islice
from math import exp, inf
from typing import Literal, NamedTuple

from optionchain.analytics.quotes import Pair, mid
from optionchain.exchange_time import IST
from optionchain.snapshot import Quote, Snapshot

type ForwardSource = Literal["parity", "spot"]

DAYS_A_YEAR = 365.0
_SECONDS_A_DAY = 86_400.0
# The exchange's options cease at the close of their last session.
_EXPIRES = time(15, 40, tzinfo=IST)
# At the money is these many strikes nearest to the spot; the one with the tightest quotes tells.
_AT_THE_MONEY = 5
# A forward this far from the spot is no carry but a stale quote: 3 %, and 12 % a year.
_LEAST_CARRY = 0.03
_CARRY_A_YEAR = 0.12
# 9999 is a year, and its growth must still be a number.
_MOST_GROWTH = 100.0


class Terms(NamedTuple):
    """Forward (rupees or index points), rate (percent a year, continuous), days (calendar)."""

    forward: float | None
    forward_source: ForwardSource | None
    rate: float
    days_to_expiry: float

    @property
    def years(self) -> float:
        """Return the time to expiry in years of 365 days."""
        return self.days_to_expiry / DAYS_A_YEAR


class _Quotes(NamedTuple):
    middle: float
    spread: float


class _Quoted(NamedTuple):
    strike: float
    difference: float  # of the call's mid price less the put's
    spread: float  # of both together


def expires_at(expiry: date) -> datetime:
    """Return the instant at which an expiry's options cease, UTC: 15:40 in India."""
    return datetime.combine(expiry, _EXPIRES).astimezone(UTC)


def terms_of(snapshot: Snapshot, pairs: Mapping[float, Pair], rate: float) -> Terms:
    """Return the terms of a snapshot at the exchange's own timestamp.

    The forward is that of put-call parity at the money, F = K + e^(rT) (C - P) of mid prices, at
    the strike with the tightest quotes among the five nearest to the spot; where no quotes tell
    it, or not credibly, the spot stands for it. Passed expiries have none.
    """
    left = expires_at(snapshot.expiry) - snapshot.exchange_timestamp
    days = left.total_seconds() / _SECONDS_A_DAY
    spot = snapshot.underlying_value or None
    if days <= 0:
        return Terms(None, None, rate, days)
    years = days / DAYS_A_YEAR
    forward = _parity(pairs, spot, exp(min(rate / 100 * years, _MOST_GROWTH)))
    if forward and (
        spot is None or abs(forward / spot - 1) <= _LEAST_CARRY + _CARRY_A_YEAR * years
    ):
        return Terms(forward, "parity", rate, days)
    return Terms(spot, "spot" if spot else None, rate, days)


def _parity(pairs: Mapping[float, Pair], spot: float | None, growth: float) -> float | None:
    """Return the forward of the tightest quotes at the money, None where there are none."""
    if spot is None:
        # Without a spot the money is where call and put cost the same.
        quoted = _quoted(pairs, pairs)
        nearest = sorted(quoted, key=lambda each: abs(each.difference))[:_AT_THE_MONEY]
    else:
        strikes = sorted(pairs, key=lambda strike: abs(strike - spot))
        nearest = list(islice(_quoted(strikes, pairs), _AT_THE_MONEY))
    if not nearest:
        return None
    # Of equal spreads the nearer strike tells; a price has two decimals, the rest is rounding.
    strike, difference, _ = min(nearest, key=lambda each: round(each.spread, 2))
    forward = strike + growth * difference
    return forward if 0 < forward < inf else None


def _quoted(strikes: Iterable[float], pairs: Mapping[float, Pair]) -> Iterator[_Quoted]:
    """Yield the strikes at which call and put both have a bid and an ask."""
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
