"""What is said of many symbols: how many of each kind, and the worst ten by name. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from math import inf
from typing import Any, Literal, NamedTuple

from chain_api.json_types import Answer
from optionchain.symbol_plan import SymbolPlan

type Status = Literal["healthy", "degraded", "unhealthy"]

MOST_NAMED = 10
"""So many symbols are named at most, of each reason, notice or list."""
# With a tenth of a tier's symbols the tier cannot be relied on: one of a few symbols, and one index
# of five, but not one stock of two hundred.
_TENTH = 10
_GOOD = ("stored", "unchanged")


class TierHealth(NamedTuple):
    """How many symbols of a tier cannot be relied on. `period` is in which each has its turn."""

    tier: str
    period: timedelta
    symbols: int
    affected: int

    @property
    def is_unreliable(self) -> bool:
        """Tell whether the tier as a whole cannot be relied on."""
        return self.affected * _TENTH >= self.symbols and self.affected > 0

    def answer(self) -> Answer:
        """Return the tier as answers have it."""
        return {
            "tier": self.tier,
            "period_seconds": self.period.total_seconds(),
            "symbols": self.symbols,
            "affected": self.affected,
        }


def tiers_of(
    plan: SymbolPlan, periods: Mapping[str, timedelta], affected: Collection[str]
) -> list[TierHealth]:
    """Return the health of each tier, in the order in which the plan has their first symbols."""
    members: dict[str, list[str]] = {}
    for symbol, planned in plan.by_symbol.items():
        members.setdefault(planned.tier, []).append(symbol)
    return [
        TierHealth(
            tier,
            max(periods[symbol] for symbol in symbols),
            len(symbols),
            sum(symbol in affected for symbol in symbols),
        )
        for tier, symbols in members.items()
    ]


def status_of(reasons: Iterable[Answer], tiers: Iterable[TierHealth]) -> Status:
    """Return whether the data as a whole can be relied on.

    A reason that names no symbol concerns all of them.
    """
    if any("symbol" not in reason for reason in reasons):
        return "unhealthy"
    known = list(tiers)
    if any(tier.is_unreliable for tier in known):
        return "unhealthy"
    return "degraded" if any(tier.affected for tier in known) else "healthy"


def counted(rows: Iterable[Answer]) -> dict[str, int]:
    """Return how many reasons or notices have each code."""
    return dict(Counter(row["code"] for row in rows))


def shortened(rows: Sequence[Answer]) -> list[Answer]:
    """Return the worst of the reasons or notices of each code, in the given order.

    The worst are the oldest; one without an age is of something that never was.
    """
    by_code: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_code[row["code"]].append(number)
    kept = set[int]()
    for numbers in by_code.values():
        kept |= set(worst(numbers, lambda number: -rows[number].get("age_seconds", inf)))
    return [row for number, row in enumerate(rows) if number in kept]


def worst_outcomes(outcomes: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return the worst last outcomes, in the given order: bad ones, then the oldest ones."""
    named = worst(
        outcomes, lambda symbol: (outcomes[symbol]["outcome"] in _GOOD, outcomes[symbol]["tick"])
    )
    return {symbol: outcomes[symbol] for symbol in outcomes if symbol in named}


def outcome_counts(outcomes: Mapping[str, Answer]) -> dict[str, int]:
    """Return how many symbols have each last outcome."""
    return dict(Counter(entry["outcome"] for entry in outcomes.values()))


def worst[Name](names: Iterable[Name], order: Callable[[Name], Any]) -> list[Name]:
    """Return those that come first in an order, as many as are named at most."""
    return sorted(names, key=order)[:MOST_NAMED]
