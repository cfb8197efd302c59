"""Which contracts of a chain a request wants: the same for chain, history and filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chain_api.problems.catalogue import invalid
from optionchain.snapshot import Side


@dataclass(frozen=True)
class Selection:
    """Conditions on contracts; None is no condition. Bounds are inclusive.

    `strikes_around_atm` is the number of strikes on each side of the strike at the money.
    `low_name` and `high_name` are the request's names for the bounds of the strike.
    """

    option_type: Side | None = None
    strike_min: float | None = None
    strike_max: float | None = None
    strikes_around_atm: int | None = None
    min_open_interest: float | None = None
    min_volume: float | None = None
    low_name: str = "strike_min"
    high_name: str = "strike_max"

    def __post_init__(self) -> None:
        """Raise Problem if the lower bound is above the upper bound."""
        low, high = self.strike_min, self.strike_max
        if low is not None and high is not None and low > high:
            raise invalid(self.low_name, low, f"must not be above {self.high_name} ({high})")

    def conditions(self, around: Sequence[float] | None = None) -> dict[str, Any]:
        """Return a MongoDB query on contract documents. Every value is a checked number or side.

        `around` are the strikes around the money, if the selection has such a window.
        """
        query: dict[str, Any] = {}
        if self.option_type:
            query["type"] = self.option_type
        if strikes := _between(self.strike_min, self.strike_max):
            query["strike_price"] = strikes
        if around is not None:
            query["strike_price"] = strikes | {"$in": list(around)}
        for name, least in (
            ("open_interest", self.min_open_interest),
            ("total_traded_volume", self.min_volume),
        ):
            if least is not None:
                query[name] = {"$gte": least}
        return query


def _between(low: float | None, high: float | None) -> dict[str, float]:
    bounds: Mapping[str, float | None] = {"$gte": low, "$lte": high}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def around_the_money(strikes: Sequence[float], price: float | None, each_side: int) -> list[float]:
    """Return the strike nearest to a price, and up to `each_side` below and above it.

    `strikes` are in order. If two are equally near, the lower one is at the money.
    """
    if price is None:
        allowed = (
            "cannot be answered here: the exchange sent no underlying value with this chain, and "
            "no prices from which a forward follows"
        )
        raise invalid("strikes_around_atm", each_side, allowed)
    if not strikes:
        return []
    ranks = range(len(strikes))
    middle = min(ranks, key=lambda rank: abs(strikes[rank] - price))
    return list(strikes[max(middle - each_side, 0) : middle + each_side + 1])
