"""Logs a wait of a source once when it begins, and once when it is over.

A line for each symbol and tick would be 24 a minute for two symbols, all of them the same.
"""

from dataclasses import dataclass, field
from datetime import datetime

from aws_lambda_powertools import Logger

from chain_fetch.recording.reports.ledger_entry import LedgerEntry


@dataclass
class WaitLog:
    """The wait in which this execution environment skips ticks, if there is one.

    Every environment logs a wait for itself, with the ticks of symbols that it has skipped.
    """

    _until: datetime | None = None
    _since: datetime | None = None
    _skipped: int = 0
    _symbols: set[str] = field(default_factory=set)

    def note(self, symbol: str, tick: datetime, entry: LedgerEntry, logger: Logger) -> bool:
        """Tell whether the outcome of a tick needs no line of its own: it is of a wait."""
        until = entry.get("waits_until")
        if self._until and until != self._until:
            self._end(logger)
        if until is None:
            return False
        if self._until is None:
            self._until, self._since = until, tick
            extra = {"reason": entry["reason"], "detail": entry["detail"]}
            logger.warning("source_waits", extra=extra | {"until": until.isoformat()})
        self._skipped += 1
        self._symbols.add(symbol)
        return True

    def _end(self, logger: Logger) -> None:
        extra = {
            "since": self._since and self._since.isoformat(),
            "skipped": self._skipped,
            "symbols": len(self._symbols),
        }
        logger.warning("source_wait_over", extra=extra)
        self._until, self._skipped = None, 0
        self._symbols.clear()
