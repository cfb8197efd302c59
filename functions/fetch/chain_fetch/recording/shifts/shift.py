"""An invocation's time on duty: it claims each tick of its symbols and has it read.

Shifts are a relay. At its start an invocation takes over its symbols; the one that was on duty
sees that and leaves. This loop claims ticks on time, while a single worker reads them in order.

In the evening each tick reads what the one before it could not, and has a whole minute for that.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Protocol

from chain_fetch.recording.reports.ledger_entry import (
    LedgerEntry,
    completed_entry,
    skipped_entry,
    source_entry,
    unclaimed_entry,
    waiting_entry,
)
from chain_fetch.recording.reports.outcomes import TickOutcomes
from chain_fetch.recording.source_choice.source_reader import Results, SourceOrder, SymbolRead
from chain_fetch.recording.ticks.clock import Clock
from chain_fetch.recording.ticks.shift_hours import CLOCK_SKEW, ShiftHours
from chain_fetch.recording.ticks.shift_ticks import ShiftTicks
from chain_fetch.recording.ticks.tick_time import TickTime
from optionchain.errors import StoreUnavailable
from optionchain.market import Market
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import TickLedger

# How often a waiting shift checks whether it was relieved. A check costs a small read; a second
# without a check costs a second of two running Lambdas.
_OWNER_CHECK_INTERVAL = timedelta(seconds=1)
# After an outage of many symbols the backlog is long: it is written in parts, and ticks go on.
_BACKLOG_SECONDS = 2.0


class Agenda(Protocol):
    """What is due of the evening's ticks: EveningAgenda, or nothing of them in tests."""

    def due(self, symbols: Sequence[str], tick: datetime, /) -> list[str]:
        """Return the symbols of which a tick reads something; in a session all of them."""

    def remarks(
        self, symbol: str, tick: datetime, /, *, database_away: bool = False
    ) -> LedgerEntry:
        """Return what the ledger says of an evening tick beside its outcome; else nothing."""


class Memory(Protocol):
    """What is remembered from tick to tick: ShiftMemory, or a fake in tests."""

    def begin(self, symbols: Sequence[str], tick: datetime, /) -> None:
        """Learn what other invocations did before a tick; never raises for the database."""

    def note(self, tick: datetime, entries: Mapping[str, LedgerEntry], /) -> None:
        """Remember the outcomes of a tick."""

    def oldest(self, symbols: Sequence[str], tick: datetime, market: Market, /) -> dict[str, float]:
        """Return the largest age of an expiry by symbol, in seconds; nothing out of a session."""


class CrossChecks(Protocol):
    """What compares the sources in what is left of a tick: CrossCheck, or a fake in tests."""

    def __call__(self, tick: datetime, reads: Mapping[str, SymbolRead], seconds: float, /) -> None:
        """Go on with the checks within so many seconds; never raises for one."""


@dataclass(frozen=True)
class Shift:
    """One invocation on duty for some symbols, from `run` until it is relieved.

    `agenda` says which symbols have something to read. `warm_up` makes the database ready.
    `enabled` tells whether the recorder is switched on. All may raise StoreUnavailable, as
    everything that asks the database. `prove` is given what a tick brought once it is recorded; it
    never raises for it. `cross_check` compares the sources, if there are several and it is wanted.
    `memory` keeps whose turn it is. `report_ages` is told each minute how long ago the expiry was
    answered that waits longest, by symbol and in seconds.
    """

    owner: str
    ticks: ShiftTicks
    agenda: Agenda
    warm_up: Callable[[], None]
    enabled: Callable[[], bool]
    register: ShiftRegister
    ledger: TickLedger
    outcomes: TickOutcomes
    sources: SourceOrder
    clock: Clock
    worker: Executor
    memory: Memory | None = None
    report_ages: Callable[[Mapping[str, float]], None] = lambda ages: None  # noqa: ARG005
    prove: Callable[[datetime, Results], None] = lambda tick, results: None  # noqa: ARG005
    cross_check: CrossChecks | None = None
    _work: list[Future[None]] = field(default_factory=list)
    _database_errors: list[StoreUnavailable] = field(default_factory=list)

    def run(self, leave_by: datetime) -> int:
        """Work until relieved, the session ends, or `leave_by`; return how many ticks it began.

        By `leave_by` every request has ended; to store and record the last tick takes longer.
        A bad tick is recorded, never raised. An unforeseen error is raised at the end.
        """
        on_duty = False
        began = 0
        hours = ShiftHours.from_now(self.clock, leave_by)
        for tick in takewhile(self._is_due, hours.ticks(self.ticks)):
            if not began and not on_duty:
                # Before the wait, so that the invocation on duty leaves meanwhile.
                on_duty = self._take_over(hours)
            if not began and on_duty and self._time(tick, hours).is_over():
                continue  # it was due before this shift, and the warm-up took the rest of it
            if not self._wait(tick, on_duty, hours.last_second):
                break
            time_is_up = self.clock.monotonic() >= hours.last_second
            if on_duty and time_is_up:
                break  # the tick that has just begun is the next invocation's
            on_duty = on_duty or (not time_is_up and self._take_over(hours))
            if not self._begin(tick, on_duty, hours):
                break
            began += 1
        for work in self._work:
            work.result()
        with suppress(StoreUnavailable):  # then the next invocation in this environment writes it
            self.outcomes.write_backlog(_BACKLOG_SECONDS)
        return began

    def _is_due(self, tick: datetime) -> bool:
        """Tell whether a tick reads anything: the evening may have read all there is."""
        if not self.ticks.market.is_optional(tick):
            return True
        for work in self._work:
            work.result()  # it may be reading the rest just now
        try:
            return bool(self.agenda.due(self.ticks.due(tick), tick))
        except StoreUnavailable:
            return True  # what is not known may be due

    def _time(self, tick: datetime, hours: ShiftHours) -> TickTime:
        return TickTime(tick, self.ticks, hours, self.clock)

    def _take_over(self, hours: ShiftHours) -> bool:
        try:
            self.warm_up()
            now = self.clock.now()
            self.register.begin_all(
                {
                    Duty(now, hours.last, *rhythm): symbols
                    for rhythm, symbols in self.ticks.by_rhythm.items()
                },
                self.owner,
            )
        except StoreUnavailable as error:
            self._database_errors.append(error)
            return False  # tried again at the next tick
        return True

    def _wait(self, tick: datetime, on_duty: bool, ends: float) -> bool:
        """Wait for a tick; return False if relieved, or if the tick will not come in time."""
        while (ahead := tick - self.clock.now()) > timedelta() and self.clock.monotonic() < ends:
            self.clock.sleep(min(ahead, _OWNER_CHECK_INTERVAL).total_seconds())
            if on_duty and ahead > _OWNER_CHECK_INTERVAL and not self._still_on_duty(tick):
                return False
        return tick <= self.clock.now()

    def _still_on_duty(self, tick: datetime) -> bool:
        try:
            return bool(self._held(tick))
        except StoreUnavailable:
            return True  # an unreachable database is no relief

    def _held(self, tick: datetime) -> list[str]:
        """Return the symbols whose tick, if one is due, is this shift's.

        The successor claims ticks from its start on, by its own clock. If that clock is ahead, the
        ticks up to there are still this shift's.
        """
        return self.register.held_by(self.owner, self.ticks.symbols, tick + CLOCK_SKEW)

    def _begin(self, tick: datetime, on_duty: bool, hours: ShiftHours) -> bool:
        """Claim a tick and hand it to the worker; return False if relieved or switched off."""
        symbols = self.ticks.due(tick)
        try:
            if not on_duty:
                # After an outage the database is not asked again for each tick that has passed.
                cause = f": {self._database_errors[-1]}" if self._database_errors else ""
                raise StoreUnavailable(f"no shift could begin when the tick was due{cause}")
            self.outcomes.write_backlog(min(_BACKLOG_SECONDS, self.ticks.length(tick) / 5))
            # The switch is read after the take-over: so a stop is not overlooked.
            held = self._held(tick) if self.enabled() else []
            mine = [symbol for symbol in symbols if symbol in held]
            due, now = self.agenda.due(mine, tick), self.clock.now()
            claimed = self.ledger.claim_all(due, tick, self.owner, now)
        except StoreUnavailable as error:
            now = self.clock.now()
            entries = {symbol: unclaimed_entry(tick, now, error) for symbol in symbols}
            self._record(tick, entries, database_away=True)
            return True
        if claimed:
            if self.memory and not self._work:
                self._work.append(self.worker.submit(self.memory.begin, self.ticks.symbols, tick))
            self._work.append(self.worker.submit(self._read, claimed, tick, hours))
        return bool(held)

    def _read(self, symbols: Sequence[str], tick: datetime, hours: ShiftHours) -> None:
        started = self.clock.now()
        time = self._time(tick, hours)
        if time.left() <= 0:
            skipped = skipped_entry(tick, started, "busy", "the invocation had no time left")
        elif started - tick >= timedelta(seconds=time.interval):
            skipped = skipped_entry(tick, started, "busy", "the tick before it took too long")
        elif isinstance(reads := self.sources.read(symbols, tick, time), SourceState):
            skipped = waiting_entry(tick, started, reads)
        else:
            entries = {
                name: completed_entry(tick, started, read.results)
                | source_entry(read.source, read.failures, read.switch)
                for name, read in reads.items()
            }
            self._finish(tick, entries)
            self.prove(tick, {name: read.results for name, read in reads.items()})
            if self.cross_check:
                self.cross_check(tick, reads, time.spare())
            return
        self._finish(tick, {symbol: dict(skipped) for symbol in symbols})

    def _finish(self, tick: datetime, entries: Mapping[str, LedgerEntry]) -> None:
        """Record the outcomes of a tick that was claimed, and remember them."""
        self._record(tick, entries)
        if self.memory is None:
            return
        self.memory.note(tick, entries)
        if self.ticks.begins_minute(tick):
            self.report_ages(self.memory.oldest(self.ticks.symbols, tick, self.ticks.market))

    def _record(
        self, tick: datetime, entries: Mapping[str, LedgerEntry], *, database_away: bool = False
    ) -> None:
        for symbol, entry in entries.items():
            entry.update(self.agenda.remarks(symbol, tick, database_away=database_away))
        self.outcomes.record(tick, entries, database_away=database_away)
