"""Whether the base of a morning is the open interest that was settled the day before. Pure.

The base is a contract's open interest less its change: what the exchange says it was at the end of
the day before. In the captured days it is the evening's number in every contract that both have.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from chain_fetch.recording.bodies.deduplication import OPENING_TIME
from optionchain.exchange_time import exchange_date, expiry_text
from optionchain.market import Session
from optionchain.mongo.documents import identifier
from optionchain.mongo.settlement_register import LegDifference
from optionchain.snapshot import Leg, Snapshot

type OpenInterest = Mapping[Leg, float | None]
"""Open interest by contract, in contracts."""

# A difference is said after a second body that is stamped so much later: at the opening the
# exchange may serve a chain of which only a part is reset.
CONFIRMED_AFTER = timedelta(minutes=5)
# Open interest may be a fraction, and the rounding of its last binary digits is no difference: it
# is under 1e-11 in the captures. Not even one unit of the largest lot is as small as this.
_TOLERANCE = 1e-6
# So many of the contracts that differ are named for a person.
_NAMED = 5


class Comparison(NamedTuple):
    """How many contracts were compared, and those that differ, the largest difference first."""

    legs: int
    differing: list[LegDifference]

    @property
    def contracts(self) -> float:
        """Return the sum of all differences without their signs."""
        return round(sum(map(_size, self.differing), 0.0), 6)

    @property
    def named(self) -> tuple[LegDifference, ...]:
        """Return the contracts that differ most."""
        return tuple(self.differing[:_NAMED])


def compare(settled: OpenInterest, morning: Snapshot) -> Comparison:
    """Compare the settled open interest with the base of a body of the next day.

    A contract takes part if both have it, with its numbers. One that is new today has no
    yesterday, whatever its change says. One with a change of 0 takes part: its base is its open
    interest.
    """
    expiry, legs, differing = expiry_text(morning.expiry), 0, []
    for quote in morning.quotes:
        before = settled.get((quote.strike_price, quote.side))
        if before is None or quote.open_interest is None or quote.change_in_oi is None:
            continue
        legs += 1
        base = quote.open_interest - quote.change_in_oi
        if abs(base - before) > _TOLERANCE:
            name = identifier(morning.symbol, quote.side, quote.strike_price, expiry)
            differing.append(LegDifference(name, before, base))
    differing.sort(key=_size, reverse=True)
    return Comparison(legs, differing)


def is_of_session(body: Snapshot, session: Session) -> bool:
    """Tell whether a body is of a session that is going on.

    In the minutes after the opening a body without a stamp may still show the day before.
    """
    stamp, opens = body.stamp, session.opens
    since = opens if body.exchange_timestamp else opens + OPENING_TIME
    return stamp >= since and exchange_date(stamp) == exchange_date(opens)


def _size(leg: LegDifference) -> float:
    return abs(leg.base - leg.open_interest)
