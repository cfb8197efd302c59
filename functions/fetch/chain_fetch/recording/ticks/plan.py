"""Which expiries of which symbols a tick requests, within what the exchange tolerates. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import NamedTuple

type Chain = tuple[str, date]
"""A symbol and an expiry."""

_NEVER = datetime.min.replace(tzinfo=UTC)
# The fraction of the golden ratio, in 64 bits: its multiples are spread evenly over 0 to 1,
# whichever of them are taken at equal distances.
_GOLDEN, _BITS = 0x9E3779B97F4A7C15, 64


class PlannedRequest(NamedTuple):
    """One request of a tick. If it is `required`, the tick fails without it."""

    symbol: str
    expiry: date
    required: bool


def plan_requests(
    expiries: Mapping[str, Sequence[date]],
    nearest: int,
    capacity: int,
    rotating: int | None = None,
    asked_at: Mapping[Chain, datetime] | None = None,
) -> list[PlannedRequest]:
    """Return the requests of a tick, the most important first, at most `capacity` of them.

    `expiries` are by symbol, in the order in which the symbols have their turns. Each symbol is
    served with all of its `nearest` expiries, until one has no room for them: that one and those
    after it wait for another tick. Only the first one is served with less, if there is no more.
    What room is left is for the further expiries of those that are served, one of each and not more
    than `rotating` in all: those that were asked for longest ago by `asked_at`.
    """
    known = asked_at or {}

    def asked(chain: Chain) -> datetime:
        return known.get(chain, _NEVER)

    required: list[Chain] = []
    further: list[Chain] = []
    for symbol, days in expiries.items():
        near = [(symbol, day) for day in days[:nearest]]
        if len(required) + len(near) > capacity:
            if required:
                break
            near = sorted(near, key=asked)[:capacity]
        required += near
        further += sorted(((symbol, day) for day in days[nearest:]), key=asked)[:1]
    left = max(capacity - len(required), 0)
    wanted = sorted(further, key=asked)[: left if rotating is None else min(left, rotating)]
    return [
        *(PlannedRequest(*chain, required=True) for chain in required),
        *(PlannedRequest(*chain, required=False) for chain in wanted),
    ]


def whole_share(rate: Fraction, tick: datetime) -> int:
    """Return how many requests a tick has by their average of all ticks.

    The average holds for the ticks of each minute, each quarter of an hour and so on alike, because
    a symbol that is read rarely sees no other ticks than those.
    """
    number = int(tick.timestamp())
    return int(rate + Fraction(number * _GOLDEN % 2**_BITS, 2**_BITS))
