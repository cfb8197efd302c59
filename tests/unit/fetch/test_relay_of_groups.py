"""Groups and tiers over many simulated minutes: each tick exactly once, whatever changes."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chain_api.calculations.duty_hours import DutyHours
from chain_api.calculations.tick_gaps import DayOfTicks, gaps_answer
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.backlog import Backlog
from chain_fetch.recording.reports.outcomes import TickOutcomes
from chain_fetch.recording.shifts.shift import Shift
from chain_fetch.recording.ticks.plan import PlannedRequest
from chain_fetch.recording.ticks.shift_ticks import ShiftTicks
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.rhythm import Rhythm
from optionchain.settings import Settings
from optionchain.symbol_plan import make_plan
from optionchain.symbol_selection import Tier
from tests.support.mongomock_database import RETENTION_DAYS, memory_database, uses_mongomock
from tests.support.relay_simulation import Simulation, Task, Worker
from tests.support.results import OfTheSession, one_source
from tests.unit.fetch.test_relay import SkewedClock

pytestmark = uses_mongomock
EPOCH = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = tuple(f"S{number}" for number in range(9))
OFTEN, SELDOM = (5, 15, 60), (60, 15, 5)


def tiers(intervals: Sequence[int]) -> tuple[Tier, ...]:
    return tuple(Tier(name, intervals[at % 3]) for at, name in enumerate(NAMES))


class SlowRegister(ShiftRegister):
    """A register that answers after a round trip of random length."""

    def __init__(self, world: "World") -> None:
        super().__init__(world.database)
        self.world = world

    def begin_all(self, duties: Mapping[Duty, Sequence[str]], owner: str) -> None:
        self.world.travel()
        super().begin_all(duties, owner)
        self.world.travel()

    def held_by(
        self, owner: str, symbols: Sequence[str], until: datetime | None = None
    ) -> list[str]:
        self.world.travel()
        return super().held_by(owner, symbols, until)


@dataclass
class World:
    """Starts the invocations of all groups, each minute with a jitter; some crash or come twice."""

    chance: random.Random
    sim: Simulation = field(default_factory=Simulation)
    database: Any = field(default_factory=memory_database)
    reads: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    invocations: int = 0

    def deploy(
        self, minutes: range, intervals: Sequence[int], groups: int, mishaps: float = 0.0
    ) -> None:
        """Schedule some minutes with these settings."""
        settings = Settings(nse_symbols=NAMES, nse_tiers=tiers(intervals))
        plan = make_plan(settings)
        for minute in minutes:
            for group in range(1, groups + 1):
                rhythms = {name: plan.rhythm_of(name) for name in plan.share(group, groups)}
                for _ in range(1 + (self.chance.random() < mishaps)):
                    at = minute * 60 + self.chance.uniform(0, 59)
                    self._start(rhythms, at, dies=self.chance.random() < mishaps)

    def travel(self) -> None:
        if self.sim.in_task:
            self.sim.sleep(self.chance.uniform(0.0005, 0.03))

    def _start(self, rhythms: Mapping[str, Rhythm], at: float, *, dies: bool) -> None:
        worker = Worker(self.sim)
        self.invocations += 1
        shift = self._shift(rhythms, f"i{self.invocations}", worker)
        leave_by = datetime.max.replace(tzinfo=UTC)
        task = self.sim.spawn(lambda: _live(shift, leave_by), at)
        if dies:
            self.sim.spawn(lambda: _kill(task, worker), at + self.chance.uniform(0, 70))

    def _shift(self, rhythms: Mapping[str, Rhythm], owner: str, worker: Worker) -> Shift:
        clock = SkewedClock(self.sim, self.chance.uniform(-0.5, 0.5))
        ledger = TickLedger(self.database)

        def read(symbols: Sequence[str], tick: datetime, *_: object) -> Any:  # noqa: ANN401
            self.reads.update((symbol, tick) for symbol in symbols)
            self.sim.sleep(self.chance.uniform(0.1, 1))
            reading = PlannedRequest("", tick.date(), required=True)
            return {symbol: [RequestResult(reading, outcome="unchanged")] for symbol in symbols}

        return Shift(
            owner=owner,
            ticks=ShiftTicks(rhythms, Market("always")),
            agenda=OfTheSession(),
            warm_up=lambda: None,
            enabled=lambda: True,
            register=SlowRegister(self),
            ledger=ledger,
            outcomes=TickOutcomes(ledger, Backlog(), lambda *_: None, clock.now, owner),
            sources=one_source(read, clock.now),
            clock=clock,
            worker=worker,
        )

    def gaps(self, symbol: str, until: datetime) -> Any:  # noqa: ANN401
        """Return what /gaps says of a symbol, and how many ticks its ledger has."""
        day = exchange_date(EPOCH)
        register, ledger = ShiftRegister(self.database), TickLedger(self.database)
        duties = register.duties(symbol, EPOCH, until)
        rows = ledger.between(symbol, EPOCH, until)
        duty = DutyHours(duties, [], duties[0].since, Rhythm(5))
        return gaps_answer(DayOfTicks(symbol, day, Market("always"), duty, rows), until)


def _live(shift: Shift, leave_by: datetime) -> None:
    shift.run(leave_by)


def _kill(task: Task, worker: Worker) -> None:
    for each in (task, *worker.tasks):
        each.killed = True


def world(seed: int) -> World:
    found = World(random.Random(seed))
    Indexes(found.database, RETENTION_DAYS).ensure()
    return found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((OFTEN, 3), (OFTEN, 3)),
        ((OFTEN, 2), (OFTEN, 4)),  # more groups in the middle of a session
        ((OFTEN, 4), (OFTEN, 1)),
        ((OFTEN, 2), (SELDOM, 2)),  # other tiers
        ((SELDOM, 1), (OFTEN, 3)),
    ],
)
def test_whatever_is_deployed_each_tick_is_read_once_and_gaps_has_none(
    before: tuple[Sequence[int], int], after: tuple[Sequence[int], int]
) -> None:
    here = world(seed=sum(before[0]) * before[1] + after[1])
    here.deploy(range(6), *before)
    here.deploy(range(6, 12), *after)
    here.sim.run(until=12 * 60.0)
    until = EPOCH + timedelta(minutes=11, seconds=50)
    assert set(here.reads.values()) == {1}
    for symbol in NAMES:
        found = here.gaps(symbol, until)
        ticks = [tick for name, tick in here.reads if name == symbol and tick < until]
        assert found["gaps"] == []
        assert found["expected_ticks"] == found["ticks"]["unchanged"] == len(ticks)
        intervals = [each["interval_seconds"] for each in found["intervals"]]
        at = NAMES.index(symbol) % 3
        wanted = [before[0][at], after[0][at]]
        assert intervals == wanted[: 1 + (wanted[0] != wanted[1])]


@pytest.mark.parametrize("seed", [1, 2])
def test_mishaps_of_one_group_cost_no_other_group_a_tick(seed: int) -> None:
    """Crashes and events that come twice: no tick is read twice, and each gap is told."""
    here = world(seed)
    here.deploy(range(12), OFTEN, 3, mishaps=0.15)
    here.sim.run(until=12 * 60.0)
    until = EPOCH + timedelta(minutes=11, seconds=50)
    assert set(here.reads.values()) == {1}
    for symbol in NAMES:
        found = here.gaps(symbol, until)
        assert found["expected_ticks"] == sum(found["ticks"].values())
        told = sum(gap["ticks"] for gap in found["gaps"])
        assert told == found["expected_ticks"] - found["ticks"]["unchanged"]
        read = sum(name == symbol and tick < until for name, tick in here.reads)
        assert found["ticks"]["unchanged"] + found["ticks"]["open"] >= read
