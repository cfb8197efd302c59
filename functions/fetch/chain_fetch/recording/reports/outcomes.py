"""Writes what became of ticks to the ledger, and reports it to CloudWatch."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from chain_fetch.recording.reports.backlog import Backlog
from chain_fetch.recording.reports.ledger_entry import LedgerEntry
from optionchain.errors import StoreUnavailable
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
        """Write the entries of a tick, by symbol; if they cannot be written they join the backlog.

        They get one `completed_at`: when all that the tick brought had been stored. Once the
        database is known to be away it is not tried again: each try takes a time-out.
        """
        completed_at = self.now()
        for entry in entries.values():
            entry["completed_at"] = completed_at
        if database_away or not self._write(tick, entries):
            for symbol, entry in entries.items():
                self.backlog.add(symbol, tick, entry, self.owner)
        for symbol, entry in entries.items():
            self.report(symbol, tick, entry)

    def write_backlog(self, seconds: float) -> None:
        """Write the entries that the ledger lacks, for so long; raise StoreUnavailable."""
        self.backlog.flush(self.ledger, seconds)

    def _write(self, tick: datetime, entries: Mapping[str, LedgerEntry]) -> bool:
        with suppress(StoreUnavailable):
            self.ledger.record_all(tick, entries, self.owner)
            return True
        return False
