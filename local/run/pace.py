"""How often a run asks, and for how many expiries: what is given, or what its sources carry."""

from collections.abc import Mapping

from chain_fetch.recording.budget_plan import demand_of, nearest_demands, plan_of, refusal
from chain_fetch.sources import source_modules
from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

_INTERVAL, _EXPIRIES = "NSE_FETCH_INTERVAL", "NSE_EXPIRIES"


def pace_of(settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings to change because a source does not carry them; none are changed else.

    Raises SettingInvalid if one that is given would have to change.
    """
    usual = demand = demand_of(settings)
    for name, module in source_modules(settings.source).items():
        terms = module.terms(settings)
        plan = plan_of(terms, demand)
        if plan.works:
            continue
        kept = [
            each
            for each in nearest_demands(terms, demand)
            if (_INTERVAL not in given or each.interval == demand.interval)
            and (_EXPIRIES not in given or each.nearest == demand.nearest)
        ]
        if not kept:
            raise SettingInvalid(_INTERVAL, demand.interval, refusal(name, plan, terms))
        demand = kept[0]
    if demand == usual:
        return {}
    return {_INTERVAL: str(demand.interval), _EXPIRIES: str(demand.nearest)}
