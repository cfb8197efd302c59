"""Ledger entries that could not be written while the database was away."""

import time
from collections import deque
from datetime import datetime
from math import inf
from typing import NamedTuple

from chain_fetch.recording.ledger_entry import LedgerEntry
from optionchain.mongo.tick_ledger import TickLedger

# A whole session of two symbols at one-second ticks; beyond that the oldest entries are dropped.
_MOST_ENTRIES = 50_000


class UnwrittenEntry(NamedTuple):
    """An entry that the ledger does not have yet, and the invocation whose tick it was."""

    symbol: str
    tick: datetime
    entry: LedgerEntry
    owner: str | None = None


class Backlog:
    """Unwritten entries, which outlive an invocation as long as its execution environment does."""

    def __init__(self) -> None:
        self._entries: deque[UnwrittenEntry] = deque(maxlen=_MOST_ENTRIES)

    def __len__(self) -> int:
        return len(self._entries)

    def add(
        self, symbol: str, tick: datetime, entry: LedgerEntry, owner: str | None = None
    ) -> None:
        """Add an entry."""
        self._entries.append(UnwrittenEntry(symbol, tick, entry, owner))

    def flush(self, ledger: TickLedger, seconds: float = inf) -> None:
        """Write the entries, oldest first, until so many seconds have passed.

        The rest stays, also if StoreUnavailable is raised.
        """
        until = time.monotonic() + seconds
        while self._entries and time.monotonic() < until:
            ledger.record(*self._entries[0])
            self._entries.popleft()
