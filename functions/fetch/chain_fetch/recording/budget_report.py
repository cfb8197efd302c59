"""Says at the start what the request budget of each source carries, and refuses what it cannot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aws_lambda_powertools import Logger

from chain_fetch.recording.budget_plan import BudgetPlan, demand_of, plan_document, plan_of, refusal
from chain_fetch.recording.known_symbols import KnownSymbols
from chain_fetch.source import SourceTerms
from optionchain.errors import SettingInvalid, StoreUnavailable
from optionchain.mongo.request_counts import RequestCounts
from optionchain.settings import Settings


@dataclass
class BudgetReport:
    """The plans of all sources: logged and stored once an execution environment."""

    terms: Mapping[str, SourceTerms]
    settings: Settings
    counts: RequestCounts
    symbols: KnownSymbols
    log: Logger
    now: Callable[[], datetime]
    _logged: dict[str, BudgetPlan] = field(default_factory=dict)
    _written: dict[str, BudgetPlan] = field(default_factory=dict)

    def check(self, symbols: Sequence[str]) -> None:
        """Raise SettingInvalid if a source does not carry these and the configured symbols."""
        asked = set(self.symbols.configured()).union(symbols)
        for name, plan in self._plans(len(asked)).items():
            if not plan.works:
                allowed = refusal(name, plan, self.terms[name])
                raise SettingInvalid(
                    "NSE_FETCH_INTERVAL", self.settings.nse_fetch_interval, allowed
                )

    def publish(self, symbols: Sequence[str]) -> None:
        """Log and store the plans if they have changed, those of all recorders together."""
        self.symbols.refresh()
        for name, plan in self._plans(len(symbols) + self.symbols.beside(symbols)).items():
            if self._logged.get(name) != plan:
                level = self.log.info if plan.works else self.log.warning
                level("budget_plan", extra={"source": name, "plan": plan.text()})
                self._logged[name] = plan
            if self._written.get(name) != plan:
                self._write(name, plan)

    def _plans(self, symbols: int) -> dict[str, BudgetPlan]:
        demand = demand_of(self.settings)._replace(symbols=symbols)
        return {name: plan_of(terms, demand) for name, terms in self.terms.items()}

    def _write(self, name: str, plan: BudgetPlan) -> None:
        try:
            self.counts.write_plan(name, plan_document(plan), self.now())
        except StoreUnavailable as error:  # the next invocation tries again
            self.log.warning("budget_plan", extra={"source": name, "detail": str(error)})
        else:
            self._written[name] = plan
