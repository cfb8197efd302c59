"""Until when stored data cannot change: after a tick is complete, nothing more is written for it.

The recorder writes all that it stores for a tick before the tick's ledger entry, and it writes
nothing for the next tick before that is due. So between the entry of a good tick and the next tick
every reader of the database finds the same.
"""

from collections.abc import Callable
from datetime import datetime

from optionchain.mongo.tick_ledger import TickLedger
from optionchain.rhythm import Rhythm


class CompleteTicks:
    """Knows which symbols' current tick is complete. Safe for several threads.

    `rhythm_of` says when the ticks of a symbol are due; it may raise StoreUnavailable.
    """

    def __init__(self, ledger: TickLedger, rhythm_of: Callable[[str], Rhythm]) -> None:
        self._ledger = ledger
        self._rhythm_of = rhythm_of
        self._complete: dict[str, datetime] = {}

    def current_tick(self, symbol: str, now: datetime) -> datetime:
        """Return the newest tick of a symbol that is due."""
        return self._rhythm_of(symbol).newest(now)

    def known_until(self, symbol: str, now: datetime) -> datetime | None:
        """Return the next tick if the current one is known to be complete, else None."""
        rhythm = self._rhythm_of(symbol)
        tick = rhythm.newest(now)
        return tick + rhythm.step if self._complete.get(symbol) == tick else None

    def until(self, symbol: str, now: datetime) -> datetime | None:
        """Do the same, and ask the ledger; raise StoreUnavailable.

        What is read from the database after this call stays true until the time returned. A tick
        in which any request failed does not count: a late answer to it might still be stored.
        """
        tick = self.current_tick(symbol, now)
        if self._complete.get(symbol) != tick and self._ledger.is_complete(symbol, tick):
            self._complete[symbol] = tick
        return self.known_until(symbol, now)
