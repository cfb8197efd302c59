"""Reads the list of the symbols that have options, judges it, and stores what is believed of it."""

import time as timer
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from chain_fetch.recording.lists.symbol_evidence import AskedSource, SymbolEvidence
from chain_fetch.recording.lists.symbol_list_rules import (
    ListReading,
    SymbolFacts,
    doubt_of,
    next_list,
)
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import exchange_date
from optionchain.market import Market, Session
from optionchain.mongo.symbol_list_register import RejectedList, SymbolListRegister
from optionchain.symbol_list import SymbolList

# How long a list may take, and one that is taken out of a file of all contracts.
_LIST_SECONDS, _FILE_SECONDS = 10.0, 25.0
# How long the file of a source is left alone that has refused it.
_LEFT_ALONE = timedelta(minutes=30)
_REFUSALS = ("blocked", "rate_limited", "unauthorised")


class FactsReader(Protocol):
    """What the record knows of all symbols: TradedValue, or a fake in tests."""

    def of(self, session: Session | None, /) -> Mapping[str, SymbolFacts]:
        """Return it by symbol, as of the end of a session; raise StoreUnavailable."""


@dataclass
class SymbolListReader:
    """Asks the sources in order of preference until one sends a list that is believed."""

    sources: Sequence[AskedSource]
    register: SymbolListRegister
    facts: FactsReader
    market: Callable[[], Market]
    telemetry: Telemetry
    now: Callable[[], datetime]
    _left_until: dict[str, datetime] = field(default_factory=dict)

    def read(self, before: SymbolList | None) -> None:
        """Read and store the list of today; without any, that before it holds.

        Raises StoreUnavailable.
        """
        for asked, reading in self._sent():
            if doubt := doubt_of(reading.sent, before):
                self._reject(RejectedList(reading.read_at, asked.name, doubt))
                continue
            facts = self.facts.of(_last_ended(self.market(), self.now()))
            ended = SymbolEvidence(asked, self.now).ended(reading, before, facts)
            believed = next_list(reading, before, ended, facts)
            if self.register.write(believed):
                self._say(believed)
            return

    def _sent(self) -> Iterator[tuple[AskedSource, ListReading]]:
        """Yield the lists of the sources, one after another; a source that refuses has none."""
        for asked in self.sources:
            now = self.now()
            if self._waits(asked, now):
                continue
            seconds = _FILE_SECONDS if asked.list_is_file else _LIST_SECONDS
            try:
                sent = asked.source.symbols(timer.monotonic() + seconds)
            except (Refused, PayloadInvalid) as error:
                self._note_failure(asked, error)
                continue
            yield asked, ListReading(exchange_date(now), now, asked.name, sent)

    def _waits(self, asked: AskedSource, now: datetime) -> bool:
        if asked.list_is_file:
            return now < self._left_until.get(asked.name, now)
        return asked.backoff.current_wait() is not None

    def _reject(self, rejected: RejectedList) -> None:
        self.register.reject(rejected)
        self.telemetry.count("SymbolListRejected", 1)
        extra = {"source": rejected.source, "detail": rejected.detail}
        self.telemetry.logger.error("symbol_list_rejected", extra=extra)

    def _note_failure(self, asked: AskedSource, error: Refused | PayloadInvalid) -> None:
        if isinstance(error, Refused) and not asked.list_is_file:
            asked.backoff.record_refusal(error)
        elif isinstance(error, Refused) and error.reason in _REFUSALS:
            self._left_until[asked.name] = self.now() + _LEFT_ALONE
        self.telemetry.count("SymbolListUnread", 1)
        extra = {"source": asked.name, "detail": str(error)}
        self.telemetry.logger.warning("symbol_list_unread", extra=extra)

    def _say(self, believed: SymbolList) -> None:
        lost_since = {
            symbol: each.lost_since.isoformat()
            for symbol, each in believed.symbols.items()
            if each.lost_since
        }
        changed = believed.added or believed.removed or lost_since
        level = self.telemetry.logger.warning if changed else self.telemetry.logger.info
        extra = {
            "source": believed.source,
            "day": believed.day.isoformat(),
            "symbols": len(believed.symbols),
            "added": list(believed.added),
            "removed": list(believed.removed),
            "lost_since": lost_since,
        }
        level("symbol_list", extra=extra)
        self.telemetry.count("SymbolsAdded", len(believed.added))
        self.telemetry.count("SymbolsRemoved", len(believed.removed))


def _last_ended(market: Market, now: datetime) -> Session | None:
    session = market.last_session(now)
    if session and session.closes > now:
        return market.last_session(session.opens - timedelta.resolution)
    return session
