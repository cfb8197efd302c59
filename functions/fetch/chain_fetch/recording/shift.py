"""An invocation's time on duty: claim each tick of the grid, then have it read.

Shifts are a relay. On its start an invocation takes over its symbols; whoever was on duty sees
that and leaves. Ticks are claimed on time by this loop while a single worker reads them in order.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from chain_fetch.recording.backlog import Backlog
from chain_fetch.recording.ledger_entry import Entry, entry_of, lost, skipped
from chain_fetch.recording.source_backoff import SourceWatch
from chain_fetch.recording.tick import Read
from chain_fetch.recording.tick_grid import first_tick
from optionchain.errors import StoreUnavailable
from optionchain.market import Market
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger

LONGEST_STAY = timedelta(minutes=2)
# Clocks of two execution environments may differ by about a second: a newcomer also tries the
# tick that has just begun, which the one before it may not have reached.
CLOCK_SKEW = timedelta(seconds=1.5)
# How often one who waits looks whether it was relieved: a look costs a small read, a second not
# looked costs a second of two Lambdas.
_LOOK = timedelta(seconds=1)

type Report = Callable[[str, datetime, Entry], None]
type ReadTick = Callable[[Sequence[str], datetime], dict[str, list[Read]]]


class Clock(Protocol):
    """The wall clock, or a simulated one."""

    def now(self) -> datetime:
        """Return the time, UTC."""

    def monotonic(self) -> float:
        """Return seconds that never jump, from any beginning."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


@dataclass(frozen=True)
class Shift:
    """One invocation on duty for some symbols, from `run` until relieved.

    `prepare` makes the database ready; like everything else that asks the database, it may raise
    StoreUnavailable. `enabled` tells whether the recorder is switched on; `watch` knows when the
    exchange is not to be asked.
    """

    owner: str
    symbols: Sequence[str]
    interval: int
    market: Market
    prepare: Callable[[], None]
    enabled: Callable[[], bool]
    register: ShiftRegister
    ledger: TickLedger
    backlog: Backlog
    watch: SourceWatch
    read: ReadTick
    report: Report
    clock: Clock
    worker: Executor
    _work: list[Future[None]] = field(default_factory=list)
    _away: list[StoreUnavailable] = field(default_factory=list)

    def run(self, leave_by: datetime) -> int:
        """Work until relieved, the session ends, or `leave_by`; return how many ticks it began.

        A bad tick is recorded, never raised; an unforeseen error is raised at the end.
        """
        on_duty = False
        began = 0
        stay = min(leave_by - self.clock.now(), LONGEST_STAY).total_seconds()
        ends = self.clock.monotonic() + stay  # whatever becomes of the wall clock
        for tick in self._ticks(leave_by):
            if not began:  # before the wait, so that whoever is on duty leaves meanwhile
                on_duty = self._take_over()
            if not self._wait(tick, on_duty, ends):
                break
            time_is_up = self.clock.monotonic() >= ends
            on_duty = on_duty or (not time_is_up and self._take_over())
            if not self._begin(tick, on_duty and not time_is_up):
                break
            began += 1
        for work in self._work:
            work.result()
        with suppress(StoreUnavailable):  # then the next invocation here, if there ever is one
            self.backlog.flush(self.ledger)
        return began

    def _ticks(self, leave_by: datetime) -> Iterator[datetime]:
        started = self.clock.now()
        last = min(leave_by, started + LONGEST_STAY)
        tick = first_tick(started - CLOCK_SKEW, self.interval)
        while tick < last:
            if self.market.is_due(tick):
                yield tick
            tick += timedelta(seconds=self.interval)

    def _take_over(self) -> bool:
        try:
            self.prepare()
            self.register.take_over(self.symbols, self.owner, self.clock.now())
        except StoreUnavailable as error:
            self._away.append(error)
            return False  # tried again at the next tick
        return True

    def _wait(self, tick: datetime, on_duty: bool, ends: float) -> bool:
        """Wait for a tick; return False where somebody took over, or it will not come in time."""
        while (ahead := tick - self.clock.now()) > timedelta() and self.clock.monotonic() < ends:
            self.clock.sleep(min(ahead, _LOOK).total_seconds())
            if on_duty and ahead > _LOOK and not self._still_on_duty():
                return False
        return tick <= self.clock.now()

    def _still_on_duty(self) -> bool:
        try:
            return bool(self.register.held_by(self.owner, self.symbols))
        except StoreUnavailable:
            return True  # not known to be relieved

    def _begin(self, tick: datetime, on_duty: bool) -> bool:
        """Claim a tick and hand it to the worker; return False where relieved or switched off."""
        try:
            if not on_duty:
                # Not asked for each tick that an outage has let pass: a try takes a time-out.
                why = f": {self._away[-1]}" if self._away else ""
                raise StoreUnavailable(f"the database was away when the tick was due{why}")
            self.backlog.flush(self.ledger)
            # After the take-over: an invocation that a stop has overtaken leaves here.
            held = self.register.held_by(self.owner, self.symbols) if self.enabled() else []
            now = self.clock.now()
            mine = [name for name in held if self.ledger.claim(name, tick, self.owner, now)]
        except StoreUnavailable as error:
            now = self.clock.now()
            entries = {symbol: lost(tick, now, error) for symbol in self.symbols}
            self._record(tick, entries, away=True)
            return True
        if mine:
            self._work.append(self.worker.submit(self._read, mine, tick))
        return bool(held)

    def _read(self, symbols: Sequence[str], tick: datetime) -> None:
        started = self.clock.now()
        if started - tick >= timedelta(seconds=self.interval):
            late = skipped(tick, started, "busy", "the tick before it took too long")
            self._record(tick, {symbol: dict(late) for symbol in symbols})
            return
        if state := self.watch.waiting():
            held = skipped(tick, started, state.reason or "busy", state.until_text())
            self._record(tick, {symbol: dict(held) for symbol in symbols})
            return
        reads = self.read(symbols, tick)
        self.watch.learn(reads)
        self._record(tick, {name: entry_of(tick, started, reads[name]) for name in reads})

    def _record(self, tick: datetime, entries: Mapping[str, Entry], *, away: bool = False) -> None:
        """Write what became of a tick, by symbol; what cannot be written is owed.

        Once the database is known to be away it is not tried again: each try takes a time-out.
        """
        for symbol, entry in entries.items():
            entry["completed_at"] = self.clock.now()
            away = away or not self._written(symbol, tick, entry)
            if away:
                self.backlog.add(symbol, tick, entry)
            self.report(symbol, tick, entry)

    def _written(self, symbol: str, tick: datetime, entry: Entry) -> bool:
        try:
            self.ledger.record(symbol, tick, entry)
        except StoreUnavailable:
            return False
        return True
