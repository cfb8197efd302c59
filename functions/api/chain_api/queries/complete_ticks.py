"""Until when stored data cannot change: after a tick is complete, nothing more is written for it.

The recorder writes all that it stores for a tick before the tick's ledger entry, and it writes
nothing for the next tick before that is due. So between the entry of a good tick and the next tick
every reader of the database finds the same.
"""

from datetime import UTC, datetime, timedelta

from optionchain.mongo.tick_ledger import TickLedger


class CompleteTicks:
    """Knows which symbols' current tick is complete. Safe for several threads.

    `interval` is that of the tick grid, in seconds.
    """

    def __init__(self, ledger: TickLedger, interval: int) -> None:
        self._ledger = ledger
        self._interval = interval
        self._complete: dict[str, datetime] = {}

    def current_tick(self, now: datetime) -> datetime:
        """Return the newest tick that is due."""
        return datetime.fromtimestamp(now.timestamp() // self._interval * self._interval, UTC)

    def known_until(self, symbol: str, now: datetime) -> datetime | None:
        """Return the next tick if the current one is known to be complete, else None."""
        tick = self.current_tick(now)
        complete = self._complete.get(symbol) == tick
        return tick + timedelta(seconds=self._interval) if complete else None

    def until(self, symbol: str, now: datetime) -> datetime | None:
        """Do the same, and ask the ledger; raise StoreUnavailable.

        What is read from the database after this call stays true until the time returned. A tick
        in which any request failed does not count: a late answer to it might still be stored.
        """
        tick = self.current_tick(now)
        if self._complete.get(symbol) != tick and self._ledger.is_complete(symbol, tick):
            self._complete[symbol] = tick
        return self.known_until(symbol, now)
