"""What a recorder remembers from tick to tick, and learns of others when it takes over.

Execution environments take turns, so each finds in the database what the others did meanwhile.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from chain_fetch.recording.budget.turns import Turns
from chain_fetch.recording.lists.listed_expiries import ListedExpiries
from chain_fetch.recording.reports.expiry_ages import ExpiryAges
from chain_fetch.recording.reports.ledger_entry import LedgerEntry
from optionchain.errors import StoreUnavailable
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument

# So far back it is looked who was busy. Nobody who was busy before that is left out for it.
LOOKS_BACK = timedelta(minutes=15)


class BusyTicks(Protocol):
    """Where outcomes are kept: TickLedger, or a fake in tests."""

    def last_busy(self, symbols: Sequence[str], since: datetime, /) -> dict[str, datetime]:
        """Return the newest busy tick of each symbol since an instant; raise StoreUnavailable."""


class SeenExpiries(Protocol):
    """Where headers are kept: HeaderReader, or a fake in tests."""

    def newest_of_symbols(
        self, expiries: Mapping[str, Sequence[date]], columns: Sequence[str] | None = None, /
    ) -> dict[str, dict[date, HeaderDocument]]:
        """Return the newest header of each expiry; raise StoreUnavailable."""


@dataclass(frozen=True)
class ShiftMemory:
    """The turns of the symbols and the ages of their expiries; `lists` are those of the sources."""

    turns: Turns
    ages: ExpiryAges
    ledger: BusyTicks
    headers: SeenExpiries
    lists: Sequence[ListedExpiries]

    def begin(self, symbols: Sequence[str], tick: datetime) -> None:
        """Learn what others did, by a query for each of the three; what is not known is left out.

        It is called just before the first tick of a shift is read: the one before has an outcome.
        """
        with suppress(StoreUnavailable):
            busy_at = self.ledger.last_busy(symbols, tick - LOOKS_BACK)
            self.turns.learn(busy_at, {})
            known = self._known(symbols, tick)
            headers = self.headers.newest_of_symbols(known, ("last_seen_at",))
            seen_at = {
                (symbol, day): header["last_seen_at"]
                for symbol, by_day in headers.items()
                for day, header in by_day.items()
            }
            self.turns.learn({}, seen_at)
            self.ages.learn(known, seen_at)

    def note(self, tick: datetime, entries: Mapping[str, LedgerEntry]) -> None:
        """Remember the outcomes of a tick."""
        self.turns.note(tick, entries)

    def oldest(self, symbols: Sequence[str], tick: datetime, market: Market) -> dict[str, float]:
        """Return the largest age of an expiry by symbol, in seconds; nothing out of a session."""
        session = market.session_at(tick)
        return self.ages.oldest(symbols, tick, session.opens) if session else {}

    def _known(self, symbols: Sequence[str], tick: datetime) -> dict[str, list[date]]:
        found: dict[str, list[date]] = {}
        for listed in self.lists:
            listed.load(symbols)
            more = {symbol: listed.known(symbol, tick) for symbol in symbols}
            found = {symbol: days for symbol, days in more.items() if days} | found
        return found
