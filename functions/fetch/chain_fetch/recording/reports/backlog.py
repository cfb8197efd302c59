"""Ledger entries that could not be written while the database was away."""

import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from math import inf
from threading import Lock

from chain_fetch.recording.reports.ledger_entry import LedgerEntry
from optionchain.mongo.tick_ledger import TickLedger, TickOutcome

# A whole session of two symbols at one-second ticks; beyond that the oldest entries are dropped.
_MOST_ENTRIES = 50_000
# As many are written by one operation, which takes some hundredths of a second.
_AT_ONCE = 500


class Backlog:
    """Unwritten entries, which outlive an invocation as long as its execution environment does.

    One thread may add entries while another one writes them.
    """

    def __init__(self) -> None:
        self._entries: deque[TickOutcome] = deque(maxlen=_MOST_ENTRIES)
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def add(
        self, symbol: str, tick: datetime, entry: LedgerEntry, owner: str | None = None
    ) -> None:
        """Add an entry."""
        with self._lock:
            self._entries.append(TickOutcome(symbol, tick, entry, owner))

    def flush(self, ledger: TickLedger, seconds: float = inf) -> None:
        """Write the entries, oldest first, until so many seconds have passed.

        The rest stays, also if StoreUnavailable is raised.
        """
        until = time.monotonic() + seconds
        while self._entries and time.monotonic() < until:
            written = self._oldest()
            ledger.write(written)
            self._drop(written)

    def _oldest(self) -> list[TickOutcome]:
        with self._lock:
            return list(islice(self._entries, _AT_ONCE))

    def _drop(self, written: Sequence[TickOutcome]) -> None:
        with self._lock:
            for outcome in written:
                if self._entries and self._entries[0] is outcome:  # or it was dropped meanwhile
                    self._entries.popleft()
