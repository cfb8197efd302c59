"""The execution environments of the monkey's world: the real handler, killed and disturbed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from pymongo.errors import (
    AutoReconnect,
    NetworkTimeout,
    NotPrimaryError,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from chain_fetch.dependencies import Dependencies, over
from chain_fetch.handler import lambda_handler
from local.run.simulated_time import InlineExecutor
from optionchain.settings import Settings
from tests.support.mongomock_database import AnyDatabase
from tests.support.monkey.database import DisturbedDatabase
from tests.support.monkey.exchange import LyingExchange
from tests.support.recorder import Context
from tests.support.relay_simulation import Killed, Simulation, Worker

# Lambda ends an invocation after 150 s; `Context` adds what the handler keeps for its end.
_INVOCATION_SECONDS = 140.0
_TIME_OUT_SECONDS = 2.4
# What the driver reports when an operation was not done, and when nobody knows whether it was.
_NOT_DONE: tuple[PyMongoError, ...] = (NotPrimaryError("step down"), AutoReconnect("gone"))
_UNKNOWN: tuple[PyMongoError, ...] = (
    NetworkTimeout("no answer"),
    AutoReconnect("gone"),
    WriteConcernError("waiting for replication timed out", 64),
)


@dataclass
class Time:
    """The true time of the world."""

    sim: Simulation
    epoch: datetime

    def now(self) -> datetime:
        """Return the true time, UTC."""
        return self.epoch + timedelta(seconds=self.sim.now)

    def until(self, instant: datetime) -> None:
        """Let everything run until an instant."""
        self.sim.run((instant - self.epoch).total_seconds())


@dataclass
class Trouble:
    """What goes wrong with the database of all environments."""

    chance: Random
    away_until: datetime | None = None
    # Each operation fails with this probability, before it is done or after it.
    share: float = 0.0

    def away(self, now: datetime) -> bool:
        """Tell whether the database does not answer."""
        return self.away_until is not None and now < self.away_until

    def before(self) -> None:
        """Fail an operation that is not done."""
        if self.share and self.chance.random() < self.share / 2:
            raise self.chance.choice(_NOT_DONE)

    def after(self) -> None:
        """Report the failure of an operation that was done."""
        if self.share and self.chance.random() < self.share / 2:
            raise self.chance.choice(_UNKNOWN)


@dataclass
class Environment:
    """One execution environment; its clock may be wrong, and it may be killed at any operation."""

    time: Time
    trouble: Trouble
    skew: timedelta
    busy: bool = False
    dead: bool = False
    operations_left: int | None = None
    deps: Dependencies = field(init=False)

    def build(self, database: AnyDatabase, exchange: LyingExchange, settings: Settings) -> None:
        """Put the real recorder together."""
        disturbed = DisturbedDatabase(database, self._before, self._after)
        deps = over(disturbed, InlineExecutor(), settings, self, exchange.line(self.now))
        self.deps = replace(deps, worker=lambda: Worker(self.time.sim), last_session=None)

    def run(self, request_id: str) -> None:
        """Run one invocation to its end, well or by a kill."""
        self.busy = True
        try:
            lambda_handler({}, Context(request_id, _INVOCATION_SECONDS), self.deps)
        except Killed:
            self.dead = True
        finally:
            self.busy = False

    def now(self) -> datetime:
        """Return the time by this environment's own clock."""
        self._live()
        return self.time.now() + self.skew

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        return self.time.sim.now

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._live()
        self.time.sim.sleep(seconds)
        self._live()

    def _live(self) -> None:
        if self.dead:
            raise Killed

    def _before(self, _: str) -> None:
        if self.operations_left is not None:
            self.operations_left -= 1
            self.dead = self.dead or self.operations_left < 0
        self._live()
        if self.trouble.away(self.time.now()):
            if self.time.sim.in_task:
                self.sleep(_TIME_OUT_SECONDS)
            raise ServerSelectionTimeoutError("nobody answers")
        self.trouble.before()

    def _after(self, _: str) -> None:
        self._live()
        self.trouble.after()


type Build = Callable[[timedelta], Environment]
