"""The terms that all legs of a snapshot are priced with: forward, rate and time to expiry."""

from collections.abc import Mapping
from math import exp
from typing import Any, Literal, NamedTuple

from optionchain.analytics.parity import forward_of_last_prices, forward_of_quotes
from optionchain.analytics.quotes import Pair
from optionchain.closing_auction import payoff_fixed_at
from optionchain.market import expires_at
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts

type ForwardSource = Literal["parity", "spot"]
# What volatilities are: solved of prices, or the exchange's own where it sends one.
type IvChoice = Literal["price", "exchange"]
type NoTerms = Literal["payoff_fixed", "expired", "no_forward"]

DAYS_PER_YEAR = 365.0
_SECONDS_PER_DAY = 86_400.0
# A forward that differs from the spot by more than 3 % and 12 % a year comes from stale prices.
_HIGHEST_CARRY = 0.03
_HIGHEST_CARRY_PER_YEAR = 0.12
# The highest exponent of growth: an expiry may be in the year 9999, and e^x must stay finite.
_HIGHEST_GROWTH = 100.0


class Terms(NamedTuple):
    """Forward in rupees or index points, rate in percent a year (continuous), calendar days.

    The days run until the payoff is fixed; `payoff_fixed` says that it is, while options trade on.
    `iv_source` says what volatilities come from first, and `sent_by` who sent those that are sent.
    """

    forward: float | None
    forward_source: ForwardSource | None
    rate: float
    days_to_expiry: float
    iv_source: IvChoice = "price"
    payoff_fixed: bool = False
    sent_by: Literal["exchange", "vendor"] = "exchange"

    @property
    def missing(self) -> NoTerms | None:
        """Return why nothing has a volatility; None if it may have one."""
        if self.payoff_fixed:
            return "payoff_fixed"
        if self.days_to_expiry <= 0:
            return "expired"
        return None if self.forward else "no_forward"

    def documented(self) -> dict[str, Any]:
        """Return the members of an analytics document; its header says who sent volatilities."""
        members = self._asdict()
        del members["sent_by"]
        return members

    @property
    def years(self) -> float:
        """Return the time to expiry in years of 365 days."""
        return self.days_to_expiry / DAYS_PER_YEAR


def terms_of(
    snapshot: Snapshot,
    pairs: Mapping[float, Pair],
    rate: float,
    facts: SnapshotFacts = NOTHING_KNOWN,
    iv_source: IvChoice = "price",
) -> Terms:
    """Return the terms of a snapshot at the exchange's own timestamp.

    The forward follows from put-call parity at the money, F = K + e^(rT) (C - P): from quotes, else
    from the last prices of today. If neither gives a credible forward, the spot takes its place,
    unless the spot is frozen: it stands still while options trade. When the payoff is fixed, the
    forward is the price that it is reckoned from; the spot, once it is the auction's price. An
    expiry that has passed has no forward.
    """
    now = snapshot.stamp
    days = (payoff_fixed_at(snapshot.expiry) - now).total_seconds() / _SECONDS_PER_DAY
    if now >= expires_at(snapshot.expiry):
        return Terms(None, None, rate, days, iv_source)
    fixed = days <= 0
    spot = snapshot.underlying_value or None
    if spot and fixed and facts.auction_price_known:
        return Terms(spot, "spot", rate, days, iv_source, fixed)
    if facts.frozen:
        spot = None
    years = days / DAYS_PER_YEAR
    growth = exp(min(rate / 100 * years, _HIGHEST_GROWTH))
    highest_carry = _HIGHEST_CARRY + _HIGHEST_CARRY_PER_YEAR * years
    for forward_of in (forward_of_quotes, forward_of_last_prices):
        forward = forward_of(pairs, spot, growth)
        if forward and (spot is None or abs(forward / spot - 1) <= highest_carry):
            return Terms(forward, "parity", rate, days, iv_source, fixed)
    return Terms(spot, "spot" if spot else None, rate, days, iv_source, fixed)
