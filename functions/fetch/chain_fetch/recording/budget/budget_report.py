"""Says at the start what the request budget of each source carries, and refuses what it cannot."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aws_lambda_powertools import Logger

from chain_fetch.recording.budget.budget_demand import demand_of
from chain_fetch.recording.budget.budget_plan import BudgetPlan, plan_of
from chain_fetch.recording.budget.budget_sharing import BudgetSharing
from chain_fetch.recording.budget.budget_words import plan_document, plan_text, refusal
from chain_fetch.source import SourceTerms
from optionchain.errors import SettingInvalid, StoreUnavailable
from optionchain.mongo.request_counts import RequestCounts
from optionchain.settings import Settings
from optionchain.symbol_selection import is_fixed


@dataclass
class BudgetReport:
    """The plans of all sources: logged and stored once an execution environment."""

    terms: Mapping[str, SourceTerms]
    settings: Settings
    counts: RequestCounts
    sharing: BudgetSharing
    log: Logger
    now: Callable[[], datetime]
    _logged: dict[str, BudgetPlan] = field(default_factory=dict)
    _written: dict[str, BudgetPlan] = field(default_factory=dict)

    def check(self, symbols: Sequence[str]) -> None:
        """Raise SettingInvalid if a source does not carry these and the configured symbols.

        One in which symbols take turns is never refused: it records what it can, and says so. So
        does any where the source's list decides on the symbols: a new one must not end the record.
        """
        if not is_fixed(self.settings.nse_symbols):
            return
        for name, plan in self._plans(symbols).items():
            if not plan.works and not plan.turns:
                allowed = refusal(name, plan, self.terms[name])
                raise SettingInvalid(
                    "NSE_FETCH_INTERVAL", self.settings.nse_fetch_interval, allowed
                )

    def publish(self, symbols: Sequence[str]) -> None:
        """Log and store the plans if they have changed, those of all recorders together."""
        self.sharing.known.refresh()
        for name, plan in self._plans({*symbols, *self.sharing.known.on_duty}).items():
            if self._logged.get(name) != plan:
                level = self.log.info if plan.works else self.log.warning
                level("budget_plan", extra={"source": name, "plan": plan_text(plan)})
                self._logged[name] = plan
            if self._written.get(name) != plan:
                self._write(name, plan)

    def _plans(self, symbols: Iterable[str]) -> dict[str, BudgetPlan]:
        groups = self.sharing.group.of
        demand = demand_of(self.settings, self.sharing.plan(), symbols, groups)
        return {name: plan_of(terms, demand) for name, terms in self.terms.items()}

    def _write(self, name: str, plan: BudgetPlan) -> None:
        try:
            self.counts.write_plan(name, plan_document(plan), self.now())
        except StoreUnavailable as error:  # the next invocation tries again
            self.log.warning("budget_plan", extra={"source": name, "detail": str(error)})
        else:
            self._written[name] = plan
