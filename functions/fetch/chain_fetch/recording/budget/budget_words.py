"""A budget's plan in words, as a document, and what to change if it does not work. Pure."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor
from typing import Any

from chain_fetch.recording.budget.budget_demand import INTERVALS, Demand
from chain_fetch.recording.budget.budget_plan import BudgetPlan, plan_of
from chain_fetch.source import SourceTerms
from optionchain.setting_values import SECONDS_PER_MINUTE
from optionchain.settings import MOST_ADDRESSES


def plan_text(plan: BudgetPlan) -> str:
    """Return a plan in words."""
    what = _asked(plan.demand)
    if plan.turns and not plan.fits:
        return f"{what}, in turns: {_periods(plan)}"
    return (
        f"{what}, and {_decimal(plan.rotating)} further in rotation; {_decimal(plan.capacity)} fit"
    )


def plan_document(plan: BudgetPlan) -> dict[str, Any]:
    """Return a plan as it is stored, for the API to show."""
    demand = plan.demand
    return {
        "symbols": demand.symbols,
        "interval_seconds": demand.interval,
        "nearest_expiries": demand.nearest,
        "rotating_per_tick": _rounded(plan.rotating),
        "chains_per_tick": plan.required,
        "capacity_per_tick": _rounded(plan.capacity),
        "in_turns": plan.turns and not plan.fits,
        "works": plan.works,
        "groups": demand.groups,
        "addresses": demand.addresses,
        "tiers": [
            {
                "tier": each.name,
                "symbols": each.symbols,
                "interval_seconds": each.interval,
                "period_seconds": _rounded(plan.period(each)),
            }
            for each in plan.tiers
        ],
        "windows": [each._asdict() for each in plan.windows],
        "text": plan_text(plan),
    }


def refusal(source: str, plan: BudgetPlan, terms: SourceTerms) -> str:
    """Return why a plan does not work, and the nearest settings that do."""
    demand, window = plan.demand, plan.tightest
    if plan.is_crowded:
        return (
            f"source {source} does not carry {demand.groups} groups: {_decimal(plan.capacity)} "
            f"requests fit in a tick of {demand.interval} s from "
            f"{_of(demand.addresses, 'address')}; each group needs one"
        )
    works = [each.text() for each in nearest_demands(terms, demand)]
    if not works:
        least = Demand(1, SECONDS_PER_MINUTE, 1).text()
        works = [f"at most {_of(most_symbols(terms), 'symbol')} with {least}"]
    read = f"in turns {_periods(plan)}" if plan.turns else f"{_decimal(plan.capacity)} fit"
    return (
        f"source {source} does not carry {_of(demand.symbols, 'symbol')} (NSE_SYMBOLS) x "
        f"NSE_EXPIRIES={demand.nearest} each {_intervals(demand)}: these are {plan.required} "
        f"chains, and {read} ({_of(window.requests, 'request')} in {window.seconds:g} s); what "
        f"works: {', or '.join(works)}"
    )


def nearest_demands(terms: SourceTerms, demand: Demand) -> list[Demand]:
    """Return the settings next to a demand that the source carries for its symbols.

    The first keeps the interval and has fewer expiries, or the shortest interval that carries one
    expiry; the second keeps the expiries and has a longer interval, with tiers as much slower; the
    third has more addresses, each with one group, where budgets are by address. Those that do not
    exist are left out.
    """
    return list(dict.fromkeys(_nearest(terms, demand)))


def _nearest(terms: SourceTerms, demand: Demand) -> Iterator[Demand]:
    longer = [demand.slower(each) for each in INTERVALS if each > demand.interval]
    fewer = [demand._replace(nearest=each) for each in range(demand.nearest - 1, 0, -1)]
    fewest = [each._replace(nearest=1) for each in longer]
    yield from _first_that_fits(terms, [*fewer, *fewest])
    yield from _first_that_fits(terms, longer)
    if terms.by_address:
        more = range(demand.addresses + 1, MOST_ADDRESSES + 1)
        yield from _first_that_fits(
            terms, [demand._replace(groups=each, addresses=each) for each in more]
        )


def _first_that_fits(terms: SourceTerms, demands: Sequence[Demand]) -> list[Demand]:
    return next(([each] for each in demands if plan_of(terms, each).fits), [])


def most_symbols(terms: SourceTerms) -> int:
    """Return of how many symbols one expiry can be read a minute."""
    return floor(plan_of(terms, Demand(1, SECONDS_PER_MINUTE, 1)).capacity)


def _asked(demand: Demand) -> str:
    nearest = _of(demand.nearest, "nearest expiry")
    asked = f"{_of(demand.symbols, 'symbol')} x {nearest} each {_intervals(demand)}"
    if demand.groups > 1:
        asked += f" in {demand.groups} groups from {_of(demand.addresses, 'address')}"
    return asked


def _intervals(demand: Demand) -> str:
    if not demand.tiers:
        return f"{demand.interval} s"
    parts = [f"{each.interval} s ({each.symbols} {each.name})" for each in demand.tiers]
    return ", ".join(parts)


def _periods(plan: BudgetPlan) -> str:
    if not plan.demand.tiers:
        return f"each is read every {_decimal(plan.period(plan.tiers[0]))} s"
    parts = [f"{each.name} every {_decimal(plan.period(each))} s" for each in plan.tiers]
    return f"these are read: {', '.join(parts)}"


def _rounded(number: Fraction) -> float:
    return floor(number * 100) / 100


def _decimal(number: Fraction) -> str:
    return f"{_rounded(number):g}"


def _of(number: int, what: str) -> str:
    if number == 1:
        return f"1 {what}"
    if what.endswith("y"):
        return f"{number} {what[:-1]}ies"
    return f"{number} {what}{'es' if what.endswith('s') else 's'}"
