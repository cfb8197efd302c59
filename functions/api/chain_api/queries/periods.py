"""How long it takes until a symbol is read again, by its tier and by the budget."""

from datetime import timedelta

from chain_api.calculations.ages import turns
from chain_api.dependencies import Dependencies
from optionchain.settings import Settings
from optionchain.symbol_plan import SymbolPlan


def period_of(deps: Dependencies, symbol: str) -> timedelta:
    """Return how long it takes until a symbol was asked for; raise StoreUnavailable.

    It is the interval of its ticks, or more if there are more symbols than requests. A past moment
    is judged by today's period: by which interval it was recorded is said by /gaps.
    """
    return deps.symbols.plan().rhythm_of(symbol).step * turns_of(deps)


def periods_of(deps: Dependencies) -> dict[str, timedelta]:
    """Return the period of each recorded symbol; raise StoreUnavailable."""
    number = turns_of(deps)
    planned = deps.symbols.plan().by_symbol
    return {symbol: each.rhythm.step * number for symbol, each in planned.items()}


def longest_period(settings: Settings, plan: SymbolPlan) -> timedelta | None:
    """Return how long it takes until every symbol of a plan was asked for; None without any."""
    steps = [each.rhythm.step for each in plan.by_symbol.values()]
    return max(steps) * _turns(settings, plan) if steps else None


def turns_of(deps: Dependencies) -> int:
    """Return at which of its ticks each symbol has its turn; raise StoreUnavailable."""
    return _turns(deps.settings, deps.symbols.plan())


def _turns(settings: Settings, plan: SymbolPlan) -> int:
    intervals = [each.rhythm.interval for each in plan.by_symbol.values()]
    return turns(intervals, settings.nse_max_requests_per_second * settings.nse_addresses)
