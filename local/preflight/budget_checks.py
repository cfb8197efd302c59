"""The check of the request budget. Pure: from the parameters of a deployment to a finding."""

from collections.abc import Mapping

from chain_fetch.recording.budget.budget_demand import Demand, demand_of
from chain_fetch.recording.budget.budget_plan import BudgetPlan, plan_of
from chain_fetch.recording.budget.budget_words import nearest_demands, plan_text, refusal
from chain_fetch.source import SourceTerms
from chain_fetch.sources import source_modules
from local.market_size import UNIVERSE, assumed_list
from local.preflight.finding import Finding
from optionchain.errors import SettingInvalid
from optionchain.setting_values import whole_number
from optionchain.settings import MOST_ADDRESSES, Settings
from optionchain.symbol_list import SymbolList
from optionchain.symbol_plan import make_plan
from optionchain.symbol_selection import BASE_TIER, is_fixed

# The variables of the functions and the parameters of the template that give their values.
_VARIABLES = {
    "NSE_SYMBOLS": "Symbols",
    "NSE_TIERS": "Tiers",
    "NSE_ADDRESSES": "Addresses",
    "NSE_FETCH_INTERVAL": "FetchInterval",
    "NSE_EXPIRIES": "Expiries",
    "SOURCE": "Source",
    "UPSTOX_QUOTES": "UpstoxQuotes",
}
_SUBJECT = "budget"


def budget_fits(parameters: Mapping[str, str], symbol_list: SymbolList | None = None) -> Finding:
    """Check that each source carries all groups of symbols, which share its budget.

    `symbol_list` says which symbols ALL, INDICES and STOCKS are; without it as many are assumed as
    the exchange is known to list.
    """
    given = {variable: parameters.get(name, "") for variable, name in _VARIABLES.items()}
    try:
        settings = Settings.from_env(given)
        groups = _groups(parameters.get("Groups", ""))
        modules = source_modules(settings.source)
    except SettingInvalid as error:
        return Finding("missing", _SUBJECT, str(error), "correct it in samconfig.toml")
    terms = {name: module.terms(settings) for name, module in modules.items()}
    listed = symbol_list or assumed_list(settings.nse_symbols)
    demand = demand_of(settings, make_plan(settings, listed), groups=groups)
    plans = {name: plan_of(each, demand) for name, each in terms.items()}
    for name, plan in plans.items():
        if not plan.works:
            return _refused(name, plan, terms[name])
    texts = [f"{name}: {plan_text(plan)}" for name, plan in plans.items()]
    if symbol_list is None and not is_fixed(settings.nse_symbols):
        texts.append(f"assumed that {UNIVERSE} symbols are listed")
    return Finding("ok", _SUBJECT, "; ".join(texts))


def asks_for_listed(parameters: Mapping[str, str]) -> bool:
    """Tell whether it depends on the source's list which symbols are recorded."""
    words = parameters.get("Symbols", "").upper().split(",")
    return not is_fixed([word.strip() for word in words])


def _groups(text: str) -> int:
    try:
        return whole_number(1, MOST_ADDRESSES)(text) if text else 1
    except ValueError:
        allowed = f"must be a whole number from 1 to {MOST_ADDRESSES}"
        raise SettingInvalid("Groups", text, allowed) from None


def _refused(name: str, plan: BudgetPlan, terms: SourceTerms) -> Finding:
    if plan.is_crowded:
        return Finding("missing", _SUBJECT, refusal(name, plan, terms), "fewer Groups")
    remedies = [_parameters(each, plan.demand) for each in nearest_demands(terms, plan.demand)]
    remedy = ", or ".join(remedies) or "fewer Symbols"
    return Finding("missing", _SUBJECT, refusal(name, plan, terms), f"{remedy}, in samconfig.toml")


def _parameters(demand: Demand, present: Demand) -> str:
    if demand.addresses != present.addresses:
        return f"Groups={demand.groups} with Addresses={demand.addresses}"
    named = [each for each in demand.tiers if each.name != BASE_TIER]
    tiers = f" and Tiers={','.join(f'{each.name}={each.interval}' for each in named)}"
    pace = f"Expiries={demand.nearest} with FetchInterval={demand.interval}"
    return pace + (tiers if named else "")
