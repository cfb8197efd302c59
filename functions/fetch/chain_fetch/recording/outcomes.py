"""Writes what became of ticks to the ledger, and reports it to CloudWatch."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from chain_fetch.recording.backlog import Backlog
from chain_fetch.recording.ledger_entry import LedgerEntry
from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import OPERATION_TIMEOUT_MS
from optionchain.mongo.tick_ledger import TickLedger

type Report = Callable[[str, datetime, LedgerEntry], None]


@dataclass(frozen=True)
class TickOutcomes:
    """The ledger, the backlog of entries that it lacks, and the report of each entry.

    `owner` is the invocation whose ticks these are.
    """

    ledger: TickLedger
    backlog: Backlog
    report: Report
    now: Callable[[], datetime]
    owner: str | None = None

    def record(
        self, tick: datetime, entries: Mapping[str, LedgerEntry], *, database_away: bool = False
    ) -> None:
        """Write the entries of a tick, by symbol; those that cannot be written join the backlog.

        Once the database is known to be away it is not tried again: each try takes a time-out. The
        same holds once it has taken as long as that for the entries of one tick.
        """
        until = time.monotonic() + OPERATION_TIMEOUT_MS / 1e3
        for symbol, entry in entries.items():
            database_away = database_away or time.monotonic() > until
            entry["completed_at"] = self.now()
            database_away = database_away or not self._write(symbol, tick, entry)
            if database_away:
                self.backlog.add(symbol, tick, entry, self.owner)
            self.report(symbol, tick, entry)

    def write_backlog(self, seconds: float) -> None:
        """Write the entries that the ledger lacks, for so long; raise StoreUnavailable."""
        self.backlog.flush(self.ledger, seconds)

    def _write(self, symbol: str, tick: datetime, entry: LedgerEntry) -> bool:
        with suppress(StoreUnavailable):
            self.ledger.record(symbol, tick, entry, self.owner)
            return True
        return False
