"""Notices at which tick a symbol is read from another source than before."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from optionchain.errors import StoreUnavailable


class SourceHistory(Protocol):
    """Where the source of the ticks before is kept: TickLedger, or a fake in tests."""

    def last_source(self, symbol: str, before: datetime, /) -> str | None:
        """Return the source of the newest tick before an instant; raise StoreUnavailable."""


class Switch(NamedTuple):
    """From which source a symbol was read before, and why it is read from another one now.

    `reason` is one of the ledger's, `preferred` if a source that is preferred has come back, or
    `setting` if the source before is not one of the recorder's any more.
    """

    source: str
    reason: str


class _Known(NamedTuple):
    tick: datetime
    source: str


@dataclass
class SourceSwitches:
    """Remembers by symbol which source the last tick was read from.

    Another invocation may have read the ticks in between. So the ledger is asked unless the tick
    before was read here, from the same source.
    """

    history: SourceHistory
    _known: dict[str, _Known] = field(default_factory=dict)

    def before(self, symbol: str, tick: datetime, source: str, length: timedelta) -> str | None:
        """Return the source before if it was another one; None as well if it is not known.

        `length` is the time between two ticks.
        """
        known = self._known.get(symbol)
        self._known[symbol] = _Known(tick, source)
        if known and known.source == source and timedelta() < tick - known.tick <= length:
            return None
        before = None
        with suppress(StoreUnavailable):
            before = self.history.last_source(symbol, tick)
        return before if before != source else None
