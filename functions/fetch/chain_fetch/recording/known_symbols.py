"""Which symbols all recorders on this database ask for: they may share one account of a source."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from optionchain.errors import StoreUnavailable
from optionchain.mongo.shift_register import NOBODY, ShiftRegister

# A shift begins each minute and lasts two at most. Whoever began earlier is not on duty any more.
_ON_DUTY = timedelta(minutes=3)


@dataclass
class KnownSymbols:
    """The configured symbols, and those for which somebody is on duty.

    `configured` returns those of the plan that was made last.
    """

    configured: Callable[[], Sequence[str]]
    register: ShiftRegister
    now: Callable[[], datetime]
    _on_duty: frozenset[str] = field(default=frozenset())

    def refresh(self) -> None:
        """Look up who is on duty; without the database the last answer holds."""
        since = self.now() - _ON_DUTY
        with suppress(StoreUnavailable):
            self._on_duty = frozenset(
                symbol
                for symbol, shift in self.register.owners().items()
                if shift["owner"] != NOBODY and shift["since"] >= since
            )

    def beside(self, symbols: Sequence[str]) -> int:
        """Return how many symbols others ask for beside these."""
        return len(self._on_duty.union(self.configured()).difference(symbols))
