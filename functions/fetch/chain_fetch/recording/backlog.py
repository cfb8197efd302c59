"""Ledger entries that could not be written while the database was away."""

from collections import deque
from datetime import datetime
from typing import NamedTuple

from chain_fetch.recording.ledger_entry import Entry
from optionchain.mongo.tick_ledger import TickLedger

# A whole session of two symbols at one second; older ones give way.
_LONGEST = 50_000


class _Owed(NamedTuple):
    symbol: str
    tick: datetime
    entry: Entry


class Backlog:
    """Keeps what the ledger is owed, beyond one invocation where the environment lives on."""

    def __init__(self) -> None:
        self._owed: deque[_Owed] = deque(maxlen=_LONGEST)

    def __len__(self) -> int:
        return len(self._owed)

    def add(self, symbol: str, tick: datetime, entry: Entry) -> None:
        """Remember an entry."""
        self._owed.append(_Owed(symbol, tick, entry))

    def flush(self, ledger: TickLedger) -> None:
        """Write what is owed, oldest first; on StoreUnavailable the rest stays."""
        while self._owed:
            owed = self._owed[0]
            ledger.record(owed.symbol, owed.tick, owed.entry)
            self._owed.popleft()
