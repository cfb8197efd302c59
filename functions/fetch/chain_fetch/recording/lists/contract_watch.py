"""Has each list of contracts read once a day, so that lots are known before the first tick.

Before the opening there is time. In a session a list that is still unread is read beside the ticks,
by a thread of its own.
"""

import time as timer
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Protocol

from chain_fetch.recording.lists.contract_master import ContractMaster
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.ticks.shift_hours import LONGEST_SHIFT
from chain_fetch.refused import Refused
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid, StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.market import Market

# How long the reading of one list may take. The largest file has some forty megabytes.
_READING_SECONDS = 25.0
# How soon a list is asked for again that could not be read: each minute while there is time or
# nothing is known of a symbol, rarely beside ticks or if it is not there, and never soon after a
# refusal.
_RETRY, _RETRY_RARELY, _RETRY_REFUSED = (timedelta(minutes=each) for each in (1, 15, 30))
_REFUSALS = ("blocked", "rate_limited", "unauthorised")


class ContractListReader(Protocol):
    """Where a list of contracts comes from: a vendor's file, the exchange's bhavcopy."""

    @property
    def name(self) -> str:
        """Return the name of the list, as it is stored."""

    def day(self, today: date, market: Market, /) -> date | None:
        """Return the trading day that the list is of which can be read today."""

    def read(
        self, symbols: Sequence[str], day: date, deadline: float, /
    ) -> Mapping[str, Mapping[date, ContractTerms]]:
        """Return the terms by symbol and expiry; raise Refused or PayloadInvalid.

        A symbol without options has no expiry. `deadline` is a `time.monotonic()` second.
        """


@dataclass
class ContractWatch:
    """Reads the lists that are unread, and never raises for them.

    `pool` reads in a session, while other threads read ticks.
    """

    readers: Sequence[ContractListReader]
    master: ContractMaster
    telemetry: Telemetry
    enabled: Callable[[], bool]
    now: Callable[[], datetime]
    pool: Executor
    _next_try: dict[str, datetime] = field(default_factory=dict)
    _reading: Lock = field(default_factory=Lock)

    def look(self, symbols: Sequence[str], market: Market) -> None:
        """Have unread lists read: at once before a session, beside the ticks while they are due."""
        now = self.now()
        opens = [each.opens for each in market.sessions(exchange_date(now)) if now < each.opens]
        if opens and min(opens) - now > LONGEST_SHIFT:
            self.read_unread(symbols, market)
        elif opens or market.is_open(now) or market.evening_round(now):
            reading = self.pool.submit(self.read_unread, symbols, market)
            reading.add_done_callback(self._say_failed)

    def read_unread(self, symbols: Sequence[str], market: Market) -> None:
        """Read each list that no execution environment has read yet, one after another."""
        if not self._reading.acquire(blocking=False):
            return  # another thread is reading them
        try:
            self.master.refresh(symbols)
            for reader in self.readers:
                day = reader.day(exchange_date(self.now()), market)
                if day and self._is_due(reader.name, symbols, day):
                    self._read(reader, symbols, day, market)
        finally:
            self._reading.release()

    def _is_due(self, name: str, symbols: Sequence[str], day: date) -> bool:
        if self.master.has_read(name, symbols, day):
            return False
        if name in self._next_try and self.now() < self._next_try[name]:
            return False
        try:
            return self.enabled()
        except StoreUnavailable:
            return False  # nobody knows whether somebody has read it

    def _read(
        self, reader: ContractListReader, symbols: Sequence[str], day: date, market: Market
    ) -> None:
        try:
            found = reader.read(symbols, day, timer.monotonic() + _READING_SECONDS)
        except (Refused, PayloadInvalid) as error:
            self._note_failure(reader.name, day, error)
            self._next_try[reader.name] = self.now() + self._pause(error, symbols, market)
            return
        for symbol in symbols:
            self.master.learn(reader.name, symbol, found.get(symbol, {}), day)
        self._say_differences(symbols)

    def _pause(
        self, error: Refused | PayloadInvalid, symbols: Sequence[str], market: Market
    ) -> timedelta:
        if isinstance(error, Refused) and error.reason in _REFUSALS:
            return max(_RETRY_REFUSED, timedelta(seconds=error.retry_after or 0))
        not_there = isinstance(error, Refused) and error.reason == "empty"
        beside_ticks = market.is_open(self.now()) and self.master.knows(symbols)
        return _RETRY_RARELY if not_there or beside_ticks else _RETRY

    def _note_failure(self, name: str, day: date, error: Exception) -> None:
        self.master.note_failure(name, day, str(error))
        self.telemetry.count("ContractListsUnread", 1)
        extra = {"list": name, "day": day.isoformat(), "detail": str(error)}
        self.telemetry.logger.warning("contract_list", extra=extra)

    def _say_differences(self, symbols: Sequence[str]) -> None:
        for detail in self.master.differences(symbols, exchange_date(self.now())):
            self.telemetry.logger.error("contract_lists_differ", extra={"detail": detail})

    def _say_failed(self, reading: Future[None]) -> None:
        if error := reading.exception():
            self.telemetry.logger.error("contract_list", exc_info=error)
