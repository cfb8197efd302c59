"""Until when stored data cannot change: a tick that is complete is followed by nothing.

All that is stored of a symbol for a tick is written before the tick's ledger entry, and nothing of
the next tick is written before that tick is due. So between the entry of a good tick and the next
tick every reader of the database finds the same.
"""

from datetime import UTC, datetime, timedelta

from optionchain.mongo.tick_ledger import TickLedger


class SettledTicks:
    """Knows whether the current tick of a symbol is complete; raises StoreUnavailable.

    `interval` is that of the tick grid, in seconds. Safe for several threads.
    """

    def __init__(self, ledger: TickLedger, interval: int) -> None:
        self._ledger = ledger
        self._interval = interval
        self._settled: dict[str, datetime] = {}

    def until(self, symbol: str, now: datetime) -> datetime | None:
        """Return the next tick if the current one is complete, else None.

        What is read from the database after this call stays true until then. A tick in which any
        request failed does not count: a late answer to it might still be stored.
        """
        seconds = now.timestamp() // self._interval * self._interval
        tick = datetime.fromtimestamp(seconds, UTC)
        if self._settled.get(symbol) != tick:
            if not self._ledger.is_settled(symbol, tick):
                return None
            self._settled[symbol] = tick
        return tick + timedelta(seconds=self._interval)
