"""The underlying's price in the closing auction, and the forward meanwhile. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from local.evidence.captures import Minute
from local.evidence.parity import at_the_money


class Standstill(NamedTuple):
    """The longest time for which the spot stood still, and the forward until it moved."""

    since: datetime
    until: datetime
    spot: float
    lowest_forward: float
    highest_forward: float
    next_spot: float | None


def standstill(minutes: Sequence[Minute], expiry: date) -> Standstill:
    """Find the longest stretch of one spot, and the parity forward of an expiry in it."""
    stretches = [list(same) for _, same in groupby(minutes, attrgetter("underlying"))]
    longest = max(stretches, key=len)
    after = [minute for minute in minutes if minute.at > longest[-1].at][:1]
    forwards = [at_the_money(minute, expiry).forward for minute in longest + after]
    return Standstill(
        longest[0].at,
        longest[-1].at,
        longest[0].underlying,
        min(forwards),
        max(forwards),
        after[0].underlying if after else None,
    )
