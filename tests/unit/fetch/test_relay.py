"""The relay of shifts over thousands of simulated minutes, with mishaps of every kind."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.backlog import Backlog
from chain_fetch.recording.reports.outcomes import TickOutcomes
from chain_fetch.recording.shifts.shift import Shift
from chain_fetch.recording.ticks.plan import PlannedRequest
from chain_fetch.recording.ticks.shift_hours import CLOCK_SKEW, LONGEST_SHIFT
from chain_fetch.recording.ticks.shift_ticks import ShiftTicks
from optionchain.market import Market
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.rhythm import Rhythm
from tests.support.relay_simulation import Killed, Simulation, Task, Worker
from tests.support.results import OfTheSession, one_source

_EPOCH = datetime(2026, 3, 2, tzinfo=UTC)
_INTERVAL = 5
_MINUTE = 60.0
_EDGE = CLOCK_SKEW.total_seconds() + 0.6  # and a skewed clock's half second
_SYMBOL = "NIFTY"


@dataclass
class Records:
    """What register and ledger hold in memory: the fakes' database."""

    sim: Simulation
    chance: random.Random
    owner: str | None = None
    since: datetime = _EPOCH
    claims: dict[datetime, str] = field(default_factory=dict)
    outcomes: dict[datetime, str] = field(default_factory=dict)
    reads: Counter[datetime] = field(default_factory=Counter)

    def travel(self) -> None:
        """Take the time of a round trip to the database."""
        self.sim.sleep(self.chance.uniform(0.0005, 0.03))


class FakeRegister:
    """ShiftRegister over Records."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def begin_all(self, duties: Mapping[Duty, Sequence[str]], owner: str) -> None:
        self._records.travel()
        self._records.owner, self._records.since = owner, next(iter(duties)).since
        self._records.travel()

    def held_by(self, owner: str, symbols: Sequence[str], until: datetime) -> list[str]:
        self._records.travel()
        own = self._records.owner == owner or self._records.since > until
        held = list(symbols) if own else []
        self._records.travel()
        return held


class FakeLedger:
    """TickLedger over Records."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def claim_all(
        self,
        symbols: Sequence[str],
        tick: datetime,
        owner: str,
        claimed_at: datetime,  # noqa: ARG002
    ) -> list[str]:
        if not symbols:
            return []
        self._records.travel()
        mine = self._records.claims.setdefault(tick, owner) == owner
        self._records.travel()
        return list(symbols) if mine else []

    def record_all(
        self, tick: datetime, entries: Mapping[str, Any], owner: str | None = None
    ) -> None:
        self._records.travel()
        if owner is not None and self._records.claims.get(tick, owner) != owner:
            return
        for entry in entries.values():
            self._records.outcomes.setdefault(tick, entry["outcome"])


class SkewedClock:
    """An environment's clock, a fraction of a second beside the true time."""

    def __init__(self, sim: Simulation, skew: float) -> None:
        self._sim = sim
        self._skew = skew

    def now(self) -> datetime:
        return _EPOCH + timedelta(seconds=self._sim.now + self._skew)

    def monotonic(self) -> float:
        return self._sim.now

    def sleep(self, seconds: float) -> None:
        self._sim.sleep(seconds)


@dataclass
class Invocation:
    """One run of the handler and when it really was alive."""

    start: float
    end: float = 0.0
    crashed: bool = False


class World:
    """Starts invocations as EventBridge does, and lets some of them crash."""

    def __init__(self, seed: int, minutes: int, skew: float = 0.5) -> None:
        self.sim = Simulation()
        self.chance = random.Random(seed)
        self.records = Records(self.sim, self.chance)
        self.invocations: list[Invocation] = []
        self.minutes = minutes
        self.skew = skew

    def run(self, lost: float = 0.0, twice: float = 0.0, crash: float = 0.0) -> None:
        """Simulate every minute; the arguments are the odds of each mishap a start."""
        for minute in range(self.minutes):
            if self.chance.random() < lost:
                continue
            starts = 2 if self.chance.random() < twice else 1
            for _ in range(starts):
                jitter = self.chance.uniform(0, 59)
                self._start(minute * _MINUTE + jitter, dies=self.chance.random() < crash)
        self.sim.run()

    def _start(self, at: float, *, dies: bool) -> None:
        invocation = Invocation(at)
        self.invocations.append(invocation)
        worker = Worker(self.sim)
        shift = self._shift(f"i{len(self.invocations)}", worker)

        def live() -> None:
            try:
                shift.run(datetime.max.replace(tzinfo=UTC))
            except Killed:
                invocation.crashed = True
                raise
            finally:
                invocation.end = self.sim.now

        task = self.sim.spawn(live, at)
        if dies:
            self.sim.spawn(lambda: self._kill(task, worker), at + self.chance.uniform(0, 70))

    def _kill(self, task: Task, worker: Worker) -> None:
        for each in (task, *worker.tasks):
            each.killed = True

    def _shift(self, owner: str, worker: Worker) -> Shift:
        clock = SkewedClock(self.sim, self.chance.uniform(-self.skew, self.skew))
        ledger = cast("TickLedger", FakeLedger(self.records))

        def read(
            symbols: Sequence[str],
            tick: datetime,
            *_time: object,
        ) -> dict[str, list[RequestResult]]:
            self.records.reads[tick] += 1
            slow = self.chance.random() < 0.05
            self.sim.sleep(self.chance.uniform(3, 4.7) if slow else self.chance.uniform(0.1, 1))
            reading = PlannedRequest(_SYMBOL, tick.date(), required=True)
            return {symbol: [RequestResult(reading, outcome="unchanged")] for symbol in symbols}

        return Shift(
            owner=owner,
            ticks=ShiftTicks({_SYMBOL: Rhythm(_INTERVAL)}, Market("always")),
            agenda=OfTheSession(),
            warm_up=lambda: None,
            enabled=lambda: True,
            register=cast("ShiftRegister", FakeRegister(self.records)),
            ledger=ledger,
            outcomes=TickOutcomes(ledger, Backlog(), lambda *_: None, clock.now, owner),
            sources=one_source(read, clock.now),
            clock=clock,
            worker=worker,
        )

    def ticks(self) -> list[datetime]:
        """Return every tick of the simulated time, but for its ends."""
        count = int(self.minutes * _MINUTE / _INTERVAL)
        whole = [_EPOCH + timedelta(seconds=_INTERVAL * number) for number in range(count)]
        return whole[24:-24]

    def on_duty(self, tick: datetime) -> bool:
        """Return whether, by starts and crashes alone, an invocation was surely on duty.

        The newest start is on duty, for two minutes unless it crashes. Within the clocks' skew of
        the tick a newcomer may or may not have been, so one that crashes then leaves it open.
        """
        second = (tick - _EPOCH).total_seconds()
        early, late = second - _EDGE, second + _EDGE
        before = [each for each in self.invocations if each.start <= early]
        newcomers = [each for each in self.invocations if early < each.start <= late]
        newest = max(before, key=lambda each: each.start, default=None)
        return newest is not None and all(_leaves(each) >= late for each in [newest, *newcomers])


def _leaves(invocation: Invocation) -> float:
    longest = invocation.start + LONGEST_SHIFT.total_seconds()
    return min(invocation.end, longest) if invocation.crashed else longest


def _overlap(invocations: Sequence[Invocation]) -> float:
    """Return the share of paid time during which more than one invocation ran."""
    paid = sum(each.end - each.start for each in invocations)
    covered, until = 0.0, 0.0
    for each in sorted(invocations, key=lambda each: each.start):
        covered += max(each.end - max(each.start, until), 0.0)
        until = max(until, each.end)
    return (paid - covered) / paid


@pytest.mark.parametrize("seed", [1, 2])
def test_jitter_alone_misses_and_repeats_no_tick(seed: int) -> None:
    """Any jitter below 60 s: every tick is claimed once, read once, and has one outcome."""
    world = World(seed, minutes=500)
    world.run()
    assert [tick for tick in world.ticks() if tick not in world.records.claims] == []
    assert [tick for tick in world.ticks() if world.records.outcomes.get(tick) is None] == []
    assert max(world.records.reads.values()) == 1


@pytest.mark.parametrize("skew", [3.0, 30.0])
def test_clocks_that_differ_repeat_no_tick_and_lose_few(skew: float) -> None:
    """A successor whose clock is ahead begins later on the grid: until then its predecessor stays.

    One whose clock is behind finds the ticks before claimed. With 30 s between two clocks and
    starts up to two minutes apart, some ticks are in nobody's two minutes. Those have no claim.
    """
    world = World(seed=7, minutes=300, skew=skew)
    world.run()
    records = world.records
    missed = [tick for tick in world.ticks() if tick not in records.claims]
    assert len(missed) <= (0 if skew < 30 else 40)  # of 3,552
    assert [tick for tick in records.claims if tick not in records.outcomes] == []
    assert max(records.reads.values()) == 1


def test_paid_overlap_stays_below_three_percent() -> None:
    world = World(seed=3, minutes=500)
    world.run()
    assert _overlap(world.invocations) < 0.03


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_every_mishap_costs_only_the_ticks_it_takes_down(seed: int) -> None:
    """Duplicates, lost starts, crashes: a tick is missing only if no invocation was running."""
    world = World(seed, minutes=700)
    world.run(lost=0.05, twice=0.1, crash=0.05)
    records = world.records
    missed = [tick for tick in world.ticks() if tick not in records.claims]
    assert [tick for tick in missed if world.on_duty(tick)] == []
    assert max(records.reads.values()) == 1
    crashes = [each.end for each in world.invocations if each.crashed]
    open_ticks = [tick for tick in records.claims if tick not in records.outcomes]
    assert open_ticks
    for tick in open_ticks:
        second = (tick - _EPOCH).total_seconds()
        assert any(-1 <= end - second <= 2 * _INTERVAL for end in crashes)
