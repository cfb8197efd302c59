"""Has the list of the symbols that have options read once a day, before the plan is made of it.

Before the opening there is time. In a session a list that is still unread is read beside the ticks.
If no list was ever believed, nothing can be recorded, so it is read at once.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.ticks.shift_hours import LONGEST_SHIFT
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.symbol_directory import SymbolDirectory
from optionchain.symbol_list import SymbolList

# How soon some environment asks again: each minute while there is time, rarely beside ticks. A
# little less, because invocations jitter.
_RETRY, _RETRY_RARELY = timedelta(seconds=55), timedelta(minutes=14, seconds=55)


class ListReader(Protocol):
    """What reads and stores the list: SymbolListReader, or a fake in tests."""

    def read(self, before: SymbolList | None, /) -> None:
        """Read the list of today; raise StoreUnavailable."""


@dataclass
class SymbolWatch:
    """Looks at the beginning of each invocation, and never raises.

    Nothing is asked where the settings name each symbol. `pool` reads in a session, while other
    threads read ticks.
    """

    directory: SymbolDirectory
    reader: ListReader
    market: Callable[[], Market]
    telemetry: Telemetry
    enabled: Callable[[], bool]
    now: Callable[[], datetime]
    pool: Executor
    _reading: Lock = field(default_factory=Lock)

    def __call__(self) -> None:
        """Have the list of today read if it is due."""
        if not self.directory.needs_list:
            return
        try:
            known = self.directory.plan().symbol_list
        except StoreUnavailable:
            return  # nobody knows whether somebody has read it
        if known is None:
            self._read(None)
        elif known.day < exchange_date(self.now()):
            self._renew(known)

    def _renew(self, known: SymbolList) -> None:
        now, market = self.now(), self.market()
        opens = [each.opens for each in market.sessions(exchange_date(now)) if now < each.opens]
        if opens and min(opens) - now > LONGEST_SHIFT:
            self._read(known, _RETRY)
        elif opens or market.is_open(now):
            reading = self.pool.submit(self._read, known, _RETRY_RARELY)
            reading.add_done_callback(self._say_failed)

    def _read(self, known: SymbolList | None, pause: timedelta = timedelta()) -> None:
        """Read the list, if no other thread does, and no other environment did within the pause.

        Without any list no environment waits for another one.
        """
        if not self._reading.acquire(blocking=False):
            return
        try:
            if self.enabled() and (known is None or self._claims(pause)):
                self.reader.read(known)
        except StoreUnavailable as error:
            self.telemetry.logger.warning("symbol_list_unread", extra={"detail": str(error)})
        finally:
            self.directory.forget()
            self._reading.release()

    def _claims(self, pause: timedelta) -> bool:
        return self.directory.register.claim_reading(self.now(), pause)

    def _say_failed(self, reading: Future[None]) -> None:
        if error := reading.exception():
            self.telemetry.logger.error("symbol_list_unread", exc_info=error)
