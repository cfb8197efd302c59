"""How many ticks were good: of all symbols, of each tier, and of the worst symbols. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from chain_api.calculations.expiry_gaps import GOOD
from chain_api.calculations.health_summary import worst
from chain_api.calculations.tick_tally import PENDING
from chain_api.json_types import Answer
from optionchain.symbol_plan import SymbolPlan

type Outcomes = Counter[str]


def success_rate(outcomes: Outcomes) -> float | None:
    """Return the share of good ticks of those that are not pending, None without any."""
    total = outcomes.total() - outcomes[PENDING]
    return round(sum(outcomes[name] for name in GOOD) / total, 6) if total else None


def added(counts: Iterable[Outcomes]) -> Outcomes:
    """Return the ticks of all together, by outcome."""
    together = sum(counts, Counter[str]())
    return Counter(dict(sorted(together.items())))


def by_tier(plan: SymbolPlan, today: Mapping[str, Outcomes]) -> list[Answer]:
    """Return the ticks of each tier, in the order in which the plan has their first symbols."""
    members: dict[tuple[str, int], list[Outcomes]] = {}
    for symbol, planned in plan.by_symbol.items():
        members.setdefault((planned.tier, planned.rhythm.interval), []).append(today[symbol])
    return [
        {
            "tier": tier,
            "interval_seconds": interval,
            "symbols": len(counts),
            "ticks": (together := added(counts)),
            "success_rate": success_rate(together),
        }
        for (tier, interval), counts in members.items()
    ]


def worst_symbols(today: Mapping[str, Outcomes]) -> list[Answer]:
    """Return the symbols with the least share of good ticks, none of which all were good."""
    rates = {symbol: success_rate(counts) for symbol, counts in today.items()}
    known = {symbol: rate for symbol, rate in rates.items() if rate is not None and rate < 1}
    return [
        {"symbol": symbol, "ticks": today[symbol], "success_rate": known[symbol]}
        for symbol in worst(known, lambda symbol: (known[symbol], symbol))
    ]
