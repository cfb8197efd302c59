"""What the record knows of a snapshot beside its body: what stands still, and what is new. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from optionchain.contract_terms import UNKNOWN_TERMS, ContractTerms
from optionchain.snapshot import Leg


@dataclass(frozen=True)
class SnapshotFacts:
    """What earlier snapshots of the same expiry tell of one. Instants are the exchange's stamps.

    `underlying_since` is the first stamp of the session since when the underlying has had the value
    that it has; `frozen_since` says since when it stands still while options trade, None if it
    does not. By leg, as far as it is known: `iv_as_of`, the first stamp of the volatility that the
    exchange sends, and `listed_on`, the day on which the contract was listed. `new_legs` are the
    contracts that the exchange has no close of the day before of: its 0 as their change in open
    interest is no number. Of those that were listed today, all open interest is new.
    `doubted_legs` are those of which the record does not tell whether there was one. `terms` are
    those of the expiry's contracts on that day. `settlement_prices` are in rupees, as the
    exchange's file of the day has them; a chain that was read during a day has none.
    """

    underlying_since: datetime | None = None
    frozen_since: datetime | None = None
    iv_as_of: Mapping[Leg, datetime] = field(default_factory=dict)
    listed_on: Mapping[Leg, date] = field(default_factory=dict)
    new_legs: frozenset[Leg] = frozenset()
    doubted_legs: frozenset[Leg] = frozenset()
    terms: ContractTerms = UNKNOWN_TERMS
    settlement_prices: Mapping[Leg, float] = field(default_factory=dict)

    @property
    def frozen(self) -> bool:
        """Tell whether the underlying stands still while options trade."""
        return self.frozen_since is not None

    @property
    def auction_price_known(self) -> bool:
        """Tell whether the underlying, frozen in the auction, has moved since to its price."""
        since, moved = self.frozen_since, self.underlying_since
        return since is not None and moved is not None and moved > since


NOTHING_KNOWN = SnapshotFacts()
"""The facts of a snapshot that nothing was recorded before."""


def may_be_new(
    change_in_oi: float | None, open_interest: float | None, volume: float | None
) -> bool:
    """Tell whether a sent change in open interest may be the 0 of a contract without a day before.

    What is built in one day is not more than the day's volume, so a contract that has more was
    there. All numbers are in contracts.
    """
    if change_in_oi != 0:
        return False
    return open_interest is None or volume is None or open_interest <= volume
