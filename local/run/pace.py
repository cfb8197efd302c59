"""How often a run asks, and for how many expiries: what is given, or what its sources carry."""

from collections.abc import Mapping

from chain_fetch.recording.budget.budget_demand import demand_of
from chain_fetch.recording.budget.budget_plan import plan_of
from chain_fetch.recording.budget.budget_words import nearest_demands, refusal
from chain_fetch.sources import source_modules
from local.market_size import assumed_list
from optionchain.errors import SettingInvalid
from optionchain.settings import Settings
from optionchain.symbol_plan import make_plan

_INTERVAL, _EXPIRIES = "NSE_FETCH_INTERVAL", "NSE_EXPIRIES"


def pace_of(settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings to change because a source does not carry them; none are changed else.

    Raises SettingInvalid if one that is given would have to change, unless symbols take turns.
    """
    usual = demand = demand_of(settings, make_plan(settings, assumed_list(settings.nse_symbols)))
    for name, module in source_modules(settings.source).items():
        terms = module.terms(settings)
        plan = plan_of(terms, demand)
        if plan.works:
            continue
        kept = [
            each
            for each in nearest_demands(terms, demand)
            if (each.tiers, each.addresses) == (demand.tiers, demand.addresses)
            and (_INTERVAL not in given or each.interval == demand.interval)
            and (_EXPIRIES not in given or each.nearest == demand.nearest)
        ]
        if not kept and plan.turns:
            continue
        if not kept:
            raise SettingInvalid(_INTERVAL, demand.interval, refusal(name, plan, terms))
        demand = kept[0]
    if demand == usual:
        return {}
    return {_INTERVAL: str(demand.interval), _EXPIRIES: str(demand.nearest)}
