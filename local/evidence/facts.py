"""The facts by name, and the report of each."""

from collections.abc import Callable

from local.evidence import body_facts, minute_facts
from local.evidence.captures import CaptureAbsent, Captures

FACTS: dict[str, Callable[[Captures], list[str]]] = {
    "settled": body_facts.settled,
    "base": body_facts.base,
    "volatility": minute_facts.volatility,
    "formula": body_facts.formula,
    "closing-auction": minute_facts.closing_auction,
    "payoff": minute_facts.payoff,
    "newly-listed": body_facts.newly_listed,
    "no-trade": body_facts.no_trade,
    "previous-close": body_facts.previous_close,
    "quantities": body_facts.quantities,
}


def report(name: str, captures: Captures) -> list[str]:
    """Return the lines of a fact: its title, and its counts or which capture is absent."""
    fact = FACTS[name]
    title = f"{name}: {fact.__doc__ or ''}"
    try:
        return [title, *(f"  {line}" for line in fact(captures))]
    except CaptureAbsent as absent:
        return [title, f"  NOT SHOWN: there is no {absent} in {captures.folder}"]
