"""What every leg of a snapshot is priced on: forward, rate and time to expiry."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from math import exp, inf
from typing import TYPE_CHECKING, Literal, NamedTuple

from optionchain.analytics.quotes import Pair, mid
from optionchain.exchange_time import IST
from optionchain.snapshot import Snapshot

if TYPE_CHECKING:
    from optionchain.analytics.document import AnalyticsDocument

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


def terms_in(document: "AnalyticsDocument") -> Terms:
    """Return the terms that a header's analytics were derived on."""
    return Terms(
        document["forward"],
        document["forward_source"],
        document["rate"],
        document["days_to_expiry"],
    )


def _parity(pairs: Mapping[float, Pair], spot: float | None, growth: float) -> float | None:
    """Return the forward of the tightest quotes at the money, None where there are none."""
    quoted = []
    for strike, (call, put) in pairs.items():
        if call is None or put is None:
            continue
        call_mid, put_mid = mid(call.bid_price, call.ask_price), mid(put.bid_price, put.ask_price)
        if call_mid is None or put_mid is None:
            continue
        difference = call_mid - put_mid
        # Without a spot the money is where call and put cost the same.
        distance = abs(difference) if spot is None else abs(strike - spot)
        spread = call.ask_price - call.bid_price + put.ask_price - put.bid_price  # type: ignore[operator]
        quoted.append((distance, spread, strike + growth * difference))
    quoted.sort()
    nearest = quoted[:_AT_THE_MONEY]
    forward = min(nearest, key=lambda each: each[1])[2] if nearest else 0.0
    return forward if 0 < forward < inf else None
