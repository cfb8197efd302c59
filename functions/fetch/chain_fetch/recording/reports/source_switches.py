"""Notices at which tick a symbol is read from another source than before."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from optionchain.errors import StoreUnavailable


class SourceHistory(Protocol):
    """Where the source of the ticks before is kept: TickLedger, or a fake in tests."""

    def last_sources(self, symbols: Sequence[str], before: datetime, /) -> dict[str, str]:
        """Return the source of each symbol's newest tick before an instant, where it is known.

        Raises StoreUnavailable.
        """


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

    def before(
        self, tick: datetime, sources: Mapping[str, str], step: Callable[[str], timedelta]
    ) -> dict[str, str]:
        """Return the sources before, of the symbols that had another one; not if it is not known.

        `sources` are those of a tick by symbol, `step` is the time between two ticks of a symbol.
        """
        unsure = [
            symbol
            for symbol, source in sources.items()
            if not self._follows(symbol, tick, source, step(symbol))
        ]
        self._known |= {symbol: _Known(tick, source) for symbol, source in sources.items()}
        found: dict[str, str] = {}
        with suppress(StoreUnavailable):
            found = self.history.last_sources(unsure, tick) if unsure else {}
        return {symbol: name for symbol, name in found.items() if name != sources[symbol]}

    def _follows(self, symbol: str, tick: datetime, source: str, step: timedelta) -> bool:
        """Tell whether the tick before was read here, from the same source."""
        known = self._known.get(symbol)
        return bool(known and known.source == source and timedelta() < tick - known.tick <= step)
