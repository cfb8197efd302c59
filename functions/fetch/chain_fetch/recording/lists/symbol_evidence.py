"""Asks about symbols that a list has lost, and about new ones: is there anything to record?"""

import time as timer
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chain_fetch.recording.lists.symbol_list_rules import (
    UNKNOWN,
    ListReading,
    SymbolFacts,
    has_ended,
    lost,
    new,
)
from chain_fetch.recording.lists.trading_evidence import Trial
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.refused import Refused
from chain_fetch.source import SentSymbol
from optionchain.errors import PayloadInvalid
from optionchain.symbol_list import SymbolList

# How long all questions of one reading may take together.
_ASKING_SECONDS = 10.0


class SymbolSource(Protocol):
    """What a source is asked: NseClient, or a fake in tests. As in Source and ListsSymbols."""

    def symbols(self, deadline: float, /) -> Mapping[str, SentSymbol]:
        """Return every symbol that has options now; raise Refused or PayloadInvalid."""

    def expiries(self, symbol: str, deadline: float, /) -> list[date]:
        """Return the expiries listed now, nearest first; raise Refused or PayloadInvalid."""


@dataclass(frozen=True)
class AskedSource:
    """A source by its name, how an expiry of it is tried, and whether it waits after a refusal.

    A list that is taken out of a file needs no token, and no wait of the source holds for it.
    """

    name: str
    source: SymbolSource
    trial: Trial
    backoff: SourceBackoff
    list_is_file: bool


@dataclass(frozen=True)
class SymbolEvidence:
    """What a source answers about the symbols of which its list alone does not decide."""

    asked: AskedSource
    now: Callable[[], datetime]

    def ended(
        self, reading: ListReading, before: SymbolList | None, facts: Mapping[str, SymbolFacts]
    ) -> set[str]:
        """Return the lost symbols that are gone, and the new ones that have no expiry yet."""
        deadline = timer.monotonic() + _ASKING_SECONDS
        missing = before.symbols.keys() - reading.sent.keys() if before else set()
        trades = {
            symbol: self._trades(symbol, facts.get(symbol, UNKNOWN).current(reading.day), deadline)
            for symbol in lost(reading, before)
        }
        gone = {
            symbol
            for symbol in missing
            if has_ended(facts.get(symbol, UNKNOWN), reading.day, trades=trades.get(symbol))
        }
        empty = {each for each in new(reading, before) if self._listed(each, deadline) == []}
        return gone | empty

    def _trades(self, symbol: str, known: list[date], deadline: float) -> bool | None:
        """Return whether a lost symbol trades, None if that is not clear.

        That it lists nothing may be a hiccup: what was known of it is tried. That it sends nothing
        may be one as well if it lists expiries: what is gone is not asked for again.
        """
        listed = self._listed(symbol, deadline)
        if not (expiries := listed or known):
            return None if listed is None else False
        trades = self.asked.trial(symbol, expiries[0], self.now(), deadline)
        return None if listed and not trades else trades

    def _listed(self, symbol: str, deadline: float) -> list[date] | None:
        """Return which expiries a source lists, None if it does not say."""
        if self.asked.backoff.current_wait():
            return None
        try:
            return self.asked.source.expiries(symbol, deadline)
        except PayloadInvalid:
            return []
        except Refused:
            return None
