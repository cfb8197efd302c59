"""Which symbols all recorders on this database ask for: they may share one budget of a source."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from optionchain.errors import StoreUnavailable
from optionchain.mongo.shift_register import NOBODY, ShiftRegister

# A shift begins each minute and lasts two at most. Whoever began earlier is not on duty any more.
_ON_DUTY = timedelta(minutes=3)


@dataclass
class KnownSymbols:
    """The symbols for which somebody is on duty, as they were looked up last."""

    register: ShiftRegister
    now: Callable[[], datetime]
    on_duty: frozenset[str] = frozenset()

    def refresh(self) -> None:
        """Look up who is on duty; without the database the last answer holds."""
        since = self.now() - _ON_DUTY
        with suppress(StoreUnavailable):
            self.on_duty = frozenset(
                symbol
                for symbol, shift in self.register.owners().items()
                if shift["owner"] != NOBODY and shift["since"] >= since
            )
