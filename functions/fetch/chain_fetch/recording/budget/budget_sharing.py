"""Who shares the request budgets with the group that this environment records now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from chain_fetch.recording.budget.budget_share import (
    ServedGroup,
    Share,
    share_of_account,
    share_of_address,
)
from chain_fetch.recording.budget.known_symbols import KnownSymbols
from optionchain.errors import StoreUnavailable
from optionchain.settings import Settings
from optionchain.symbol_plan import SymbolPlan


class _Shares(NamedTuple):
    """The shares of the present group, and what they were computed from."""

    basis: object = None
    of_address: Share = Share()
    of_account: Share = Share()


@dataclass
class BudgetSharing:
    """The present group's shares; an environment may serve one group after another.

    `plan` may raise StoreUnavailable: then the last shares hold.
    """

    plan: Callable[[], SymbolPlan]
    known: KnownSymbols
    settings: Settings
    group: ServedGroup = field(default=ServedGroup(()))
    _shares: _Shares = field(default=_Shares())

    def serve(self, symbols: Sequence[str], group: int = 1, groups: int = 1) -> None:
        """Take note of the symbols of an invocation, and of its group among several."""
        self.group = ServedGroup(tuple(symbols), group, groups)

    def address(self) -> int:
        """Return the number of the address from which the present group asks; the first is 1."""
        return self.group.address(self.settings.nse_addresses)

    def of_address(self) -> Share:
        """Return the present group's share in the budget of its address."""
        return self._computed().of_address

    def of_account(self) -> Share:
        """Return the present group's share in the budget of an account."""
        return self._computed().of_account

    def _computed(self) -> _Shares:
        try:
            plan = self.plan()
        except StoreUnavailable:
            return self._shares
        group, on_duty, settings = self.group, self.known.on_duty, self.settings

        def load(symbol: str) -> Fraction:
            planned = plan.by_symbol.get(symbol)
            if planned is None:
                return Fraction(settings.nse_expiries + 1, plan.base.interval)
            return Fraction(planned.requests, planned.rhythm.interval)

        if self._shares.basis != (basis := (plan, group, on_duty)):
            of_address = share_of_address(plan, group, on_duty, settings.nse_addresses, load)
            self._shares = _Shares(basis, of_address, share_of_account(plan, group, on_duty, load))
        return self._shares
