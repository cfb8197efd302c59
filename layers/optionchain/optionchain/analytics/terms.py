"""The terms that all legs of a snapshot are priced with: forward, rate and time to expiry."""

from collections.abc import Mapping
from math import exp
from typing import Literal, NamedTuple

from optionchain.analytics.parity import forward_of_last_prices, forward_of_quotes
from optionchain.analytics.quotes import Pair
from optionchain.market import expires_at
from optionchain.snapshot import Snapshot

type ForwardSource = Literal["parity", "spot"]
# What volatilities are: solved of prices, or the exchange's own where it sends one.
type IvChoice = Literal["price", "exchange"]
type NoTerms = Literal["expired", "no_forward"]

DAYS_PER_YEAR = 365.0
_SECONDS_PER_DAY = 86_400.0
# A forward that differs from the spot by more than 3 % and 12 % a year comes from stale prices.
_HIGHEST_CARRY = 0.03
_HIGHEST_CARRY_PER_YEAR = 0.12
# The highest exponent of growth: an expiry may be in the year 9999, and e^x must stay finite.
_HIGHEST_GROWTH = 100.0


class Terms(NamedTuple):
    """Forward in rupees or index points, rate in percent a year (continuous), calendar days.

    `iv_source` says what volatilities come from first.
    """

    forward: float | None
    forward_source: ForwardSource | None
    rate: float
    days_to_expiry: float
    iv_source: IvChoice = "price"

    @property
    def missing(self) -> NoTerms | None:
        """Return why nothing can be priced; None if it can."""
        if self.days_to_expiry <= 0:
            return "expired"
        return None if self.forward else "no_forward"

    @property
    def years(self) -> float:
        """Return the time to expiry in years of 365 days."""
        return self.days_to_expiry / DAYS_PER_YEAR


def terms_of(
    snapshot: Snapshot,
    pairs: Mapping[float, Pair],
    rate: float,
    *,
    frozen: bool = False,
    iv_source: IvChoice = "price",
) -> Terms:
    """Return the terms of a snapshot at the exchange's own timestamp.

    The forward follows from put-call parity at the money, F = K + e^(rT) (C - P): from quotes, else
    from the last prices of today. If neither gives a credible forward, the spot takes its place,
    unless the spot is `frozen`: it stands still while options trade. An expiry that has passed has
    no forward.
    """
    time_left = expires_at(snapshot.expiry) - snapshot.exchange_timestamp
    days = time_left.total_seconds() / _SECONDS_PER_DAY
    if days <= 0:
        return Terms(None, None, rate, days, iv_source)
    spot = None if frozen else snapshot.underlying_value or None
    years = days / DAYS_PER_YEAR
    growth = exp(min(rate / 100 * years, _HIGHEST_GROWTH))
    highest_carry = _HIGHEST_CARRY + _HIGHEST_CARRY_PER_YEAR * years
    for forward_of in (forward_of_quotes, forward_of_last_prices):
        forward = forward_of(pairs, spot, growth)
        if forward and (spot is None or abs(forward / spot - 1) <= highest_carry):
            return Terms(forward, "parity", rate, days, iv_source)
    return Terms(spot, "spot" if spot else None, rate, days, iv_source)
