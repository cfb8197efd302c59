"""The present plan of the recorded symbols, for every recorder and for the API."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.settings import Settings
from optionchain.symbol_plan import SymbolPlan, make_plan
from optionchain.symbol_selection import is_fixed

# How often the list of the day is looked up; it changes once a day.
_READ_AGAIN_AFTER = timedelta(seconds=30)


@dataclass
class SymbolDirectory:
    """Makes the plan of the day, and keeps it for half a minute.

    A selection that names each symbol, in tiers that name theirs, asks the database for nothing.
    """

    settings: Settings
    register: SymbolListRegister
    now: Callable[[], datetime]
    _plan: SymbolPlan | None = field(default=None)
    _read_at: datetime | None = field(default=None)

    def plan(self) -> SymbolPlan:
        """Return the plan; raise StoreUnavailable if it is not known, the last one holds else."""
        now = self.now()
        if self._plan and self._is_recent(now):
            return self._plan
        if not self.needs_list:
            self._plan = make_plan(self.settings)
            return self._plan
        try:
            symbol_list = self.register.in_force(exchange_date(now))
        except StoreUnavailable:
            if self._plan is None:
                raise
            self._read_at = now  # not every call tries again: a try takes a time-out
            return self._plan
        if self._plan is None or symbol_list != self._plan.symbol_list:
            self._plan = make_plan(self.settings, symbol_list)
        self._read_at = now
        return self._plan

    def at_hand(self) -> SymbolPlan:
        """Return the plan that was made last, without asking the database.

        Before there is one, only symbols that are named are recorded.
        """
        return self._plan or make_plan(self.settings)

    def forget(self) -> None:
        """Look up the list at the next call: a new one has been stored."""
        self._read_at = None

    def _is_recent(self, now: datetime) -> bool:
        if not self.needs_list:
            return True
        read_at = self._read_at
        return read_at is not None and timedelta() <= now - read_at < _READ_AGAIN_AFTER

    @property
    def needs_list(self) -> bool:
        """Tell whether the settings leave it to the source's list what is recorded, or how."""
        settings = self.settings
        named = [tier.members for tier in settings.nse_tiers]
        symbols = set(settings.nse_symbols)
        return not is_fixed(settings.nse_symbols) or not set(named) <= symbols
