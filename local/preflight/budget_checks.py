"""The check of the request budget. Pure: from the parameters of a deployment to a finding."""

from collections.abc import Mapping

from chain_fetch.recording.budget_plan import (
    BudgetPlan,
    Demand,
    demand_of,
    nearest_demands,
    plan_of,
    refusal,
)
from chain_fetch.source import SourceTerms
from chain_fetch.sources import source_modules
from local.preflight.finding import Finding
from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

# The variables of the functions and the parameters of the template that give their values.
_VARIABLES = {
    "NSE_FETCH_INTERVAL": "FetchInterval",
    "NSE_EXPIRIES": "Expiries",
    "SOURCE": "Source",
    "UPSTOX_QUOTES": "UpstoxQuotes",
}
_DEFAULT = ",".join(Settings().nse_symbols)
_SUBJECT = "budget"


def budget_fits(parameters: Mapping[str, str]) -> Finding:
    """Check that each source carries both groups of symbols, which share its account."""
    symbols = [parameters.get("Symbols") or _DEFAULT, parameters.get("Symbols2", "")]
    given = {variable: parameters.get(name, "") for variable, name in _VARIABLES.items()}
    given["NSE_SYMBOLS"] = ",".join(filter(None, symbols))
    try:
        settings = Settings.from_env(given)
        modules = source_modules(settings.source)
    except SettingInvalid as error:
        return Finding("missing", _SUBJECT, str(error), "correct it in samconfig.toml")
    terms = {name: module.terms(settings) for name, module in modules.items()}
    plans = {name: plan_of(each, demand_of(settings)) for name, each in terms.items()}
    for name, plan in plans.items():
        if not plan.works:
            return _refused(name, plan, terms[name])
    return Finding("ok", _SUBJECT, "; ".join(f"{name}: {it.text()}" for name, it in plans.items()))


def _refused(name: str, plan: BudgetPlan, terms: SourceTerms) -> Finding:
    remedies = [_parameters(each) for each in nearest_demands(terms, plan.demand)]
    remedy = ", or ".join(remedies) or "fewer Symbols"
    return Finding("missing", _SUBJECT, refusal(name, plan, terms), f"{remedy}, in samconfig.toml")


def _parameters(demand: Demand) -> str:
    return f"Expiries={demand.nearest} with FetchInterval={demand.interval}"
